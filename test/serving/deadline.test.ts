import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApiReply } from '../../src/core/api/reply.ts';
import { withDeadline } from '../../src/serving/deadline.ts';
import { answered } from '../../src/serving/drive.ts';
import { standingTime } from '../support/standing-time.ts';

/** Ends with why, and when, it was told to end. */
function untilAborted(signal: AbortSignal, nowMs: () => number): Promise<string> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(`${String(signal.reason)} at ${nowMs()}`));
  });
}

describe('what has a deadline', () => {
  it('is told to end then', async () => {
    const { clock, until, nowMs } = standingTime();
    const running = withDeadline(5000, clock, undefined, (signal) => untilAborted(signal, nowMs));
    await until(9000);
    assert.equal(await running, 'DeadlinePassed at 5000');
  });
  it('has as much time more as does not count, and then no more', async () => {
    const { clock, until, at, nowMs } = standingTime();
    let excusedMs = 0;
    at(4000, () => (excusedMs = 2000));
    at(6500, () => (excusedMs = 2500));
    const limit = { limitMs: 5000, excusedMs: () => excusedMs };
    const running = withDeadline(limit, clock, undefined, (signal) => untilAborted(signal, nowMs));
    await until(20_000);
    assert.equal(await running, 'DeadlinePassed at 7500');
  });
  it('is told to end before that by a signal', async () => {
    const { clock, until, at, nowMs } = standingTime();
    const stop = new AbortController();
    at(3000, () => stop.abort('SIGTERM'));
    const running = withDeadline(5000, clock, stop.signal, (signal) => untilAborted(signal, nowMs));
    await until(9000);
    assert.equal(await running, 'SIGTERM at 3000');
  });
  it('does not wait for it where it is done, nor where it fails', async () => {
    const { clock } = standingTime();
    assert.equal(await withDeadline(5000, clock, undefined, () => Promise.resolve('done')), 'done');
    await assert.rejects(
      withDeadline(5000, clock, undefined, () => Promise.reject(new Error('a bug'))),
      /a bug/,
    );
  });
});

describe('a request that is made until it is answered for good', () => {
  const busy: ApiReply = { kind: 'answer', status: 503, body: '', retryAfterMs: 4000 };
  const well: ApiReply = { kind: 'answer', status: 200, body: {} };
  const stage = (...replies: ApiReply[]) => {
    const time = standingTime();
    const asked: number[] = [];
    const stop = new AbortController();
    const request = () => {
      asked.push(time.nowMs());
      return Promise.resolve(replies.shift() ?? well);
    };
    return { ...time, asked, stop, running: answered(request, { ...time, random: () => 0 }, stop.signal) };
  };
  it('waits as long as it should in between', async () => {
    const { until, asked, running } = stage(busy, busy);
    await until(10_000);
    assert.equal(await running, well);
    assert.deepEqual(asked, [0, 4000, 8000]);
  });
  it('is not waited for once it is to end: the last answer counts', async () => {
    const { until, asked, running, stop, at } = stage(busy, busy);
    at(5000, () => stop.abort('SIGTERM'));
    await until(10_000);
    assert.equal(await running, busy);
    assert.deepEqual(asked, [0, 4000]);
  });
});

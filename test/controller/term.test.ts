import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { askFenced } from '../../src/controller/requests.ts';
import { aloneForEver, beginTerm, within } from '../../src/controller/term.ts';
import { usualLeaseTimings } from '../../src/core/controller/lease.ts';
import type { ControllerCluster } from '../../src/ports.ts';
import { standingTime } from '../support/standing-time.ts';

/** A term that began at 0. */
function stage() {
  const { clock, until } = standingTime();
  const told: string[] = [];
  const term = beginTerm(0, usualLeaseTimings, clock, (_, message) => void told.push(message), 'me');
  const state = () => ({ isOpen: term.isOpen(), isOver: term.over.aborted, isFenced: term.fence.aborted });
  return { term, told, until, state };
}

const open = { isOpen: true, isOver: false, isFenced: false };
const over = { isOpen: false, isOver: true, isFenced: false };

describe('the time for which a replica leads', () => {
  it('ends by itself ten seconds after the last renewal was sent, whatever the renewals do', async () => {
    const { told, until, state } = stage();
    await until(9999);
    assert.deepEqual(state(), open);
    await until(10_000);
    assert.deepEqual(state(), over);
    assert.deepEqual(told, ['Leading', 'No longer leading']);
  });
  it('is over for whoever wants to begin something, though nothing has woken up yet to end it', () => {
    const now = { ms: 0 };
    const clock = { nowMs: () => now.ms, steadyMs: () => now.ms, sleep: () => new Promise<void>(() => {}) };
    const term = beginTerm(0, usualLeaseTimings, clock, () => {}, 'me');
    now.ms = 9999;
    assert.equal(term.isOpen(), true);
    now.ms = 10_000;
    assert.deepEqual([term.isOpen(), term.over.aborted], [false, false]);
  });
  it('goes on with each renewal', async () => {
    const { term, until, state } = stage();
    await until(8000);
    term.sentMs = 8000;
    await until(17_999);
    assert.deepEqual(state(), open);
    await until(18_000);
    assert.deepEqual(state(), over);
  });
  it('has what is under way given up half a second before another may lead, and not before', async () => {
    const { until, state } = stage();
    await until(14_499);
    assert.deepEqual(state(), over);
    await until(14_500);
    assert.deepEqual(state(), { ...over, isFenced: true });
  });
  it('has nothing given up where the Lease was given back in good order', async () => {
    const { term, until, state } = stage();
    term.end();
    term.left.abort('Left');
    await until(5000);
    assert.equal(state().isOver, true);
  });
  it('ends with the process: nothing is begun after the stop, and what is under way has its grace', () => {
    const [stop, abandon] = [new AbortController(), new AbortController()];
    const term = within(aloneForEver(), stop.signal, abandon.signal);
    assert.deepEqual([term.isOpen(), term.over.aborted, term.fence.aborted], [true, false, false]);
    stop.abort('SIGTERM');
    assert.deepEqual([term.isOpen(), term.over.aborted, term.fence.aborted], [true, true, false]);
    abandon.abort('GraceOver');
    assert.deepEqual([term.isOpen(), term.over.aborted, term.fence.aborted], [false, true, true]);
  });
});

describe('a request of a replica', () => {
  const cluster = { createEvent: () => Promise.resolve({ kind: 'answer', status: 201, body: {} }) };
  const ask = (term: Parameters<typeof askFenced>[1]) =>
    askFenced(
      { kind: 'event', namespace: 'n', body: '' as never },
      term,
      'l=v',
      cluster as unknown as ControllerCluster,
    );
  it('is made while it leads', async () => assert.equal((await ask(aloneForEver())).kind, 'answer'));
  it('is not made where it does not, or does not any more', async () => {
    const { term } = stage();
    term.end();
    for (const each of [undefined, term]) {
      const reply = await ask(each);
      assert.equal(reply.kind === 'broken' && reply.cause, 'Aborted');
    }
  });
});

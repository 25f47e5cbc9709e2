import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { elect } from '../../src/controller/leader.ts';
import type { Term } from '../../src/controller/term.ts';
import type { ApiReply } from '../../src/core/api/reply.ts';
import { createHorizon } from '../../src/core/controller/horizon.ts';
import { heldLease, leaseOf, usualLeaseTimings } from '../../src/core/controller/lease.ts';
import type { ControllerCluster, WatchEnd } from '../../src/ports.ts';
import { createPulse } from '../../src/serving/pulse.ts';
import { standingTime } from '../support/standing-time.ts';

const place = { namespace: 'n', name: 'l' };
const away: ApiReply = { kind: 'broken', cause: 'Unreachable', message: 'refused' };
const forbidden: ApiReply = { kind: 'answer', status: 403, body: { message: 'cannot watch' } };

type Lease = { metadata: { resourceVersion: string }; spec: { holderIdentity: string } };

/** One candidate, `me`, and a server with one Lease. */
function stage({ canWatch = true, chance = 0 } = {}) {
  const time = standingTime();
  const { clock, nowMs } = time;
  const server: {
    lease: Lease | undefined;
    revision: number;
    isAway: boolean;
    show: (lease: Lease) => void;
    lateMs: number;
  } = {
    lease: undefined,
    revision: 10,
    isAway: false,
    show: () => {},
    lateMs: 0,
  };
  const story: string[] = [];
  const told: string[] = [];
  const note = (what: string) => void story.push(`${what} at ${Math.round(nowMs() / 100) / 10}`);
  const answered = async (status: number, body: unknown): Promise<ApiReply> => {
    if (server.lateMs > 0) await clock.sleep(server.lateMs);
    return server.isAway ? away : { kind: 'answer', status, body };
  };
  const put = (body: string): Lease => {
    server.revision += 1;
    const lease = JSON.parse(body) as Lease;
    lease.metadata.resourceVersion = String(server.revision);
    server.lease = lease;
    server.show(lease);
    return lease;
  };
  const cluster: Partial<ControllerCluster> = {
    readLease() {
      note('reads');
      return server.lease === undefined ? answered(404, {}) : answered(200, server.lease);
    },
    createLease(_, body) {
      note('creates');
      if (server.isAway) return Promise.resolve(away);
      return server.lease === undefined ? answered(201, put(body)) : answered(409, {});
    },
    updateLease(_, body) {
      const { metadata, spec } = JSON.parse(body) as Lease;
      note(spec.holderIdentity === '' ? 'gives back' : 'writes');
      if (server.isAway) return Promise.resolve(away);
      if (server.lease === undefined) return answered(404, {});
      return metadata.resourceVersion === server.lease.metadata.resourceVersion
        ? answered(200, put(body))
        : answered(409, {});
    },
    watchLease(_, __, { event }, signal) {
      note('watches');
      if (!canWatch) return Promise.resolve(forbidden);
      server.show = (lease) => event({ type: 'MODIFIED', object: lease });
      if (server.lease !== undefined) event({ type: 'ADDED', object: server.lease });
      return new Promise<WatchEnd>((resolve) => {
        signal.addEventListener('abort', () => resolve({ kind: 'ended', why: 'aborted' }));
      });
    },
  };
  const terms: Term[] = [];
  const stop = new AbortController();
  const begin = () =>
    elect(
      { place, identity: 'me', timings: usualLeaseTimings, note: '{"ECR_PRUNE":"true"}' },
      {
        cluster: cluster as ControllerCluster, // all that an election asks for
        clock,
        random: () => chance,
        log: (level, message) => void told.push(`${level}: ${message}`),
        horizon: createHorizon(),
        trouble: { met: ({ code }) => note(code), over: () => {}, lastsMs: () => undefined, failure: () => undefined },
        pulse: createPulse(),
      },
      (term) => {
        note('leads');
        terms.push(term);
      },
      stop.signal,
    );
  /** Another writes it, over whatever is there. */
  const byOther = (holder = 'other', settings = '') => {
    const reply = server.lease === undefined ? undefined : leaseOf({ kind: 'answer', status: 200, body: server.lease });
    put(heldLease(place, holder, reply?.ok === true ? reply.record : undefined, 15_000, 0, settings));
  };
  return { ...time, server, story, told, terms, stop, begin, byOther };
}

describe('one that takes part in the election', () => {
  it('makes the Lease where there is none, leads, and keeps it without a look', async () => {
    const { begin, until, story, terms } = stage();
    void begin();
    await until(5000);
    assert.deepEqual(story, ['reads at 0', 'creates at 0', 'leads at 0', 'writes at 2', 'writes at 4']);
    assert.equal(terms[0]?.isOpen(), true);
  });
  it('gives it back at the end', async () => {
    const { begin, until, story, terms, stop, server, at } = stage();
    const running = begin();
    at(3000, () => stop.abort('SIGTERM'));
    await until(4000);
    await running;
    assert.equal(story.at(-1), 'gives back at 3');
    assert.deepEqual([terms[0]?.isOpen(), server.lease?.spec.holderIdentity], [false, '']);
  });
  it('stands by while another holds it, which is watched and not looked at, and takes it when it has run out', async () => {
    const { begin, until, story, byOther } = stage();
    byOther();
    void begin();
    await until(16_000);
    assert.deepEqual(story, ['reads at 0', 'watches at 0', 'writes at 15', 'leads at 15']);
  });
  it('says where it stands by and whoever leads has other settings, for longer than a rollout takes', async () => {
    const { begin, until, byOther, told, at } = stage();
    byOther('other', '{"ECR_PRUNE":"false"}');
    for (let seconds = 0; seconds < 900; seconds += 10)
      at(seconds * 1000, () => byOther('other', '{"ECR_PRUNE":"false"}'));
    void begin();
    await until(590_000);
    assert.deepEqual(told, []);
    await until(900_000);
    assert.deepEqual(told, ['warn: Replicas have different settings']);
  });
  it('has others see its own settings', async () => {
    const { begin, until, server } = stage();
    void begin();
    await until(5000);
    assert.match(JSON.stringify(server.lease), /"ecr-cred-helper\/settings":"\{\\"ECR_PRUNE/);
  });
  it('waits as long again with each renewal that it sees', async () => {
    const { begin, until, story, byOther, at } = stage();
    byOther();
    void begin();
    at(10_000, () => byOther());
    await until(24_999);
    assert.deepEqual(story, ['reads at 0', 'watches at 0']);
    await until(25_001);
    assert.equal(story.at(-1), 'leads at 25');
  });
  it('takes it at once where its holder gives it back', async () => {
    const { begin, until, story, byOther, at } = stage();
    byOther();
    void begin();
    at(4000, () => byOther(''));
    await until(5000);
    assert.deepEqual(story.slice(2), ['writes at 4', 'leads at 4']);
  });
  it('looks at it now and then where it may not be watched, and does not ask for that in a loop', async () => {
    const { begin, until, story, byOther } = stage({ canWatch: false });
    byOther();
    void begin();
    await until(10_500);
    assert.equal(story.filter((line) => line.startsWith('reads')).length, 6, story.join());
    await until(16_500);
    assert.equal(story.at(-1), 'leads at 16');
  });
  it('does not ask to watch it before its time where that was refused a moment ago', async () => {
    const { begin, until, story, byOther, at } = stage({ canWatch: false, chance: 0.9 });
    byOther();
    void begin();
    for (let time = 1; time < 40; time += 1) at(time * 5000, () => byOther());
    await until(200_000);
    const asked = story.filter((line) => line.startsWith('watches')).length;
    assert.ok(asked >= 15 && asked <= 40, `${asked} times`);
  });
  it('is over at once where another has written it, and gives up what is under way', async () => {
    const { begin, until, story, terms, byOther, at } = stage();
    void begin();
    at(3000, () => byOther());
    await until(4500);
    assert.deepEqual(story.slice(3), ['writes at 2', 'writes at 4', 'reads at 4', 'watches at 4']);
    const [term] = terms;
    assert.deepEqual([term?.isOpen(), term?.over.aborted, term?.fence.aborted], [false, true, true]);
  });
  it('leads on through an outage until its term is over, says what keeps it, and takes it up again', async () => {
    const { begin, until, story, terms, server, at } = stage();
    void begin();
    at(3000, () => (server.isAway = true));
    await until(11_999);
    assert.equal(terms[0]?.isOpen(), true);
    await until(12_001);
    assert.equal(terms[0]?.isOpen(), false, 'ten seconds after it was last renewed');
    assert.ok(story.includes('LeaseFailed at 4'));
    at(13_000, () => (server.isAway = false));
    await until(16_500);
    assert.equal(terms[1]?.isOpen(), true);
  });
  it('counts its term from before the renewal was sent', async () => {
    const { begin, until, story, terms, server, at } = stage();
    void begin();
    at(1000, () => (server.lateMs = 1500));
    at(3600, () => (server.isAway = true));
    await until(11_999);
    assert.equal(terms[0]?.isOpen(), true);
    await until(12_001);
    assert.equal(terms[0]?.isOpen(), false, `it was sent at 2, and answered at 3.5: ${story.join()}`);
  });
  it('leaves a Lease that somebody deleted to its holder, for as long as it would have lasted', async () => {
    const { begin, until, story, byOther, server, at } = stage({ canWatch: false });
    byOther();
    void begin();
    at(5000, () => (server.lease = undefined));
    await until(14_900);
    assert.equal(story.filter((line) => line.startsWith('creates')).length, 0, story.join());
    await until(17_000);
    assert.equal(story.at(-1), 'leads at 16');
  });
  it('believes nothing of the holder that it saw before an outage: its data may be from a backup', async () => {
    const { begin, until, story, byOther, server, at } = stage({ canWatch: false });
    byOther();
    void begin();
    at(7000, () => (server.isAway = true));
    at(13_000, () => (server.isAway = false));
    await until(26_900);
    assert.equal(story.filter((line) => line.startsWith('leads')).length, 0, story.slice(-4).join());
    await until(30_000);
    assert.match(story.find((line) => line.startsWith('leads')) ?? '', / at 2[78]/);
  });
});

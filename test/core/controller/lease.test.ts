import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  attemptMs,
  heldLease,
  judgeLease,
  leaseIn,
  leaseOf,
  leaseRetryMs,
  observe,
  observedAnew,
  observedAway,
  releasedLease,
  runsOutAtMs,
  usualLeaseTimings,
  type LeaseRecord,
  type LeaseStep,
  type Observed,
} from '../../../src/core/controller/lease.ts';

const me = { identity: 'me', timings: usualLeaseTimings };

function record(holder: string, resourceVersion: string, durationMs = 15_000): LeaseRecord {
  return { holder, durationMs, acquireTime: '', renewTime: '', transitions: 0, resourceVersion };
}

/** What these records, each seen at a time, come to. */
function seen(...records: [LeaseRecord, atMs: number][]): Observed {
  let observed: Observed | undefined;
  for (const [each, atMs] of records) observed = observe(observed, each, atMs);
  assert.ok(observed !== undefined);
  return observed;
}

type Row = { records: [LeaseRecord, atMs: number][]; nowMs: number; step: LeaseStep[0]; why: LeaseStep[1] };

const released = record('', '20', 1000);

const rows: Record<string, Row> = {
  'ours: kept': { records: [[record('me', '20'), 0]], nowMs: 1, step: 'update', why: 'LeaseOurs' },
  'ours, though long ago: taken up again at once': {
    records: [[record('me', '20'), 0]],
    nowMs: 60_000,
    step: 'update',
    why: 'LeaseOurs',
  },
  'given back: taken at once': { records: [[released, 0]], nowMs: 1, step: 'update', why: 'LeaseReleased' },
  "another's: waited for": { records: [[record('other', '20'), 0]], nowMs: 14_999, step: 'wait', why: 'LeaseHeld' },
  "another's that has not changed for as long as it lasts: taken": {
    records: [[record('other', '20'), 0]],
    nowMs: 15_000,
    step: 'update',
    why: 'LeaseExpired',
  },
  'the same seen again is no change': {
    records: [
      [record('other', '20'), 0],
      [record('other', '20'), 14_000],
    ],
    nowMs: 15_000,
    step: 'update',
    why: 'LeaseExpired',
  },
  'renewed: waited for anew': {
    records: [
      [record('other', '20'), 0],
      [record('other', '21'), 14_000],
    ],
    nowMs: 28_000,
    step: 'wait',
    why: 'LeaseHeld',
  },
  "back from a backup with our name, after another's: the other one may lead still": {
    records: [
      [record('other', '120'), 0],
      [record('me', '99'), 1000],
    ],
    nowMs: 15_999,
    step: 'wait',
    why: 'LeaseHeld',
  },
  'the same when any lease would have run out: taken': {
    records: [
      [record('other', '120'), 0],
      [record('me', '99'), 1000],
    ],
    nowMs: 16_000,
    step: 'update',
    why: 'LeaseExpired',
  },
  "back as nobody's, after another's: waited for as long": {
    records: [
      [record('other', '120'), 0],
      [released, 1000],
    ],
    nowMs: 15_999,
    step: 'wait',
    why: 'LeaseHeld',
  },
  'back after ours: any other would write it within its next attempt': {
    records: [
      [record('me', '120'), 0],
      [record('other', '99'), 1000],
    ],
    nowMs: 5999,
    step: 'wait',
    why: 'LeaseHeld',
  },
  'the same after that: taken': {
    records: [
      [record('me', '120'), 0],
      [record('other', '99'), 1000],
    ],
    nowMs: 6000,
    step: 'update',
    why: 'LeaseExpired',
  },
  'back twice: who held it before the first time counts': {
    records: [
      [record('other', '120'), 0],
      [record('me', '99'), 1000],
      [record('me', '50'), 2000],
    ],
    nowMs: 16_999,
    step: 'wait',
    why: 'LeaseHeld',
  },
  'back, and written anew by whoever leads: an ordinary one again': {
    records: [
      [record('other', '120'), 0],
      [record('me', '99'), 1000],
      [record('other', '101'), 2000],
    ],
    nowMs: 17_000,
    step: 'update',
    why: 'LeaseExpired',
  },
};

describe('whether a Lease may be taken', () => {
  for (const [title, { records, nowMs, step, why }] of Object.entries(rows)) {
    it(title, () => assert.deepEqual(judgeLease(seen(...records), me, nowMs).slice(0, 2), [step, why]));
  }

  describe('seen before data were restored from a backup', () => {
    const restoredAtMs = 100_000;
    const whose: Record<string, LeaseRecord> = { 'run out': record('other', '20'), ours: record('me', '20'), released };
    for (const [what, each] of Object.entries(whose)) {
      it(`may be so long after that is known as any lease lasts, though ${what}: another may have taken it since`, () => {
        const observed = observedAnew(seen([each, 0]), restoredAtMs);
        assert.ok(observed !== undefined);
        assert.equal(judgeLease(observed, me, restoredAtMs + 14_999)[0], 'wait');
        assert.equal(judgeLease(observed, me, restoredAtMs + 15_000)[0], 'update');
      });
    }

    it('is what it is where it was seen after that, or never', () => {
      const observed = seen([released, restoredAtMs]);
      assert.equal(observedAnew(observed, restoredAtMs), observed);
      assert.equal(observedAnew(undefined, restoredAtMs), undefined);
    });
  });

  describe('seen before the server was away', () => {
    const awayMs = 14_000;

    it('may be so long after that as it lasts: its holder may have renewed it in data that a restore took back', () => {
      const observed = observedAway(seen([record('other', '20'), 0]), me.identity, awayMs);
      assert.ok(observed !== undefined);
      assert.equal(judgeLease(observed, me, awayMs + 14_999)[0], 'wait');
      assert.equal(judgeLease(observed, me, awayMs + 15_000)[0], 'update');
    });

    it('may be at once where it was given back, or is ours', () => {
      for (const each of [released, record('me', '20')]) {
        const observed = seen([each, 0]);
        assert.equal(observedAway(observed, me.identity, awayMs), observed);
      }
      assert.equal(observedAway(undefined, me.identity, awayMs), undefined);
    });
  });

  it('may be once it has run out by the clock by which it was seen', () => {
    assert.equal(runsOutAtMs(seen([record('other', '20', 7000), 500]), me), 7500);
  });
});

describe('an event of a watch of the Lease', () => {
  const object = { metadata: { resourceVersion: '7' }, spec: { holderIdentity: 'other', leaseDurationSeconds: 15 } };
  it('shows how it stands', () => {
    for (const type of ['ADDED', 'MODIFIED']) assert.equal(leaseIn({ type, object })?.holder, 'other');
  });
  it('shows nothing where it is a bookmark, a deletion, an error or no event', () => {
    for (const type of ['BOOKMARK', 'DELETED', 'ERROR', undefined]) assert.equal(leaseIn({ type, object }), undefined);
    for (const event of [null, 'x', { type: 'ADDED' }]) assert.equal(leaseIn(event), undefined);
  });
});

describe('the Lease that is written', () => {
  const place = { namespace: 'n', name: 'l' };
  const before: LeaseRecord = { ...record('me', '20'), acquireTime: 'then', transitions: 3 };
  type Written = { metadata: Record<string, unknown>; spec: Record<string, unknown> };
  const held = (last?: LeaseRecord) => JSON.parse(heldLease(place, 'me', last, 15_000, 1500)) as Written;
  const now = '1970-01-01T00:00:01.500000Z';

  it('is made where there is none, without a condition', () => {
    const { metadata, spec } = held();
    assert.deepEqual(metadata, { namespace: 'n', name: 'l' });
    assert.deepEqual(spec, {
      holderIdentity: 'me',
      leaseDurationSeconds: 15,
      acquireTime: now,
      renewTime: now,
      leaseTransitions: 0,
    });
  });
  it('is kept on the condition that it is still the one that was read, since when it is ours', () => {
    const { metadata, spec } = held(before);
    assert.equal(metadata['resourceVersion'], '20');
    assert.deepEqual([spec['acquireTime'], spec['renewTime'], spec['leaseTransitions']], ['then', now, 3]);
  });
  it('is taken from another on the same condition, which is counted', () => {
    const { metadata, spec } = held({ ...before, holder: 'other' });
    assert.equal(metadata['resourceVersion'], '20');
    assert.deepEqual([spec['acquireTime'], spec['renewTime'], spec['leaseTransitions']], [now, now, 4]);
  });
  it('has the settings of its holder, which others read', () => {
    const body = JSON.parse(heldLease(place, 'me', before, 15_000, 1500, '{"a":"b"}')) as Written;
    const read = leaseOf({ kind: 'answer', status: 200, body });
    assert.equal(read.ok && read.record.settings, '{"a":"b"}');
    assert.equal('annotations' in held(before).metadata, false);
  });
  it("is given back on the same condition, and is nobody's then", () => {
    const { metadata, spec } = JSON.parse(releasedLease(place, before, 1500)) as Written;
    assert.equal(metadata['resourceVersion'], '20');
    assert.deepEqual([spec['holderIdentity'], spec['leaseDurationSeconds'], spec['leaseTransitions']], ['', 1, 3]);
  });
});

describe('the answer to a look at the Lease', () => {
  const body = { metadata: { resourceVersion: '7' }, spec: { holderIdentity: 'other', leaseDurationSeconds: 30 } };
  it('is how it stands', () => {
    const read = leaseOf({ kind: 'answer', status: 200, body });
    assert.ok(read.ok);
    assert.deepEqual([read.record.holder, read.record.durationMs, read.record.resourceVersion], ['other', 30_000, '7']);
  });
  it('counts as one of fifteen seconds where it does not say how long it lasts', () => {
    const read = leaseOf({ kind: 'answer', status: 200, body: { ...body, spec: { leaseDurationSeconds: 'x' } } });
    assert.ok(read.ok);
    assert.deepEqual([read.record.holder, read.record.durationMs], ['', 15_000]);
  });
  it('is none where something else came, or nothing', () => {
    const replies = [
      leaseOf({ kind: 'answer', status: 200, body: '<html>' }),
      leaseOf({ kind: 'answer', status: 404, body }),
      leaseOf({ kind: 'broken', cause: 'TimedOut', message: 'late' }),
    ];
    assert.deepEqual(
      replies.map((reply) => (reply.ok ? 'ok' : reply.status)),
      [200, 404, 0],
    );
  });
});

it('replicas look at the Lease every two seconds and up to a fifth more, so that they do not ask in step', () => {
  assert.deepEqual(
    [0, 0.5, 1].map((chance) => leaseRetryMs(usualLeaseTimings, chance)),
    [2000, 2200, 2400],
  );
});
it('an attempt leaves time for another one before the term ends', () =>
  assert.equal(attemptMs(usualLeaseTimings), 5000));

import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { createDisagreement } from '../../src/controller/disagreement.ts';
import type { LeaseRecord } from '../../src/core/controller/lease.ts';

const minuteMs = 60_000;
const own = '{"ECR_PRUNE":"true"}';
const other = '{"ECR_PRUNE":"false"}';

describe('a standby whose leader has other settings', () => {
  let nowMs: number;
  let told: string[];
  let look: (record: LeaseRecord) => void;
  beforeEach(() => {
    nowMs = 0;
    told = [];
    const clock = { nowMs: () => nowMs, steadyMs: () => nowMs, sleep: () => Promise.resolve() };
    look = createDisagreement(own, clock, (level, message, keys = {}) => {
      told.push(`${level} ${message}: ${String(keys['settings'])} of ${String(keys['holder'])}`);
    });
  });
  /** Looks every minute for so long. */
  const seen = (minutes: number, settings: string | undefined) => {
    for (let minute = 0; minute < minutes; minute += 1) {
      nowMs += minuteMs;
      look({ holder: 'a', settings } as LeaseRecord); // nothing else is looked at
    }
  };

  it('says so once, and which they are', () => {
    seen(60, other);
    assert.deepEqual(told, ['warn Replicas have different settings: ECR_PRUNE of a']);
  });
  it('says nothing during a rollout', () => {
    seen(9, other);
    seen(30, own);
    assert.deepEqual(told, []);
  });
  it('says it again where they were the same meanwhile', () => {
    for (let time = 0; time < 2; time += 1) {
      seen(20, other);
      seen(1, own);
    }
    assert.equal(told.length, 2);
  });
  it('says nothing of one that notes none', () => {
    seen(60, undefined);
    assert.deepEqual(told, []);
  });
});

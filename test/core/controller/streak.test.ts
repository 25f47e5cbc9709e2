import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { backoffMs } from '../../../src/core/controller/backoff.ts';
import {
  calmAtMs,
  delayMs,
  isCalm,
  isTooOften,
  ofTouching,
  ofUndoing,
  onceMore,
  type Patience,
  type Streak,
} from '../../../src/core/controller/streak.ts';

const minuteMs = 60_000;

/** So many times in a row, a second apart. */
function inARow(times: number, patience: Patience): Streak | undefined {
  let streak: Streak | undefined;
  for (let time = 1; time <= times; time++) streak = onceMore(streak, patience, 1000 * time);
  return streak;
}

describe('what others do in a row', () => {
  it('is an accident a few times: another party may undo us four times, and a tenant try nine', () => {
    assert.deepEqual(
      [4, 5].map((times) => isTooOften(inARow(times, ofUndoing), ofUndoing)),
      [false, true],
    );
    assert.deepEqual(
      [9, 10].map((times) => isTooOften(inARow(times, ofTouching), ofTouching)),
      [false, true],
    );
    assert.equal(isTooOften(undefined, ofTouching), false);
  });
  it('has no wait while it is an accident', () => {
    assert.deepEqual(
      [0, 1, 9].map((times) => delayMs(inARow(times, ofTouching), ofTouching)),
      [0, 0, 0],
    );
  });
  it('has a wait from then on that doubles, up to five minutes', () => {
    const waits = [10, 11, 12, 13, 14, 15, 16, 100].map(
      (times) => delayMs(inARow(times, ofTouching), ofTouching) / 1000,
    );
    assert.deepEqual(waits, [10, 20, 40, 80, 160, 300, 300, 300]);
  });
  it('has one of half a minute up to an hour where it undoes our work', () => {
    const waits = [5, 6, 7, 100].map((times) => delayMs(inARow(times, ofUndoing), ofUndoing) / 1000);
    assert.deepEqual(waits, [30, 60, 120, 3600]);
  });
  it('is forgotten after ten minutes in which nothing happened, and begins anew', () => {
    const streak = { times: 9, lastMs: 0 };
    assert.equal(calmAtMs(streak, ofTouching), 10 * minuteMs);
    assert.deepEqual(onceMore(streak, ofTouching, 10 * minuteMs), { times: 10, lastMs: 10 * minuteMs });
    assert.deepEqual(onceMore(streak, ofTouching, 10 * minuteMs + 1), { times: 1, lastMs: 10 * minuteMs + 1 });
  });
  it('is remembered for three times its own wait, so that a slow loop is one, too', () => {
    const streak = { times: 100, lastMs: 0 };
    assert.equal(calmAtMs(streak, ofTouching), 15 * minuteMs);
    assert.deepEqual(
      [180, 181].map((minutes) => isCalm(streak, ofUndoing, minutes * minuteMs)),
      [false, true],
    );
  });
});

describe('a namespace that could not be served', () => {
  it('waits twice as long each time, up to five minutes', () => {
    const waits = [1, 2, 3, 9, 10, 1000].map((failures) => backoffMs(failures, 1) / 1000);
    assert.deepEqual(waits, [1, 2, 4, 256, 300, 300]);
  });
  it('waits for at least half of that, so that none comes back at once and not all together', () => {
    assert.deepEqual(
      [0, 0.5].map((chance) => backoffMs(4, chance)),
      [4000, 6000],
    );
  });
});

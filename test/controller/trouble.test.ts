import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { createTrouble, type Trouble } from '../../src/controller/trouble.ts';
import { failure } from '../../src/core/failures/errors.ts';

const busy = failure('ApiWatchFailed', { where: 'https://api', why: 'HTTP 503' });
const forbidden = failure('ApiWatchForbidden', { where: 'https://api', why: 'no', resource: 'secrets' });
const minuteMs = 60_000;

describe('something that goes wrong for a while', () => {
  let nowMs: number;
  let told: string[];
  let trouble: Trouble;
  beforeEach(() => {
    nowMs = 0;
    told = [];
    const clock = { nowMs: () => nowMs, steadyMs: () => nowMs, sleep: () => Promise.resolve() };
    trouble = createTrouble({ began: 'began', ended: 'ended' }, clock, (level, message, keys = {}) => {
      const seconds = 'seconds' in keys ? ` ${JSON.stringify(keys['seconds'])}` : '';
      if (level !== 'debug') told.push(`${level} ${message}${seconds}`);
    });
  });
  const after = (delayMs: number, happens: () => void) => {
    nowMs += delayMs;
    happens();
  };

  it('is told once for each reason, and once when it is over, with how long it was', () => {
    trouble.met(busy);
    after(1000, () => trouble.met(busy));
    after(1000, () => trouble.met(forbidden));
    assert.equal(trouble.lastsMs(), 2000);
    assert.equal(trouble.failure(), forbidden);
    after(50 * minuteMs, () => trouble.met(busy));
    after(3000, () => trouble.over());
    assert.deepEqual(told, ['warn began', 'error began', 'info ended 3005']);
    assert.equal(trouble.lastsMs(), undefined);
    assert.equal(trouble.failure(), undefined);
  });

  it('is told again every hour while it lasts', () => {
    for (let minutes = 0; minutes <= 150; minutes += 1) after(minuteMs, () => trouble.met(forbidden));
    assert.deepEqual(told, ['error began', 'error began', 'error began']);
  });

  it('is not told to be over where it was not', () => {
    trouble.over();
    assert.deepEqual(told, []);
  });

  it('is told once in ten minutes where it comes and goes, its end as well', () => {
    for (let round = 0; round < 200; round += 1) {
      after(5000, () => trouble.met(busy));
      after(1000, () => trouble.over());
    }
    assert.deepEqual(told, ['warn began', 'info ended 1', 'warn began', 'info ended 1']);
  });

  it('is told after ten minutes where it came again sooner and lasts', () => {
    trouble.met(busy);
    after(1000, () => trouble.over());
    after(1000, () => trouble.met(busy));
    after(10 * minuteMs, () => trouble.met(busy));
    after(1000, () => trouble.over());
    assert.deepEqual(told, ['warn began', 'info ended 1', 'warn began', 'info ended 601']);
  });
});

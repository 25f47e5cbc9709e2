import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { longestGapMs } from '../../../src/core/doctor/cron-schedule.ts';

const hourMs = 3_600_000;

describe('the longest time between two runs of a schedule', () => {
  const cases: Record<string, number | undefined> = {
    '17 */4 * * *': 4 * hourMs,
    '@hourly': hourMs,
    '@daily': 24 * hourMs,
    '@every 6h': 6 * hourMs,
    'CRON_TZ=Etc/UTC 0 0,1 * * *': 23 * hourMs,
    '0 0 31 2 *': undefined,
    // Names that every object has are no macros.
    constructor: undefined,
    toString: undefined,
    __proto__x: undefined,
    '': undefined,
  };
  for (const [schedule, gapMs] of Object.entries(cases)) {
    it(`${schedule} is ${gapMs === undefined ? 'unknown' : `${gapMs / hourMs} h`}`, () =>
      assert.equal(longestGapMs(schedule), gapMs));
  }
  it('__proto__ is unknown', () => assert.equal(longestGapMs('__proto__'), undefined));
});

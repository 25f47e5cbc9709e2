import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { longestGapMs } from '../../../src/core/doctor/cron-schedule.ts';

const hourMs = 3_600_000;
const nowMs = Date.UTC(2026, 0, 15);
/** New York's clocks go from 2 to 3 in March, and from 2 back to 1 in November. */
const newYork = 'America/New_York';

describe('the longest time between two runs of a schedule', () => {
  const cases: Record<string, number | undefined> = {
    '17 */4 * * *': 4 * hourMs,
    '5/15 * * * *': hourMs / 4,
    '* * * * *': hourMs / 60,
    '0 8-17 * * mon-fri': 63 * hourMs,
    '0 0 1 * */2': 153 * 24 * hourMs,
    '0 0 1,15 * fri': 7 * 24 * hourMs,
    '0 0 * * 7': 7 * 24 * hourMs,
    '0 0 ? * *': 24 * hourMs,
    '0 0 29 2 *': 4 * 366 * 24 * hourMs - 3 * 24 * hourMs,
    '@hourly': hourMs,
    '@daily': 24 * hourMs,
    '@every 6h': 6 * hourMs,
    '@every 1h30m': 1.5 * hourMs,
    'CRON_TZ=Etc/UTC 0 0,1 * * *': 23 * hourMs,
    '0 0 31 2 *': undefined,
    '0 0 0 * * *': undefined,
    '60 * * * *': undefined,
    '*/0 * * * *': undefined,
    '7-3 * * * *': undefined,
    '0 0 L * *': undefined,
    '0 0 * * 1#2': undefined,
    'TZ=Nowhere/AtAll 0 0 * * *': undefined,
    '@reboot': undefined,
    // Names that every object has are no macros.
    constructor: undefined,
    toString: undefined,
    __proto__x: undefined,
    '': undefined,
  };
  for (const [schedule, gapMs] of Object.entries(cases)) {
    it(`${schedule} is ${gapMs === undefined ? 'unknown' : `${gapMs / hourMs} h`}`, () =>
      assert.equal(longestGapMs(schedule, undefined, nowMs), gapMs));
  }
  it('__proto__ is unknown', () => assert.equal(longestGapMs('__proto__', undefined, nowMs), undefined));
});

describe('in a time zone whose clocks are changed', () => {
  const cases: Record<string, [schedule: string, timeZone: string | undefined, hours: number | undefined]> = {
    'a day is an hour longer once a year': ['0 12 * * *', newYork, 25],
    'so is the time between two runs over that night': ['0 */6 * * *', newYork, 7],
    'a run in the hour that is left out is not made that day': ['30 2 * * *', newYork, 47],
    'one in the hour that comes twice is made twice': ['30 1 * * *', newYork, 24],
    'every quarter of an hour is a quarter of an hour, whatever the clocks say': ['*/15 * * * *', newYork, 0.25],
    'the zone that the schedule names goes before that of the CronJob': [`TZ=${newYork} 0 12 * * *`, 'Etc/UTC', 25],
    'a zone without changes has none': ['0 12 * * *', 'Asia/Kolkata', 24],
    'a zone south of the equator has them, too': ['0 12 * * *', 'Australia/Sydney', 25],
    'a change by half an hour is half an hour': ['0 12 * * *', 'Australia/Lord_Howe', 24.5],
    'a zone that nobody knows is unknown': ['0 12 * * *', 'Nowhere/AtAll', undefined],
  };
  for (const [title, [schedule, timeZone, hours]] of Object.entries(cases)) {
    const gapMs = hours === undefined ? undefined : hours * hourMs;
    it(title, () => assert.equal(longestGapMs(schedule, timeZone, nowMs), gapMs));
  }
});

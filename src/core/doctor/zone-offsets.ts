/** The clock changes of a time zone. Days and minutes are counted from 1970-01-01. */
export type ZoneOffsets = {
  /** Minutes that the zone is ahead of UTC on a day; undefined where its clock is changed then, or a few hours around. */
  ofDay(day: number): number | undefined;
  /**
   * The minutes in UTC at which it is so many minutes past midnight there on a day, in order. Left out where a clock change
   * leaves them out, twice where it brings them twice.
   */
  instants(day: number, minutes: readonly number[]): number[];
};

const dayMinutes = 24 * 60;
/** No zone is further behind UTC, or ahead of it. */
const furthestBehind = 12 * 60;
const furthestAhead = 14 * 60;

/** @returns undefined where nobody knows the zone. */
export function zoneOffsets(timeZone: string): ZoneOffsets | undefined {
  // The shipped CronJob's; what Node needs to know of a zone takes 20 ms to load.
  const offsetAt = ['UTC', 'Etc/UTC'].includes(timeZone) ? () => 0 : offsetReader(timeZone);
  if (offsetAt === undefined) return undefined;
  const around = (day: number): [before: number, after: number] => {
    const midnight = day * dayMinutes;
    return [offsetAt(midnight - furthestAhead), offsetAt(midnight + dayMinutes + furthestBehind)];
  };
  return {
    ofDay(day) {
      const [before, after] = around(day);
      return before === after ? before : undefined;
    },
    instants(day, minutes) {
      const candidates = around(day).flatMap((offset) => minutes.map((minute) => day * dayMinutes + minute - offset));
      // Of these, those at which the clock on the wall does say so.
      const real = candidates.filter((at) => minutes.includes(at + offsetAt(at) - day * dayMinutes));
      return real.sort((a, b) => a - b);
    },
  };
}

/** Minutes that the zone is ahead of UTC, at a minute in UTC. */
function offsetReader(timeZone: string): ((atMinutes: number) => number) | undefined {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  } catch {
    return undefined;
  }
  const known = new Map<number, number>();
  return (atMinutes) => {
    const offset = known.get(atMinutes) ?? offsetIn(format.format(atMinutes * 60_000));
    known.set(atMinutes, offset);
    return offset;
  };
}

/** `11/1/2026, GMT-05:00`, and `GMT` alone for none. */
function offsetIn(formatted: string): number {
  const [, sign = '+', hours = '0', minutes = '0'] = /GMT(?:([+-])(\d+):(\d+))?/.exec(formatted) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

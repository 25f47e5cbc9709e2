import { zoneOffsets, type ZoneOffsets } from './zone-offsets.ts';

/**
 * The longest time between two runs of a CronJob's schedule in the years to come, in milliseconds; undefined for a
 * schedule that cannot be read or never comes due, and for a time zone that nobody knows. Five fields, names, `@daily` and
 * its siblings, `@every 6h`, all as the CronJob controller's own library reads them
 * (https://pkg.go.dev/github.com/robfig/cron/v3): a time that a clock change leaves out is not run that day, one that comes
 * twice is run twice.
 * @param timeZone of the CronJob; a `TZ=` in the schedule goes before it. Absent: UTC, as the controller has it nearly
 * everywhere.
 * @param nowMs since when the zone's clock changes count.
 */
export function longestGapMs(schedule: string, timeZone: string | undefined, nowMs: number): number | undefined {
  const { zone, fields } = partsOf(schedule.trim());
  const every = /^@every\s+((?:\d+(?:\.\d+)?[hms])+)$/.exec(fields)?.[1];
  if (every !== undefined) return everyMs(every);
  const times = timesOf((macros.get(fields) ?? fields).split(/\s+/));
  const offsets = zoneOffsets(zone ?? timeZone ?? 'UTC');
  if (times === undefined || offsets === undefined) return undefined;
  const minutes = longestGapMinutes(times, offsets, Math.floor(nowMs / dayMs));
  return minutes === undefined ? undefined : minutes * 60_000;
}

function partsOf(schedule: string): { zone: string | undefined; fields: string } {
  const prefix = /^(?:CRON_)?TZ=(\S+)\s+/.exec(schedule);
  return { zone: prefix?.[1], fields: schedule.slice(prefix?.[0].length ?? 0) };
}

const macros: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '@yearly': '0 0 1 1 *',
    '@annually': '0 0 1 1 *',
    '@monthly': '0 0 1 * *',
    '@weekly': '0 0 * * 0',
    '@daily': '0 0 * * *',
    '@midnight': '0 0 * * *',
    '@hourly': '0 * * * *',
  }),
);

function everyMs(text: string): number | undefined {
  const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000 };
  let sum = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)([hms])/g)) {
    sum += Number(amount) * (units[unit ?? ''] ?? 0);
  }
  return sum > 0 ? sum : undefined;
}

type Range = { least: number; most: number; names: readonly string[] };

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const fieldRanges: readonly Range[] = [
  { least: 0, most: 59, names: [] },
  { least: 0, most: 23, names: [] },
  { least: 1, most: 31, names: [] },
  { least: 1, most: 12, names: ['', ...monthNames] },
  { least: 0, most: 7, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
];

/** When a schedule is due, by the clock on the wall: on which days, and then at which minutes, in order. */
type Times = { readonly isDue: (day: Date) => boolean; minutes: readonly number[] };

function timesOf(fields: readonly string[]): Times | undefined {
  const [minutes, hours, days, months, weekdays] = fieldRanges.map((range, index) => readField(fields[index], range));
  if (fields.length !== 5 || !minutes || !hours || !days || !months || !weekdays) return undefined;
  const ofDay = [...hours].flatMap((hour) => [...minutes].map((minute) => hour * 60 + minute));
  const isDue = dayTest({ days, months, weekdays }, fields[2] ?? '', fields[4] ?? '');
  return { isDue, minutes: ofDay.sort((a, b) => a - b) };
}

function readField(field: string | undefined, range: Range): Set<number> | undefined {
  const parts = (field ?? '')
    .toLowerCase()
    .split(',')
    .map((part) => readPart(part, range));
  const values = parts.flatMap((part) => part ?? []);
  return parts.includes(undefined) ? undefined : new Set(values);
}

function readPart(part: string, range: Range): number[] | undefined {
  const [, from = '', to, step] = /^(\*|\?|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(part) ?? [];
  const isAny = from === '*' || from === '?';
  const first = isAny ? range.least : numberOf(from, range);
  // `5/15` means from 5 to the end.
  const toTheEnd = isAny || step !== undefined ? range.most : first;
  const last = to === undefined ? toTheEnd : numberOf(to, range);
  const stride = Number(step ?? 1);
  if (first === undefined || last === undefined || first > last || stride < 1) return undefined;
  return Array.from({ length: Math.floor((last - first) / stride) + 1 }, (_, index) => first + index * stride);
}

function numberOf(text: string, { least, most, names }: Range): number | undefined {
  const named = names.indexOf(text);
  const value = named >= 0 && text !== '' ? named : /^\d+$/.test(text) ? Number(text) : undefined;
  return value !== undefined && value >= least && value <= most ? value : undefined;
}

type DayFields = { days: Set<number>; months: Set<number>; weekdays: Set<number> };

/** Where both days are restricted either is enough; where one is `*`, both must fit. */
function dayTest({ days, months, weekdays }: DayFields, dayField: string, weekdayField: string) {
  const isOpen = (field: string) => /^[*?]/.test(field);
  return (date: Date): boolean => {
    if (!months.has(date.getUTCMonth() + 1)) return false;
    const dayFits = days.has(date.getUTCDate());
    const weekday = date.getUTCDay();
    const weekdayFits = weekdays.has(weekday) || (weekday === 0 && weekdays.has(7));
    return isOpen(dayField) || isOpen(weekdayField) ? dayFits && weekdayFits : dayFits || weekdayFits;
  };
}

/** Two leap cycles: 29 February is there. */
const horizonDays = 8 * 366;
const dayMinutes = 24 * 60;
const dayMs = dayMinutes * 60_000;

function longestGapMinutes({ isDue, minutes }: Times, zone: ZoneOffsets, today: number): number | undefined {
  const edges = [...new Set([minutes[0] ?? 0, minutes.at(-1) ?? 0])];
  const widest = Math.max(0, ...minutes.slice(1).map((minute, index) => minute - (minutes[index] ?? 0)));
  let longest = -1;
  let last = Number.NaN;
  for (let day = today; day < today + horizonDays; day += 1) {
    if (!isDue(new Date(day * dayMs))) continue;
    const offset = zone.ofDay(day);
    // On most days all that matters is when the first and the last run are.
    const runs =
      offset === undefined ? zone.instants(day, minutes) : edges.map((minute) => day * dayMinutes + minute - offset);
    for (const [index, at] of runs.entries()) {
      const gap = index > 0 && offset !== undefined ? widest : at - last;
      if (gap > longest) longest = gap;
      last = at;
    }
  }
  return longest < 0 ? undefined : longest;
}

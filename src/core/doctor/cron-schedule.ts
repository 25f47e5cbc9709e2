/**
 * The longest time between two runs of a CronJob's schedule, in milliseconds; undefined for a schedule that cannot be
 * read or never comes due. Five fields, names, `@daily` and its siblings, `@every 6h`, as the CronJob controller reads
 * them. Clock changes of a time zone, an hour at most, are left out.
 */
export function longestGapMs(schedule: string): number | undefined {
  const every = /^@every\s+((?:\d+(?:\.\d+)?[hms])+)$/.exec(schedule.trim());
  if (every?.[1] !== undefined) return everyMs(every[1]);
  const fields = (macros.get(schedule.trim()) ?? schedule.trim().replace(/^(?:CRON_)?TZ=\S+\s+/, '')).split(/\s+/);
  const [minutes, hours, days, months, weekdays] = fieldRanges.map((range, index) => readField(fields[index], range));
  if (fields.length !== 5 || !minutes || !hours || !days || !months || !weekdays) return undefined;
  const times = [...hours].flatMap((hour) => [...minutes].map((minute) => hour * 60 + minute)).sort((a, b) => a - b);
  const isDue = dayTest({ days, months, weekdays }, fields[2] ?? '', fields[4] ?? '');
  const gap = longestGapMinutes(times, isDue);
  return gap === undefined ? undefined : gap * 60_000;
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

type Range = { least: number; most: number; names: readonly string[] };

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const fieldRanges: readonly Range[] = [
  { least: 0, most: 59, names: [] },
  { least: 0, most: 23, names: [] },
  { least: 1, most: 31, names: [] },
  { least: 1, most: 12, names: ['', ...monthNames] },
  { least: 0, most: 7, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
];

function everyMs(text: string): number | undefined {
  const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000 };
  let sum = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)([hms])/g)) {
    sum += Number(amount) * (units[unit ?? ''] ?? 0);
  }
  return sum > 0 ? sum : undefined;
}

function readField(field: string | undefined, range: Range): Set<number> | undefined {
  const values = new Set<number>();
  for (const part of (field ?? '').toLowerCase().split(',')) {
    const [, from = '', to, step] = /^(\*|\?|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(part) ?? [];
    const isAny = from === '*' || from === '?';
    const first = isAny ? range.least : numberOf(from, range);
    // `5/15` means from 5 to the end.
    const last = to !== undefined ? numberOf(to, range) : isAny || step !== undefined ? range.most : first;
    const stride = Number(step ?? 1);
    if (first === undefined || last === undefined || first > last || stride < 1) return undefined;
    for (let value = first; value <= last; value += stride) values.add(value);
  }
  return values;
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

function longestGapMinutes(times: readonly number[], isDue: (date: Date) => boolean): number | undefined {
  const first = times[0];
  const last = times.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const withinDay = times.reduce((most, time, index) => Math.max(most, time - (times[index - 1] ?? time)), 0);
  let longest: number | undefined;
  let before: number | undefined;
  for (let day = 0; day < horizonDays; day += 1) {
    if (!isDue(new Date(day * dayMinutes * 60_000))) continue;
    if (before !== undefined) {
      longest = Math.max(longest ?? withinDay, (day - before) * dayMinutes + first - last);
    }
    before = day;
  }
  return longest;
}

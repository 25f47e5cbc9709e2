/** How often something happened in a row. Absent where it did not. Times are milliseconds by the steady clock. */
export type Streak = {
  /** Each while those before were not forgotten. */
  times: number;
  lastMs: number;
};

/** What is made of a streak: so many are an accident, and each one more has the next wait longer. */
export type Patience = { tolerated: number; firstDelayMs: number; longestDelayMs: number };

/** Another party undoes our work on one secret: worth one report, and not worth a fight. */
export const ofUndoing: Patience = { tolerated: 4, firstDelayMs: 30_000, longestDelayMs: 60 * 60_000 };
/**
 * Something about one namespace changes and has it served again and again: a refused secret that is edited, a label that
 * comes and goes. Somebody who mends something by trial is served at once; a loop is not.
 */
export const ofTouching: Patience = { tolerated: 9, firstDelayMs: 10_000, longestDelayMs: 5 * 60_000 };

/** It has happened once more. */
export function onceMore(before: Streak | undefined, patience: Patience, nowMs: number): Streak {
  const isNew = before === undefined || isCalm(before, patience, nowMs);
  // There is one for each namespace, and V8 has room for a small whole number where it stands.
  return { times: isNew ? 1 : before.times + 1, lastMs: Math.floor(nowMs) };
}

/** Whether it has happened more often than by accident. */
export function isTooOften(streak: Streak | undefined, { tolerated }: Patience): boolean {
  return streak !== undefined && streak.times > tolerated;
}

/** How long to wait before the next time: not at all at first, then exponentially longer. */
export function delayMs(streak: Streak | undefined, patience: Patience): number {
  if (streak === undefined || !isTooOften(streak, patience)) return 0;
  const { tolerated, firstDelayMs, longestDelayMs } = patience;
  return Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(streak.times - tolerated - 1, 20));
}

/** When it is forgotten: once nothing has happened for three times the wait that it brought about. */
export function calmAtMs(streak: Streak, patience: Patience): number {
  return streak.lastMs + Math.max(10 * 60_000, 3 * delayMs(streak, patience));
}

/** Whether it is. */
export function isCalm(streak: Streak, patience: Patience, nowMs: number): boolean {
  return nowMs > calmAtMs(streak, patience);
}

/** How often another party has undone our work on one secret. Absent where nobody does. */
export type Contention = {
  /** Times it was undone, each within `calmMs` of the one before. */
  undone: number;
  lastMs: number;
};

/** So many in a row are an accident; one more is a fight. */
const tolerated = 4;
const firstDelayMs = 30_000;
const longestDelayMs = 60 * 60_000;

/** Another party has undone our work once more. */
export function undoneAgain(before: Contention | undefined, nowMs: number): Contention {
  const isNew = before === undefined || isCalm(before, nowMs);
  return { undone: isNew ? 1 : before.undone + 1, lastMs: nowMs };
}

/** Whether to call it a fight: worth one report. */
export function isContended(contention: Contention | undefined): boolean {
  return contention !== undefined && contention.undone > tolerated;
}

/** How long to wait before the next repair, in milliseconds: none at first, then exponentially longer. */
export function repairDelayMs(contention: Contention | undefined): number {
  if (contention === undefined || !isContended(contention)) return 0;
  return Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(contention.undone - tolerated - 1, 20));
}

/** Whether the other party has let go: nothing happened for three times the wait that it brought about. */
export function isCalm(contention: Contention, nowMs: number): boolean {
  return nowMs - contention.lastMs > Math.max(10 * 60_000, 3 * repairDelayMs(contention));
}

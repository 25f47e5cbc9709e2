const firstBackoffMs = 1000;
const longestBackoffMs = 5 * 60_000;

/**
 * How long a namespace that could not be served waits: exponential, the upper half of it jittered.
 * @param failures in a row, from 1.
 */
export function backoffMs(failures: number, chance: number): number {
  const ceilingMs = Math.min(longestBackoffMs, firstBackoffMs * 2 ** Math.min(failures - 1, 20));
  return Math.floor(ceilingMs * (0.5 + 0.5 * chance));
}

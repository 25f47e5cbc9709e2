import type { WatchTimings } from '../../src/controller/watch-position.ts';
import type { LeaseTimings } from '../../src/core/controller/lease.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;

/**
 * How soon all is right again, milliseconds, in a cluster in which nothing else goes wrong: what `docs/operations.md`
 * promises. Counted from what happened, or from when the server is back.
 */
export const statedTimes = {
  'A namespace gains the label': secondMs,
  'A secret is deleted or altered': secondMs,
  'The leader is told to stop': secondMs / 2,
  'The leader is killed, or its node is lost': 16 * secondMs,
  'The API server was away, and is back': 10 * secondMs,
  'etcd was restored from a backup, and the API server is back': 10 * secondMs,
  'A watch falls silent, and what happens is not told': 3 * minuteMs,
  'A single event gets lost': 31 * minuteMs,
} as const;

/**
 * However much of that and worse comes at once, all is right again so long after it: a list anew, a watch that is silent, a
 * Lease that runs out, ECR's longest pause, and the longest wait of a namespace.
 */
export function healingMs({ relistMs, silenceMs }: WatchTimings, { durationMs }: LeaseTimings): number {
  return relistMs + silenceMs + 2 * durationMs + 10 * minuteMs + longestWaitMs;
}

/** Who takes what others did for a fight waits for so long. */
export const longestWaitMs = 60 * minuteMs;

/** Newer tokens of others are believed for so long, and little more is said of a namespace. */
export const quietMs = 11 * minuteMs;

export type Happening = keyof typeof statedTimes;

/** `half a second`, `10 seconds`, `3 minutes`. */
export function inWords(timeMs: number): string {
  if (timeMs === secondMs / 2) return 'half a second';
  const [count, unit] = timeMs < minuteMs ? [timeMs / secondMs, 'second'] : [timeMs / minuteMs, 'minute'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

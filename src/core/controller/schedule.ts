/** When tokens are renewed, and how loud it becomes when they cannot be. Times are milliseconds. */

/** A token's life as far as the schedule rests on it. */
export type Life = {
  issuedAtMs: number;
  expiresAtMs: number;
};

/** No token of ECR lives longer; where one seems to, this machine's clock is behind. */
const longestLifeMs = 12 * 60 * 60_000;

/**
 * How long after its issue a token is replaced: around half of its life, spread over a tenth of it so that many clusters
 * which started together do not call ECR in step.
 * @param chance uniform in [0, 1), drawn once for each token.
 */
export function refreshAfterMs({ issuedAtMs, expiresAtMs }: Life, chance: number): number {
  return Math.floor(Math.min(longestLifeMs, expiresAtMs - issuedAtMs) * (0.45 + 0.1 * chance));
}

const firstRetryMs = 2000;
const longestRetryMs = 5 * 60_000;

/**
 * How long to wait after ECR has failed, exponential with full jitter.
 * @param failures in a row, from 1.
 */
export function ecrRetryDelayMs(failures: number, chance: number): number {
  const ceilingMs = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(failures - 1, 20));
  return 100 + Math.floor(ceilingMs * chance);
}

/**
 * How near expiry is: 0 while more than a quarter of the life is left (three hours of twelve), 1 from there, 2 in the
 * last eighth, 3 when it is over. Each step up is worth one alarm.
 */
export function alarmLevel({ issuedAtMs, expiresAtMs }: Life, nowMs: number): 0 | 1 | 2 | 3 {
  const lifeMs = expiresAtMs - issuedAtMs;
  const leftMs = expiresAtMs - nowMs;
  if (leftMs <= 0) return 3;
  if (leftMs <= lifeMs / 8) return 2;
  return leftMs <= lifeMs / 4 ? 1 : 0;
}

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

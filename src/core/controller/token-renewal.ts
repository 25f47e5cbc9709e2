/** When tokens are renewed, and how loud it becomes when they cannot be. Times are milliseconds. */
import { failure, type Result } from '../failures/errors.ts';
import { pullSecret, timestamp, type PullSecret } from '../secret/pull-secret.ts';
import { longestLifeMs, type AuthorizationToken } from '../secret/token.ts';
import type { Moment } from '../api/machine.ts';

/** The tokens in use: what is written, and when it is to be renewed. */
export type HeldTokens = { secret: PullSecret; life: Life; gotSteadyMs: number; refreshAfterMs: number };

/** @param chance uniform in [0, 1), drawn once for these tokens. */
export function holdTokens(
  secretName: string,
  tokens: readonly AuthorizationToken[],
  gotAt: Moment,
  chance: number,
): HeldTokens {
  const secret = pullSecret(secretName, tokens, gotAt);
  const life = { issuedAtMs: Math.min(...tokens.map((token) => token.issuedAtMs)), expiresAtMs: secret.expiresAtMs };
  return { secret, life, gotSteadyMs: gotAt.steadyMs, refreshAfterMs: refreshAfterMs(life, chance) };
}

/** Whether these tokens are to be renewed now, by whichever clock says so first: a wall clock may have been set. */
export function isRenewalDue(held: HeldTokens | undefined, now: Moment): boolean {
  if (held === undefined) return true;
  const { life, gotSteadyMs, refreshAfterMs } = held;
  return Math.max(now.wallMs - life.issuedAtMs, now.steadyMs - gotSteadyMs) >= refreshAfterMs;
}

/** How long these tokens may rest, by the clock that never jumps. */
export function untilRenewalMs(held: HeldTokens | undefined, steadyMs: number): number {
  return held === undefined ? 0 : held.refreshAfterMs - (steadyMs - held.gotSteadyMs);
}

/**
 * Tokens that expire no later than those in use are no news, whoever answered with them: `AwsReplyInvalid`. Those that were
 * issued before them by a wall clock that was set back since cannot be told from newer ones, and are taken.
 */
export function judgeFreshness(
  tokens: AuthorizationToken[],
  held: HeldTokens | undefined,
): Result<AuthorizationToken[]> {
  const expiresAtMs = Math.min(...tokens.map((token) => token.expiresAtMs));
  const issuedAtMs = Math.min(...tokens.map((token) => token.issuedAtMs));
  const isComparable = held !== undefined && issuedAtMs >= held.life.issuedAtMs;
  if (!isComparable || expiresAtMs > held.life.expiresAtMs) return { ok: true, value: tokens };
  const where = tokens.flatMap(({ hosts }) => hosts).join(', ');
  const why = `ECR answered with tokens that expire at ${timestamp(expiresAtMs)}, no later than those in use`;
  return { ok: false, failure: failure('AwsReplyInvalid', { where, why }) };
}

/** A token's life as far as the schedule rests on it. */
export type Life = {
  issuedAtMs: number;
  expiresAtMs: number;
};

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

/** When tokens are renewed, and how loud it becomes when they cannot be. Times are milliseconds. */
import { failure, type Result } from '../failures/errors.ts';
import { pullSecret, timestamp, type PullSecret } from '../secret/pull-secret.ts';
import { longestLifeMs, type AuthorizationToken } from '../secret/token.ts';
import type { Moment } from '../api/machine.ts';

/** The token of one region that is in use, and when it is to be renewed. */
export type HeldToken = { token: AuthorizationToken; life: Life; gotAt: Moment; refreshAfterMs: number };

/** @param chance uniform in [0, 1), drawn once for those that came together, so that they are renewed together. */
export function holdToken(token: AuthorizationToken, gotAt: Moment, chance: number): HeldToken {
  const { issuedAtMs, expiresAtMs } = token;
  const life = { issuedAtMs, expiresAtMs };
  return { token, life, gotAt, refreshAfterMs: refreshAfterMs(life, chance) };
}

/** Whether it is to be renewed now, by whichever clock says so first: a wall clock may have been set. */
export function isRenewalDue(held: HeldToken | undefined, now: Moment): boolean {
  if (held === undefined) return true;
  const { life, gotAt, refreshAfterMs } = held;
  return Math.max(now.wallMs - life.issuedAtMs, now.steadyMs - gotAt.steadyMs) >= refreshAfterMs;
}

/** How long it may rest, by the clock that never jumps. */
export function untilRenewalMs(held: HeldToken | undefined, steadyMs: number): number {
  return held === undefined ? 0 : held.refreshAfterMs - (steadyMs - held.gotAt.steadyMs);
}

/**
 * A token that expires no later than the one in use is no news, whoever answered with it: `AwsReplyInvalid`. One that was
 * issued before it by a wall clock that was set back since cannot be told from a newer one, and is taken.
 */
export function judgeFreshness(token: AuthorizationToken, held: HeldToken | undefined): Result<AuthorizationToken> {
  const { expiresAtMs, issuedAtMs, hosts } = token;
  const isComparable = held !== undefined && issuedAtMs >= held.life.issuedAtMs;
  if (!isComparable || expiresAtMs > held.life.expiresAtMs) return { ok: true, value: token };
  const why = `ECR answered with a token that expires at ${timestamp(expiresAtMs)}, no later than the one in use`;
  return { ok: false, failure: failure('AwsReplyInvalid', { where: hosts.join(', '), why }) };
}

/** One region: its registries, and the token that is in use for them. */
export type Region = { hosts: readonly string[]; held: HeldToken | undefined };

/** Those whose tokens are written: the ones that live, or where none does all there are. */
export function inUse<R extends Region>(regions: readonly R[], wallMs: number): R[] {
  const held = regions.filter(({ held }) => held !== undefined);
  const live = held.filter(({ held }) => (held?.life.expiresAtMs ?? 0) > wallMs);
  return live.length > 0 ? live : held;
}

/** The pull secret of the regions in use; what the others had keeps its logins while they live. */
export function secretOf(name: string, regions: readonly Region[], used: readonly Region[]): PullSecret | undefined {
  const held = used.flatMap((region) => region.held ?? []);
  const first = held.toSorted((a, b) => a.life.expiresAtMs - b.life.expiresAtMs)[0];
  if (first === undefined) return undefined;
  const missing = regions.filter((region) => !used.includes(region)).flatMap(({ hosts }) => hosts);
  return pullSecret(
    name,
    held.map(({ token }) => token),
    first.gotAt,
    missing,
  );
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

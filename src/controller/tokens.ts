import { failureLine, type Failure } from '../core/failures/errors.ts';
import { pullSecret, timestamp, type PullSecret } from '../core/secret/pull-secret.ts';
import { alarmLevel, ecrRetryDelayMs, refreshAfterMs, type Life } from '../core/controller/schedule.ts';
import { tokenRequests, type AuthorizationToken } from '../core/secret/token.ts';
import type { Settings } from '../config/settings.ts';
import type { Log, Meter, Random, SteadyClock, TokenSource } from '../ports.ts';
import { gatherTokens } from '../serving/pages.ts';

export type TokenKeeperDeps = { tokens: TokenSource; clock: SteadyClock; random: Random; log: Log; meter: Meter };

/** The tokens that are in use, kept fresh. */
export type TokenKeeper = {
  /** The pull secret to be written: the last good one, whatever ECR answers now. */
  secret(): PullSecret | undefined;
  /** Asks for new tokens before their time, because others have newer ones; heeded at most every ten minutes. */
  hurry(): void;
  /** Keeps them until `stop`. */
  run(stop: AbortSignal): Promise<void>;
};

/** A wall clock that was set is noticed after so long at the latest. */
const longestSleepMs = 5 * 60_000;
const hurryEveryMs = 10 * 60_000;

type Held = { secret: PullSecret; life: Life; gotSteadyMs: number; refreshAfterMs: number };

/** Makes the keeper; `onRenewed` is called whenever there are new tokens. */
export function createTokenKeeper(
  settings: Pick<Settings, 'secretName' | 'registries' | 'region'>,
  deps: TokenKeeperDeps,
  onRenewed: () => void,
): TokenKeeper {
  const { clock, random, log, meter } = deps;
  let held: Held | undefined;
  let failures = 0;
  let failedWith: string | undefined;
  let alarmed = 0;
  let hurriedMs = Number.NEGATIVE_INFINITY;
  let isHurried = false;
  let nap = new AbortController();

  const isDue = () => {
    if (held === undefined || isHurried) return true;
    const { life, gotSteadyMs } = held;
    const byWall = clock.nowMs() - life.issuedAtMs;
    const bySteady = clock.steadyMs() - gotSteadyMs;
    return Math.max(byWall, bySteady) >= held.refreshAfterMs;
  };
  const untilDueMs = () => (held === undefined ? 0 : held.refreshAfterMs - (clock.steadyMs() - held.gotSteadyMs));

  const renew = async (stop: AbortSignal): Promise<void> => {
    const requests = tokenRequests(settings.registries, settings.region);
    const result = await gatherTokens(requests, deps, stop);
    if (stop.aborted) return;
    isHurried = false;
    const problem = result.ok ? staleness(result.value, held) : result.failure;
    meter.ecrCalled(problem === undefined ? 'ok' : typeof problem === 'string' ? 'AwsReplyInvalid' : problem.code);
    if (!result.ok || problem !== undefined) return noteFailure(problem);
    held = hold(result.value);
    if (failures > 0) log('info', 'ECR answers again', { failures });
    failures = 0;
    failedWith = undefined;
    alarmed = 0;
    log('info', 'Tokens refreshed', {
      registries: held.secret.hosts.join(','),
      expiresAt: timestamp(held.life.expiresAtMs),
    });
    onRenewed();
  };

  const hold = (tokens: AuthorizationToken[]): Held => {
    const secret = pullSecret(settings.secretName, tokens);
    const life = { issuedAtMs: Math.min(...tokens.map((token) => token.issuedAtMs)), expiresAtMs: secret.expiresAtMs };
    return { secret, life, gotSteadyMs: clock.steadyMs(), refreshAfterMs: refreshAfterMs(life, random()) };
  };

  const noteFailure = (problem: Failure | string | undefined) => {
    failures += 1;
    const code = typeof problem === 'object' ? problem.code : 'AwsReplyInvalid';
    const keys = typeof problem === 'object' ? { failure: problem } : { why: problem };
    // The last good tokens stay in use: no error before expiry draws near, but where there are none.
    const level = held === undefined ? 'error' : 'warn';
    log(code === failedWith ? 'debug' : level, 'ECR gave no tokens, trying again', keys);
    failedWith = code;
    raiseAlarm(typeof problem === 'object' ? failureLine(problem) : (problem ?? ''));
  };

  const raiseAlarm = (why: string) => {
    const level = held === undefined ? 0 : alarmLevel(held.life, clock.nowMs());
    if (held === undefined || level <= alarmed) return;
    alarmed = level;
    const message =
      level === 3 ? 'Tokens have expired and ECR gives no others' : 'Tokens expire soon and ECR gives no others';
    log('error', message, { expiresAt: timestamp(held.life.expiresAtMs), reason: 'TokensExpiring', why });
  };

  return {
    secret: () => held?.secret,
    hurry() {
      if (clock.steadyMs() - hurriedMs < hurryEveryMs) return;
      hurriedMs = clock.steadyMs();
      isHurried = true;
      nap.abort('Awake');
    },
    async run(stop) {
      stop.addEventListener('abort', () => nap.abort('Awake'));
      while (!stop.aborted) {
        if (isDue()) await renew(stop);
        if (stop.aborted) return;
        const pauseMs = failures > 0 && isDue() ? ecrRetryDelayMs(failures, random()) : Math.max(1, untilDueMs());
        nap = new AbortController();
        if (isHurried) continue;
        await clock.sleep(Math.min(longestSleepMs, pauseMs), nap.signal);
      }
    },
  };
}

/** Tokens that expire no later than those we have are no news, whoever answered with them. */
function staleness(tokens: readonly AuthorizationToken[], held: Held | undefined): string | undefined {
  const expiresAtMs = Math.min(...tokens.map((token) => token.expiresAtMs));
  if (held === undefined || expiresAtMs > held.life.expiresAtMs) return undefined;
  return `ECR answered with tokens that expire at ${timestamp(expiresAtMs)}, no later than those in use`;
}

import {
  alarmLevel,
  ecrRetryDelayMs,
  holdTokens,
  isRenewalDue,
  judgeFreshness,
  untilRenewalMs,
  type HeldTokens,
} from '../core/controller/token-renewal.ts';
import { failureLine, type Failure } from '../core/failures/errors.ts';
import { timestamp, type PullSecret } from '../core/secret/pull-secret.ts';
import { tokenRequests } from '../core/secret/token.ts';
import type { Settings } from '../config/settings.ts';
import type { Log, Meter, Random, Clock, TokenSource } from '../ports.ts';
import type { Pulse } from '../serving/pulse.ts';
import { createRounds } from '../serving/rounds.ts';
import { gatherTokens } from '../serving/tokens.ts';
import { momentOf } from '../serving/moment.ts';
import { remindMs } from './trouble.ts';

export type TokenKeeperSettings = Pick<Settings, 'secretName' | 'registries' | 'region'>;
export type TokenKeeperDeps = {
  tokens: TokenSource;
  clock: Clock;
  random: Random;
  log: Log;
  meter: Meter;
  pulse: Pulse;
};

/** The tokens that are in use, kept fresh. */
export type TokenKeeper = {
  /** The pull secret to be written: the last good one, whatever ECR answers now. */
  secret(): PullSecret | undefined;
  /** Why ECR gave none the last time; undefined where it gave some. */
  failure(): Failure | undefined;
  /** Keeps them until `stop`. */
  run(stop: AbortSignal): Promise<void>;
};

/** A wall clock that was set is noticed after so long at the latest. */
const longestSleepMs = 5 * 60_000;

type State = {
  held: HeldTokens | undefined;
  /** In a row. */
  failures: number;
  /** By the steady clock; of those failures. */
  failingSinceMs: number;
  failure: Failure | undefined;
  /** When that was told last, by the steady clock. */
  toldMs: number;
  alarmed: ReturnType<typeof alarmLevel>;
};

/** Makes the keeper; `onRenewed` is called whenever there are new tokens. */
export function createTokenKeeper(
  settings: TokenKeeperSettings,
  deps: TokenKeeperDeps,
  onRenewed: () => void,
): TokenKeeper {
  const { clock, random } = deps;
  const state: State = {
    held: undefined,
    failures: 0,
    failingSinceMs: 0,
    failure: undefined,
    toldMs: 0,
    alarmed: 0,
  };
  const isDue = () => isRenewalDue(state.held, momentOf(clock));
  const pauseMs = () => {
    if (state.failures > 0 && isDue()) return ecrRetryDelayMs(state.failures, random());
    return Math.max(1, untilRenewalMs(state.held, clock.steadyMs()));
  };
  const rounds = createRounds(
    clock,
    async (stop) => {
      if (isDue() && (await renewed(state, settings, deps, stop))) onRenewed();
      return Math.min(longestSleepMs, pauseMs());
    },
    deps.pulse.part('the renewal of tokens'),
  );
  return {
    secret: () => state.held?.secret,
    failure: () => state.failure,
    run: (stop) => rounds.run(stop),
  };
}

/** Asks ECR once; whether there are new tokens now. */
async function renewed(
  state: State,
  { secretName, registries, region }: TokenKeeperSettings,
  deps: TokenKeeperDeps,
  stop: AbortSignal,
): Promise<boolean> {
  const { clock, random, meter } = deps;
  const result = await gatherTokens(tokenRequests(registries, region), deps, stop);
  if (stop.aborted) return false;
  const fresh = result.ok ? judgeFreshness(result.value, state.held) : result;
  meter.ecrCalled(fresh.ok ? 'ok' : fresh.failure.code);
  if (fresh.ok) noteTokens(state, holdTokens(secretName, fresh.value, momentOf(clock), random()), deps);
  else noteFailure(state, fresh.failure, deps);
  return fresh.ok;
}

function noteTokens(state: State, held: HeldTokens, { log, clock }: TokenKeeperDeps): void {
  if (state.failures > 0) {
    const seconds = Math.round((clock.steadyMs() - state.failingSinceMs) / 1000);
    log('info', 'ECR answers again', { failures: state.failures, seconds });
  }
  state.held = held;
  state.failures = 0;
  state.failure = undefined;
  state.alarmed = 0;
  const expiresAt = timestamp(held.life.expiresAtMs);
  log('info', 'Tokens refreshed', { registries: held.secret.hosts.join(','), expiresAt });
}

function noteFailure(state: State, failure: Failure, deps: TokenKeeperDeps): void {
  const nowMs = deps.clock.steadyMs();
  if (state.failures === 0) state.failingSinceMs = nowMs;
  state.failures += 1;
  // The last good tokens stay in use: no error before expiry draws near, but where there are none.
  const level = state.held === undefined ? 'error' : 'warn';
  const isKnown = failure.code === state.failure?.code && nowMs - state.toldMs < remindMs;
  deps.log(isKnown ? 'debug' : level, 'ECR gave no tokens, trying again', { failure });
  if (!isKnown) state.toldMs = nowMs;
  state.failure = failure;
  if (state.held !== undefined) raiseAlarm(state, state.held, failure, deps);
}

function raiseAlarm(state: State, { life }: HeldTokens, failure: Failure, { clock, log }: TokenKeeperDeps): void {
  const level = alarmLevel(life, clock.nowMs());
  if (level <= state.alarmed) return;
  state.alarmed = level;
  const message =
    level === 3 ? 'Tokens have expired and ECR gives no others' : 'Tokens expire soon and ECR gives no others';
  const expiresAt = timestamp(life.expiresAtMs);
  log('error', message, { expiresAt, reason: 'TokensExpiring', why: failureLine(failure) });
}

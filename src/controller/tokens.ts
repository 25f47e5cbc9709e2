import {
  alarmLevel,
  ecrRetryDelayMs,
  holdToken,
  inUse,
  isRenewalDue,
  judgeFreshness,
  secretOf,
  untilRenewalMs,
  type HeldToken,
  type Region,
} from '../core/controller/token-renewal.ts';
import { failureLine, type Failure } from '../core/failures/errors.ts';
import { timestamp, type PullSecret } from '../core/secret/pull-secret.ts';
import { tokenRequests, type TokenRequest } from '../core/secret/token.ts';
import type { Settings } from '../config/settings.ts';
import type { Log, Meter, Random, Clock, TokenSource } from '../ports.ts';
import type { Pulse } from '../serving/pulse.ts';
import { createRounds } from '../serving/rounds.ts';
import { gatherToken } from '../serving/tokens.ts';
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
  /** Why ECR gave none the last time for a region; undefined where it gave some for each. */
  failure(): Failure | undefined;
  /** Keeps them until `stop`. */
  run(stop: AbortSignal): Promise<void>;
};

/** A wall clock that was set is noticed after so long at the latest. */
const longestSleepMs = 5 * 60_000;

/** What is known of one region. */
type State = Region & {
  request: TokenRequest;
  /** In a row. */
  failures: number;
  /** By the steady clock; of those failures. */
  failingSinceMs: number;
  failure: Failure | undefined;
  /** Not before then, by the steady clock. */
  retryAtMs: number;
  /** When that was told last, by the steady clock. */
  toldMs: number;
  alarmed: ReturnType<typeof alarmLevel>;
};

/** Makes the keeper; `onRenewed` is called whenever there are others to be written. */
export function createTokenKeeper(
  { secretName, registries, region }: TokenKeeperSettings,
  deps: TokenKeeperDeps,
  onRenewed: () => void,
): TokenKeeper {
  const { clock, random } = deps;
  const regions = tokenRequests(registries, region).map(newState);
  let used: { tokens: readonly HeldToken[]; secret: PullSecret } | undefined;
  /** Whether others are to be written now: new ones, or fewer since one has expired. */
  const isChanged = (): boolean => {
    const now = inUse(regions, clock.nowMs());
    const tokens = now.flatMap(({ held }) => held ?? []);
    const secret = areSame(tokens, used?.tokens ?? []) ? undefined : secretOf(secretName, regions, now);
    if (secret !== undefined) used = { tokens, secret };
    return secret !== undefined;
  };
  const rounds = createRounds(
    clock,
    async (stop) => {
      const chance = random();
      const due = regions.filter((each) => isDue(each, clock));
      await Promise.all(due.map((each) => renew(each, chance, deps, stop)));
      if (!stop.aborted && isChanged()) onRenewed();
      return Math.min(longestSleepMs, ...regions.map((each) => untilDueMs(each, clock)));
    },
    deps.pulse.part('the renewal of tokens'),
  );
  return {
    secret: () => used?.secret,
    failure: () => regions.find(({ failure }) => failure !== undefined)?.failure,
    run: (stop) => rounds.run(stop),
  };
}

function newState(request: TokenRequest): State {
  const hosts = request.registries.map(({ host }) => host);
  const never = { failures: 0, failingSinceMs: 0, failure: undefined, retryAtMs: 0, toldMs: 0, alarmed: 0 } as const;
  return { request, hosts, held: undefined, ...never };
}

function areSame(a: readonly HeldToken[], b: readonly HeldToken[]): boolean {
  return a.length === b.length && a.every((each, index) => each === b[index]);
}

function isDue({ held, failures, retryAtMs }: State, clock: Clock): boolean {
  return isRenewalDue(held, momentOf(clock)) && (failures === 0 || clock.steadyMs() >= retryAtMs);
}

/** Until it is to be asked for, or has expired and is to be left out. */
function untilDueMs({ held, failures, retryAtMs }: State, clock: Clock): number {
  const steadyMs = clock.steadyMs();
  if (failures === 0 || !isRenewalDue(held, momentOf(clock))) return Math.max(1, untilRenewalMs(held, steadyMs));
  const leftMs = (held?.life.expiresAtMs ?? 0) - clock.nowMs();
  return Math.max(1, Math.min(retryAtMs - steadyMs, leftMs > 0 ? leftMs : Number.POSITIVE_INFINITY));
}

/** Asks ECR once for the token of a region. */
async function renew(state: State, chance: number, deps: TokenKeeperDeps, stop: AbortSignal): Promise<void> {
  const { clock, meter } = deps;
  const result = await gatherToken(state.request, deps, stop);
  if (stop.aborted) return;
  const fresh = result.ok ? judgeFreshness(result.value, state.held) : result;
  meter.ecrCalled(fresh.ok ? 'ok' : fresh.failure.code);
  if (fresh.ok) noteToken(state, holdToken(fresh.value, momentOf(clock), chance), deps);
  else noteFailure(state, fresh.failure, deps);
}

function noteToken(state: State, held: HeldToken, { log, clock }: TokenKeeperDeps): void {
  if (state.failures > 0) {
    const seconds = Math.round((clock.steadyMs() - state.failingSinceMs) / 1000);
    log('info', 'ECR answers again', { failures: state.failures, seconds });
  }
  state.held = held;
  state.failures = 0;
  state.failure = undefined;
  state.alarmed = 0;
  const expiresAt = timestamp(held.life.expiresAtMs);
  log('info', 'Tokens refreshed', { registries: held.token.hosts.join(','), expiresAt });
}

function noteFailure(state: State, failure: Failure, deps: TokenKeeperDeps): void {
  const nowMs = deps.clock.steadyMs();
  if (state.failures === 0) state.failingSinceMs = nowMs;
  state.failures += 1;
  state.retryAtMs = nowMs + ecrRetryDelayMs(state.failures, deps.random());
  // The last good tokens stay in use: no error before expiry draws near, but where there are none.
  const level = state.held === undefined ? 'error' : 'warn';
  const isKnown = failure.code === state.failure?.code && nowMs - state.toldMs < remindMs;
  deps.log(isKnown ? 'debug' : level, 'ECR gave no tokens, trying again', { failure });
  if (!isKnown) state.toldMs = nowMs;
  state.failure = failure;
  if (state.held !== undefined) raiseAlarm(state, state.held, failure, deps);
}

function raiseAlarm(state: State, { life }: HeldToken, failure: Failure, { clock, log }: TokenKeeperDeps): void {
  const level = alarmLevel(life, clock.nowMs());
  if (level <= state.alarmed) return;
  state.alarmed = level;
  const message =
    level === 3 ? 'Tokens have expired and ECR gives no others' : 'Tokens expire soon and ECR gives no others';
  const expiresAt = timestamp(life.expiresAtMs);
  log('error', message, { expiresAt, reason: 'TokensExpiring', why: failureLine(failure) });
}

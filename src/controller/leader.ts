import { isOlder } from '../core/api/revision.ts';
import {
  attemptMs,
  judgeLease,
  leaseRetryMs,
  observe,
  observedAnew,
  runsOutAtMs,
  type LeaseRecord,
  type Observed,
} from '../core/controller/lease.ts';
import { withDeadline } from '../serving/deadline.ts';
import { createRounds, type Rounds } from '../serving/rounds.ts';
import {
  attemptLease,
  releaseLease,
  type LeaderDeps,
  type LeaderSettings,
  type LeaseAttempt,
} from './lease-attempt.ts';
import { createLeaseWatch, type LeaseWatch } from './lease-watch.ts';
import { createDisagreement } from './disagreement.ts';
import { beginTerm, type Running, type Term } from './term.ts';

/**
 * Takes part in the election until `stop`, then leaves properly. Calls `onTerm` whenever this process begins to lead. While
 * another leads, its Lease is watched: one that is given back is taken at once, one that runs out when it has run out.
 *
 * Times are counted from before a renewal was sent, so that they end earlier here than for anyone who saw its effect.
 */
export function elect(
  settings: LeaderSettings,
  deps: LeaderDeps,
  onTerm: (term: Term) => void,
  stop: AbortSignal,
): Promise<void> {
  return new Candidate(settings, deps, onTerm).run(stop);
}

/** One that takes part in the election. */
class Candidate {
  readonly #settings: LeaderSettings;
  readonly #deps: LeaderDeps;
  readonly #onTerm: (term: Term) => void;
  readonly #rounds: Rounds;
  readonly #leaseWatch: LeaseWatch;
  readonly #compare: (record: LeaseRecord) => void;
  #observed: Observed | undefined;
  #term: Running | undefined;
  /** When what we wrote last has run out for anyone who saw it. */
  #heldUntilMs = Number.NEGATIVE_INFINITY;
  /** When the server's data were last known to be back from a backup. */
  #restoredAtMs = Number.NEGATIVE_INFINITY;
  /** A Lease that was taken before it was known to be back from a backup: another may lead for as long as any lasts. */
  #leadsFromMs = Number.NEGATIVE_INFINITY;

  constructor(settings: LeaderSettings, deps: LeaderDeps, onTerm: (term: Term) => void) {
    this.#settings = settings;
    this.#deps = deps;
    this.#onTerm = onTerm;
    this.#rounds = createRounds(deps.clock, () => this.#round(), deps.pulse.part('the leader election'));
    this.#compare = createDisagreement(settings.note, deps.clock, deps.log);
    deps.horizon.onRestored(() => {
      this.#restoredAtMs = deps.clock.steadyMs();
      this.#observed = observedAnew(this.#observed, this.#restoredAtMs);
    });
    this.#leaseWatch = createLeaseWatch(settings.place, deps, {
      seen: (record) => {
        this.#observed = observe(this.#observed, record, deps.clock.steadyMs());
        // What we wrote ourselves is no news, and is renewed in its time.
        if (record.holder !== settings.identity && this.#heldForMs() === undefined) this.#rounds.wake();
      },
      ended: () => this.#rounds.wake(),
    });
  }

  async run(stop: AbortSignal): Promise<void> {
    await this.#rounds.run(stop);
    this.#leaseWatch.end();
    const term = this.#term;
    if (term?.isOpen() === true && this.#observed !== undefined) {
      await leave(this.#settings, this.#deps, this.#observed.record);
    }
    term?.end();
    term?.left.abort('Left');
  }

  async #round(): Promise<number> {
    if (this.#term?.over.aborted === true) this.#term = undefined;
    if (this.#term === undefined) this.#compareSettings();
    const heldForMs = this.#term === undefined ? this.#heldForMs() : undefined;
    if (heldForMs !== undefined) {
      // Another holds it, and that is seen: nothing is to be written.
      this.#deps.trouble.over();
      return heldForMs;
    }
    const { clock, random } = this.#deps;
    const sentMs = clock.steadyMs();
    // What we wrote, or what the watch has just shown, is written over without a look.
    const isKnown = this.#term !== undefined || this.#leaseWatch.isLive();
    const { result, failure } = await this.#attempt(isKnown);
    if (failure !== undefined) this.#deps.trouble.met(failure);
    else this.#deps.trouble.over();
    if (result === 'held') this.#lead(sentMs);
    else if (result === 'other') this.#standBy(isKnown);
    return leaseRetryMs(this.#settings.timings, random());
  }

  async #attempt(isKnown: boolean): Promise<LeaseAttempt> {
    const { horizon, clock } = this.#deps;
    const { timings } = this.#settings;
    const before = this.#observed;
    const seen = horizon.newest();
    const known = isKnown ? before : undefined;
    const isLeading = clock.steadyMs() < this.#heldUntilMs;
    const attempt = await limited(this.#settings, this.#deps, (signal) =>
      attemptLease({ ...this.#settings, ...this.#deps, known, last: before, isLeading, signal }),
    );
    const now = attempt.observed?.record.resourceVersion ?? '';
    const isOvertaken =
      this.#observed?.record !== before?.record && isOlder(now, this.#observed?.record.resourceVersion ?? '');
    // What was written is newer than all before, and no Lease is older than it was.
    const isHeld = attempt.result === 'held';
    const isBack = horizon.answered(now, isHeld ? seen : (before?.record.resourceVersion ?? ''));
    if (isHeld && isBack && !isLeading) this.#leadsFromMs = clock.steadyMs() + timings.durationMs;
    if (!isOvertaken) {
      this.#observed = isHeld ? attempt.observed : observedAnew(attempt.observed, this.#restoredAtMs);
    }
    return attempt;
  }

  #lead(sentMs: number): void {
    const { clock, log } = this.#deps;
    const { timings, identity } = this.#settings;
    this.#leaseWatch.end();
    if (sentMs < this.#leadsFromMs) return;
    this.#heldUntilMs = sentMs + timings.durationMs;
    if (this.#term?.isOpen() === true) {
      this.#term.sentMs = sentMs;
      return;
    }
    this.#term?.end();
    this.#term = beginTerm(sentMs, timings, clock, log, identity);
    this.#onTerm(this.#term);
  }

  #standBy(wasKnown: boolean): void {
    this.#heldUntilMs = Number.NEGATIVE_INFINITY;
    this.#term?.end();
    // Another may lead by now: what is under way is given up at once.
    this.#term?.abandon();
    this.#term = undefined;
    // What the Lease is now the watch should have shown: it has fallen silent.
    if (wasKnown) this.#leaseWatch.end();
    this.#leaseWatch.begin();
  }

  #compareSettings(): void {
    const record = this.#observed?.record;
    if (record !== undefined && record.holder !== this.#settings.identity) this.#compare(record);
  }

  /** How long the Lease that another holds still lasts, as the watch has it; undefined where it shows nothing. */
  #heldForMs(): number | undefined {
    const observed = this.#observed;
    const nowMs = this.#deps.clock.steadyMs();
    if (!this.#leaseWatch.isLive() || observed === undefined) return undefined;
    if (judgeLease(observed, this.#settings, nowMs)[0] !== 'wait') return undefined;
    return runsOutAtMs(observed, this.#settings) - nowMs;
  }
}

/** One attempt, within its time. */
function limited<T>(
  { timings }: LeaderSettings,
  { clock }: LeaderDeps,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withDeadline(attemptMs(timings), clock, undefined, run, 'TimedOut');
}

async function leave(settings: LeaderSettings, deps: LeaderDeps, record: LeaseRecord): Promise<void> {
  const { place } = settings;
  const { cluster, clock, log } = deps;
  const released = await limited(settings, deps, (signal) =>
    releaseLease(place, record, clock.nowMs(), cluster, signal),
  );
  if (released.ok) log('info', 'Lease released', { lease: `${place.namespace}/${place.name}` });
  else log('warn', 'Lease could not be released; another takes over when it runs out', { why: released.why });
}

import {
  heldLease,
  judgeLease,
  leaseOf,
  leaseRetryMs,
  observe,
  releasedLease,
  type LeasePlace,
  type LeaseRecord,
  type LeaseTimings,
  type Observed,
} from '../core/controller/lease.ts';
import type { ControllerCluster, Log, Random, Clock } from '../ports.ts';
import { withDeadline } from '../serving/deadline.ts';

export type LeaderSettings = {
  place: LeasePlace;
  /** Of this process alone. */
  identity: string;
  timings: LeaseTimings;
};

export type LeaderDeps = { cluster: ControllerCluster; clock: Clock; random: Random; log: Log };

/** The time for which this process leads. */
export type Term = {
  /** Whether a write may be begun now. */
  isOpen(): boolean;
  /** Aborted when the term ends: nothing new is begun. */
  over: AbortSignal;
  /** Aborted before another may lead: what is still under way then is abandoned. */
  fence: AbortSignal;
};

/** A term without end, for a controller that is told to run alone. */
export function aloneForEver(): Term {
  const never = new AbortController().signal;
  return { isOpen: () => true, over: never, fence: never };
}

/**
 * The same term, ending with this process.
 * @param stop nothing new is begun after it.
 * @param abandon what is still under way then is abandoned.
 */
export function within(term: Term, stop: AbortSignal, abandon: AbortSignal): Term {
  return {
    isOpen: () => term.isOpen() && !abandon.aborted,
    over: AbortSignal.any([term.over, stop]),
    fence: AbortSignal.any([term.fence, abandon]),
  };
}

type Running = Term & {
  /** Before the last renewal that succeeded was sent. */
  sentMs: number;
  end(): void;
  /** Nothing is under way any more that would have to be abandoned. */
  left: AbortController;
  abandon(): void;
};

/** What abandoning takes, scheduling and all; well before another may lead. */
const fenceMarginMs = 500;

/**
 * Takes part in the election until `stop`, then leaves properly. Calls `onTerm` whenever this process begins to lead.
 *
 * Times are counted from before a renewal was sent, so that they end earlier here than for anyone who saw its effect.
 */
export async function elect(
  settings: LeaderSettings,
  deps: LeaderDeps,
  onTerm: (term: Term) => void,
  stop: AbortSignal,
): Promise<void> {
  const { timings, identity } = settings;
  const { clock, random, log } = deps;
  let observed: Observed | undefined;
  let term: Running | undefined;
  let complaint: string | undefined;

  while (!stop.aborted) {
    if (term?.over.aborted === true) term = undefined;
    const sentMs = clock.steadyMs();
    const known = term === undefined ? undefined : observed;
    const last = observed;
    const attempt = await limited(settings, deps, (signal) => attemptOnce(settings, deps, known, last, signal));
    observed = attempt.observed;
    if (attempt.result === 'held') {
      complaint = undefined;
      if (term !== undefined && term.isOpen()) term.sentMs = sentMs;
      else {
        term?.end();
        term = beginTerm(sentMs, timings, clock, log, identity);
        onTerm(term);
      }
    } else if (attempt.result === 'other') {
      term?.end();
      term = undefined;
    } else {
      log(attempt.why === complaint ? 'debug' : 'warn', 'Lease could not be written, trying again', {
        why: attempt.why,
      });
      complaint = attempt.why;
    }
    await clock.sleep(leaseRetryMs(timings, random()), stop);
  }
  if (term !== undefined && observed !== undefined && term.isOpen()) await leave(settings, deps, observed.record);
  term?.end();
  term?.left.abort('Left');
}

type Attempt =
  | { result: 'held'; observed: Observed | undefined }
  | { result: 'other'; observed: Observed | undefined }
  | { result: 'failed'; why: string; observed: Observed | undefined };

/** An attempt that gets no answer leaves time for another one before the term ends. */
function limited<T>(
  { timings }: LeaderSettings,
  { clock }: LeaderDeps,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withDeadline(timings.renewDeadlineMs / 2, clock, undefined, run, 'TimedOut');
}

/**
 * One attempt to get or keep the lease.
 * @param known what we wrote last: written over without a look, as it can only have changed if we were thought dead.
 */
async function attemptOnce(
  { place, identity, timings }: LeaderSettings,
  { cluster, clock }: LeaderDeps,
  known: Observed | undefined,
  last: Observed | undefined,
  signal: AbortSignal,
): Promise<Attempt> {
  let observed = last;
  let before: LeaseRecord | undefined = known?.record;
  if (known === undefined) {
    const seen = leaseOf(await cluster.readLease(place, signal));
    if (!seen.ok && seen.status !== 404) return { result: 'failed', why: seen.why, observed };
    if (seen.ok) {
      const now = clock.steadyMs();
      observed = observe(observed, seen.record, now);
      const step = judgeLease(observed, identity, now);
      if (step[0] === 'wait') return { result: 'other', observed };
      before = seen.record;
    }
  }
  const body = heldLease(place, identity, before, timings.durationMs, clock.nowMs());
  const reply =
    before === undefined
      ? await cluster.createLease(place, body, signal)
      : await cluster.updateLease(place, body, signal);
  const wrote = leaseOf(reply);
  if (wrote.ok) return { result: 'held', observed: observe(observed, wrote.record, clock.steadyMs()) };
  if (wrote.status !== 409 && wrote.status !== 404) return { result: 'failed', why: wrote.why, observed };
  return lookAgain(place, identity, cluster, clock, observed, signal);
}

/** The lease was written by somebody else meanwhile, or by an earlier attempt of ours that got no answer. */
async function lookAgain(
  place: LeasePlace,
  identity: string,
  cluster: ControllerCluster,
  clock: Clock,
  observed: Observed | undefined,
  signal: AbortSignal,
): Promise<Attempt> {
  const seen = leaseOf(await cluster.readLease(place, signal));
  if (!seen.ok) return { result: 'failed', why: seen.why, observed };
  const next = observe(observed, seen.record, clock.steadyMs());
  const isOurs = seen.record.holder === identity;
  return isOurs
    ? { result: 'failed', why: 'an earlier renewal got no answer', observed: next }
    : { result: 'other', observed: next };
}

function beginTerm(sentMs: number, timings: LeaseTimings, clock: Clock, log: Log, identity: string): Running {
  const over = new AbortController();
  const fence = new AbortController();
  const term: Running = {
    sentMs,
    left: new AbortController(),
    isOpen: () => !over.signal.aborted && clock.steadyMs() < term.sentMs + timings.renewDeadlineMs,
    over: over.signal,
    fence: fence.signal,
    end: () => {
      if (over.signal.aborted) return;
      over.abort('LeaseLost');
      log('info', 'No longer leading', { identity });
    },
    abandon: () => fence.abort('LeaseRunsOut'),
  };
  log('info', 'Leading', { identity });
  void endInTime(term, timings, clock);
  return term;
}

/** Ends the term at its deadline whatever the renewals do, and abandons what is under way before its lease runs out. */
async function endInTime(term: Running, timings: LeaseTimings, clock: Clock): Promise<void> {
  while (!term.over.aborted) {
    const leftMs = term.sentMs + timings.renewDeadlineMs - clock.steadyMs();
    if (leftMs <= 0) term.end();
    else await clock.sleep(leftMs, term.over);
  }
  const marginMs = Math.min(fenceMarginMs, (timings.durationMs - timings.renewDeadlineMs) / 2);
  await clock.sleep(Math.max(0, term.sentMs + timings.durationMs - marginMs - clock.steadyMs()), term.left.signal);
  term.abandon();
}

async function leave(settings: LeaderSettings, deps: LeaderDeps, record: LeaseRecord): Promise<void> {
  const { place } = settings;
  const { cluster, clock, log } = deps;
  const body = releasedLease(place, record, clock.nowMs());
  const released = leaseOf(await limited(settings, deps, (signal) => cluster.updateLease(place, body, signal)));
  if (released.ok) log('info', 'Lease released', { lease: `${place.namespace}/${place.name}` });
  else log('warn', 'Lease could not be released; another takes over when it runs out', { why: released.why });
}

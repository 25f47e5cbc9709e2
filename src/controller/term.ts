import type { LeaseTimings } from '../core/controller/lease.ts';
import type { Clock, Log } from '../ports.ts';
import { createRounds } from '../serving/rounds.ts';

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

/** A term of the election. */
export type Running = Term & {
  /** Before the last renewal that succeeded was sent. */
  sentMs: number;
  end(): void;
  /** Nothing is under way any more that would have to be abandoned. */
  left: AbortController;
  abandon(): void;
};

/** What abandoning takes, scheduling and all; well before another may lead. */
const fenceMarginMs = 500;

/** @param sentMs before the request was sent that took the Lease. */
export function beginTerm(sentMs: number, timings: LeaseTimings, clock: Clock, log: Log, identity: string): Running {
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
  const look = () => {
    const leftMs = term.sentMs + timings.renewDeadlineMs - clock.steadyMs();
    if (leftMs <= 0) term.end();
    return Promise.resolve(leftMs);
  };
  await createRounds(clock, look).run(term.over);
  const marginMs = Math.min(fenceMarginMs, (timings.durationMs - timings.renewDeadlineMs) / 2);
  await clock.sleep(Math.max(0, term.sentMs + timings.durationMs - marginMs - clock.steadyMs()), term.left.signal);
  term.abandon();
}

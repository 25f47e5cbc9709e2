import { leaseIn, type LeasePlace, type LeaseRecord } from '../core/controller/lease.ts';
import { whyNot } from '../core/api/reply.ts';
import { retryDelayMs } from '../core/api/retry.ts';
import type { Clock, ControllerCluster, Log, Random } from '../ports.ts';

/** A watch of the Lease that another holds. */
export type LeaseWatch = {
  /** Begins to watch, unless it does so already or could not a moment ago. */
  begin(): void;
  /** Whether it has shown something, and so would show what comes next. */
  isLive(): boolean;
  end(): void;
};

export type LeaseWatchHandler = {
  /** The Lease stands so now. */
  readonly seen: (record: LeaseRecord) => void;
  /** What was live is not any more. */
  readonly ended: () => void;
};

type Deps = { cluster: ControllerCluster; clock: Clock; random: Random; log: Log };

/** Servers end a watch after so long, and the next look begins another. */
const watchSeconds = 600;

/** Without it, or where it may not watch, a standby looks at the Lease as often as its holder renews it. */
export function createLeaseWatch(
  place: LeasePlace,
  { cluster, clock, random, log }: Deps,
  handler: LeaseWatchHandler,
): LeaseWatch {
  let session: { ended: AbortController; isLive: boolean } | undefined;
  let failures = 0;
  let notBeforeMs = Number.NEGATIVE_INFINITY;
  let complaint: string | undefined;

  const watch = async (mine: NonNullable<typeof session>): Promise<void> => {
    const { signal } = mine.ended;
    const onEvent = (event: unknown): void => {
      const lease = leaseIn(event);
      if (lease === undefined || signal.aborted) return;
      mine.isLive = true;
      failures = 0;
      complaint = undefined;
      handler.seen(lease);
    };
    const end = await cluster.watchLease(place, { timeoutSeconds: watchSeconds }, { event: onEvent }, signal);
    if (signal.aborted) return;
    session = undefined;
    failures += 1;
    notBeforeMs = clock.steadyMs() + retryDelayMs(failures, undefined, random());
    if (end.kind !== 'ended') complain(whyNot(end));
    if (mine.isLive) handler.ended();
  };
  const complain = (why: string): void => {
    log(why === complaint ? 'debug' : 'warn', 'Lease could not be watched, looking at it instead', { why });
    complaint = why;
  };

  return {
    begin() {
      if (session !== undefined || clock.steadyMs() < notBeforeMs) return;
      session = { ended: new AbortController(), isLive: false };
      void watch(session);
    },
    isLive: () => session?.isLive === true,
    end() {
      session?.ended.abort('Ended');
      session = undefined;
    },
  };
}

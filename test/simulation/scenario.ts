import { usualLeaseTimings, type LeaseTimings } from '../../src/core/controller/lease.ts';
import { usualWatchTimings } from '../../src/controller/watch.ts';
import type { WatchTimings } from '../../src/controller/watch-position.ts';
import type { Dice } from './dice.ts';
import { healingMs } from './stated-times.ts';

const hourMs = 3_600_000;

/** What one seed is about. */
export type Scenario = {
  replicas: number;
  namespaces: number;
  prune: boolean;
  concurrency: number;
  canStream: boolean;
  lease: LeaseTimings | undefined;
  watchTimings: WatchTimings;
  bookmarkMs: number;
  /** Bad times and good times take turns. */
  rounds: number;
  stormMs: number;
  /** Every promise holds again so long after the world is well. */
  boundMs: number;
  /** Happenings in one storm. */
  troubles: number;
  /** How often the CronJob starts beside the controller; absent where there is none. */
  jobEveryMs: number | undefined;
  tokenLifeMs: number;
};

/** How much more rarely than in earnest the lease is renewed and everything is listed anew. */
const paces = {
  /** The timings that ship: an evening. */
  earnest: { lease: 1, watch: 1, rounds: 1 },
  evening: { lease: 60, watch: 1, rounds: 2 },
  week: { lease: 300, watch: 10, rounds: 2 },
  months: { lease: 800, watch: 200, rounds: 3 },
};

/**
 * Draws a scenario. What happens every few seconds (renewing, bookmarks) happens more rarely in the longer ones, so that
 * they end in good time.
 */
export function scenarioOf(dice: Dice): Scenario {
  const pace = paceOf(dice);
  const isAlone = dice.happens(0.15);
  const watchTimings = {
    silenceMs: usualWatchTimings.silenceMs * pace.watch,
    relistMs: usualWatchTimings.relistMs * pace.watch,
    watchSeconds: usualWatchTimings.watchSeconds * pace.watch,
  };
  const lease = {
    durationMs: usualLeaseTimings.durationMs * pace.lease,
    renewDeadlineMs: usualLeaseTimings.renewDeadlineMs * pace.lease,
    retryMs: usualLeaseTimings.retryMs * pace.lease,
  };
  const boundMs = healingMs(watchTimings, lease);
  const stormMs = (dice.between(1, 4) * pace.watch * hourMs) / 4;
  return {
    replicas: isAlone ? 1 : dice.between(2, 3),
    namespaces: dice.between(2, 12),
    prune: dice.happens(0.3),
    concurrency: 4,
    canStream: dice.happens(0.8),
    lease: isAlone && dice.happens(0.5) ? undefined : lease,
    watchTimings,
    bookmarkMs: watchTimings.silenceMs * 0.8,
    rounds: dice.between(1, pace.rounds),
    stormMs,
    boundMs,
    troubles: dice.between(5, 40),
    jobEveryMs: dice.happens(0.3) ? dice.between(1, 6) * hourMs : undefined,
    tokenLifeMs: pace.watch === 1 ? dice.between(1, 4) * hourMs : 12 * hourMs,
  };
}

function paceOf(dice: Dice): (typeof paces)[keyof typeof paces] {
  const drawn = dice.chance();
  if (drawn < 0.04) return paces.earnest;
  if (drawn < 0.7) return paces.evening;
  return drawn < 0.97 ? paces.week : paces.months;
}

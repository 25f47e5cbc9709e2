import type { Clock } from '../../src/ports.ts';
import { clockOf, virtualTime } from '../simulation/virtual-time.ts';

/** Time that stands still, whoever reads the clock, unless it is told to pass. */
export type StandingTime = {
  clock: Clock;
  readonly nowMs: () => number;
  /** Has something happen then. */
  readonly at: (atMs: number, run: () => void) => void;
  /** Lets time pass up to then, with all that becomes due. */
  readonly until: (atMs: number) => Promise<void>;
};

/** Begins at 0. */
export function standingTime(): StandingTime {
  const time = virtualTime(0);
  const clock = clockOf(time, { isAlive: () => true, frozenUntilMs: () => 0, wallOffsetMs: () => 0 });
  const at = (atMs: number, run: () => void) => void time.plan(atMs - time.nowMs(), run);
  return {
    clock,
    nowMs: () => time.nowMs(),
    at,
    async until(atMs) {
      const goal = { isThere: false };
      await new Promise(setImmediate);
      at(atMs, () => (goal.isThere = true));
      while (!goal.isThere) await time.step();
    },
  };
}

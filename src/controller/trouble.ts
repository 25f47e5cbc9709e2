import type { Failure, FailureCode } from '../core/failures/errors.ts';
import { isLasting } from '../core/controller/refusals.ts';
import type { Clock, Log } from '../ports.ts';

/** Something that goes wrong for a while. */
export type Trouble = {
  /**
   * It went wrong once more; each reason is told once and every hour while it lasts, and not again within ten minutes if it
   * comes and goes.
   */
  readonly met: (failure: Failure, keys?: Readonly<Record<string, unknown>>) => void;
  /** It went well; told, with how long it did not, where it was told that it did not. */
  readonly over: () => void;
  /** For how long it has gone wrong, in milliseconds; undefined where it does not. */
  readonly lastsMs: () => number | undefined;
  /** What went wrong last; undefined where it does not. */
  readonly failure: () => Failure | undefined;
};

/** What comes and goes is told so often. */
const quietMs = 10 * 60_000;
/** What lasts is told again so often: whoever reads the log then finds it there. */
export const remindMs = 60 * 60_000;

/** What is told when it begins and when it ends, and of what; each a constant. */
export type TroubleWords = { began: string; ended: string; keys?: Readonly<Record<string, unknown>> };

/** Nothing has gone wrong yet. What somebody has to mend is an error, what may pass by itself a warning. */
export function createTrouble({ began, ended, keys: about = {} }: TroubleWords, clock: Clock, log: Log): Trouble {
  let sinceMs: number | undefined;
  let last: Failure | undefined;
  const told = new Set<FailureCode>();
  const lastToldMs = new Map<FailureCode, number>();
  const lastsMs = () => (sinceMs === undefined ? undefined : clock.steadyMs() - sinceMs);
  return {
    met(failure, keys = {}) {
      const { code } = failure;
      const nowMs = clock.steadyMs();
      sinceMs ??= nowMs;
      last = failure;
      const agoMs = nowMs - (lastToldMs.get(code) ?? Number.NEGATIVE_INFINITY);
      const isQuiet = agoMs < (told.has(code) ? remindMs : quietMs);
      const level = isLasting(code) ? 'error' : 'warn';
      log(isQuiet ? 'debug' : level, began, { ...about, ...keys, failure });
      if (isQuiet) return;
      told.add(code);
      lastToldMs.set(code, nowMs);
    },
    over() {
      const lastedMs = lastsMs();
      if (lastedMs === undefined) return;
      log(told.size > 0 ? 'info' : 'debug', ended, { ...about, seconds: Math.round(lastedMs / 1000) });
      sinceMs = undefined;
      last = undefined;
      told.clear();
    },
    lastsMs,
    failure: () => last,
  };
}

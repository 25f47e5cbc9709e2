import type { Clock } from '../ports.ts';
import type { Beat } from './pulse.ts';

/** What is done over and over. */
export type Rounds = {
  /** Cuts the present wait short, or the next one where a round is under way. */
  wake(): void;
  /** Begins the first round at once; resolves when the one that is under way at `stop` has ended. */
  run(stop: AbortSignal): Promise<void>;
};

/**
 * @param round one round; resolves to the milliseconds to the next one.
 * @param beat is told how long the wait is; a round has time limits of its own.
 */
export function createRounds(clock: Clock, round: (stop: AbortSignal) => Promise<number>, beat?: Beat): Rounds {
  let nap = new AbortController();
  const wake = () => nap.abort('Awake');
  return {
    wake,
    async run(stop) {
      stop.addEventListener('abort', wake);
      while (!stop.aborted) {
        nap = new AbortController();
        beat?.(Number.POSITIVE_INFINITY);
        const delayMs = await round(stop);
        beat?.(clock.steadyMs() + delayMs);
        if (delayMs > 0 && !stop.aborted) await clock.sleep(delayMs, nap.signal);
      }
      beat?.(Number.POSITIVE_INFINITY);
      stop.removeEventListener('abort', wake);
    },
  };
}

import type { Clock } from '../ports.ts';

/** `excusedMs`: how much of the time that has passed does not count. */
export type Limit = { limitMs: number; readonly excusedMs: () => number };

/**
 * Runs something under a signal that aborts when `stop` does, and after so long.
 * @param stop aborts with the name of a process signal; absent where nothing else ends it.
 * @param limit in milliseconds, or with time that does not count.
 * @param reason why the signal aborts at its time; `DeadlinePassed` also abandons requests that are under way.
 */
export async function withDeadline<T>(
  limit: number | Limit,
  clock: Clock,
  stop: AbortSignal | undefined,
  run: (either: AbortSignal) => Promise<T>,
  reason: 'DeadlinePassed' | 'TimedOut' = 'DeadlinePassed',
): Promise<T> {
  const over = new AbortController();
  const deadline = new AbortController();
  const { limitMs, excusedMs } = typeof limit === 'number' ? { limitMs: limit, excusedMs: () => 0 } : limit;
  const watch = async (): Promise<void> => {
    let excused = 0;
    for (let restMs = limitMs; restMs > 0 && !over.signal.aborted;) {
      await clock.sleep(restMs, over.signal);
      restMs = excusedMs() - excused;
      excused += restMs;
    }
    if (!over.signal.aborted) deadline.abort(reason);
  };
  const watching = watch();
  try {
    return await run(stop === undefined ? deadline.signal : AbortSignal.any([stop, deadline.signal]));
  } finally {
    over.abort('Over');
    await watching;
  }
}

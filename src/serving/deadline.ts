import type { Clock } from '../ports.ts';

/**
 * Runs something under a signal that aborts when `stop` does, and after so long.
 * @param stop aborts with the name of a process signal; absent where nothing else ends it.
 * @param reason why the signal aborts at its time; `DeadlinePassed` also abandons requests that are under way.
 */
export async function withDeadline<T>(
  limitMs: number,
  clock: Clock,
  stop: AbortSignal | undefined,
  run: (either: AbortSignal) => Promise<T>,
  reason: 'DeadlinePassed' | 'TimedOut' = 'DeadlinePassed',
): Promise<T> {
  const over = new AbortController();
  const deadline = new AbortController();
  const watch = async (): Promise<void> => {
    await clock.sleep(limitMs, over.signal);
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

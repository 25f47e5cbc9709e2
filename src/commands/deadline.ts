import type { Clock } from '../ports.ts';

/**
 * Runs something under a signal that aborts when `stop` does, and after so long with the reason `DeadlinePassed`.
 * @param stop aborts with the name of a process signal.
 */
export async function withDeadline<T>(
  deadlineMs: number,
  clock: Clock,
  stop: AbortSignal,
  run: (either: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const deadline = new AbortController();
  const watch = async (): Promise<void> => {
    await clock.sleep(deadlineMs, over.signal);
    if (!over.signal.aborted) deadline.abort('DeadlinePassed');
  };
  const watching = watch();
  try {
    return await run(AbortSignal.any([stop, deadline.signal]));
  } finally {
    over.abort('Over');
    await watching;
  }
}

import type { WorkQueue } from '../core/controller/work-queue.ts';
import type { SteadyClock } from '../ports.ts';

export type Work = { key: string; waitedMs: number };

/** Where workers wait for work. */
export type Workers = {
  /** Work for a bounded pool, one key each; ends with `stop`. */
  items(stop: AbortSignal): AsyncIterator<Work, void>;
  /** Hands out what can be done now. To be called whenever something was queued, was done, or became possible. */
  pump(): void;
  /** Hands out what becomes due with time, until `stop`. */
  run(stop: AbortSignal): Promise<void>;
};

/** The clock is looked at so often though nothing is due. */
const longestSleepMs = 60 * 60_000;

/** @param isOpen whether work may be done at all. */
export function createWorkers(queue: WorkQueue, isOpen: () => boolean, { clock }: { clock: SteadyClock }): Workers {
  const waiting: ((next: IteratorResult<Work, void>) => void)[] = [];
  let wakeAtMs = Number.POSITIVE_INFINITY;
  let nap = new AbortController();

  const pump = () => {
    while (waiting.length > 0 && isOpen()) {
      const next = queue.take(clock.steadyMs());
      if (next === undefined) break;
      waiting.shift()?.({ done: false, value: next });
    }
    if ((queue.nextDueMs() ?? Number.POSITIVE_INFINITY) < wakeAtMs) nap.abort('Awake');
  };

  return {
    pump,
    items(stop) {
      stop.addEventListener('abort', () => {
        for (const tell of waiting.splice(0)) tell({ done: true, value: undefined });
      });
      return {
        next() {
          if (stop.aborted) return Promise.resolve({ done: true, value: undefined });
          return new Promise((resolve) => {
            waiting.push(resolve);
            pump();
          });
        },
      };
    },
    async run(stop) {
      stop.addEventListener('abort', () => nap.abort('Awake'));
      while (!stop.aborted) {
        const nowMs = clock.steadyMs();
        // What is due and cannot be handed out now is handed out by whoever ends what prevents it.
        wakeAtMs = Math.min(dueAfter(queue.nextDueMs(), nowMs), nowMs + longestSleepMs);
        nap = new AbortController();
        await clock.sleep(wakeAtMs - nowMs, nap.signal);
        pump();
      }
    },
  };
}

function dueAfter(dueMs: number | undefined, nowMs: number): number {
  return dueMs !== undefined && dueMs > nowMs ? dueMs : Number.POSITIVE_INFINITY;
}

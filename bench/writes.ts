import type { Stage } from './stage.ts';

export type Writes = {
  /** When each write of a secret was answered, by `performance.now()`. */
  atMs: number[];
  /** Resolves at the answer that makes them `count`. */
  until(count: number): Promise<void>;
  /** Begins to count anew. */
  reset(): void;
};

const TIMEOUT_MS = 180_000;

/** Listens to the server itself, so that waiting for a write costs neither side anything. */
export function listenToWrites({ kubernetes: { stats } }: Stage): Writes {
  const atMs: number[] = [];
  let waiting: { count: number; resolve: () => void } | undefined;
  let key = '';
  const countRequest = stats.countRequest.bind(stats);
  const countStatus = stats.countStatus.bind(stats);
  stats.countRequest = (requested) => {
    key = requested;
    countRequest(requested);
  };
  // It is called for the request that was counted last: the server answers in one go.
  stats.countStatus = (status) => {
    countStatus(status);
    if (key !== 'PATCH secrets' || status >= 300) return;
    atMs.push(performance.now());
    if (waiting !== undefined && atMs.length >= waiting.count) waiting.resolve();
  };
  return {
    atMs,
    until(count) {
      if (atMs.length >= count) return Promise.resolve();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const timer = setTimeout(() => reject(new Error(`${atMs.length} of ${count} secrets were written`)), TIMEOUT_MS);
      waiting = { count, resolve };
      return promise.finally(() => clearTimeout(timer));
    },
    reset: () => void (atMs.length = 0),
  };
}

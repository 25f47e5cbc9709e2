import { hrtime } from 'node:process';
import type { Clock } from '../ports.ts';

const start = hrtime();

/** The machine's clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  // The same clock as performance.now(), which loads what measures a process; from the start, so that its figures stay small.
  steadyMs() {
    const [seconds, nanoseconds] = hrtime(start);
    return seconds * 1000 + nanoseconds / 1e6;
  },
  sleep(delayMs, signal) {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (signal?.aborted === true) return Promise.resolve();
    const timer = setTimeout(done, delayMs);
    signal?.addEventListener('abort', done, { once: true });
    return promise;

    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
  },
};

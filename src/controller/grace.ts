import type { Log, Clock } from '../ports.ts';

export type Abandon = {
  /** Aborts what is in flight. */
  signal: AbortSignal;
  /** Resolves when the grace is over, or once all is drained. */
  ended: Promise<void>;
};

/**
 * Abandons what is still in flight when the grace after `stop` is over.
 * @param drained nothing is in flight any more.
 */
export function abandonAfterGrace(
  stop: AbortSignal,
  drained: AbortSignal,
  inFlight: () => number,
  { graceMs }: { graceMs: number },
  { clock, log }: { clock: Clock; log: Log },
): Abandon {
  const abandon = new AbortController();
  const run = async () => {
    await aborted(stop);
    await clock.sleep(graceMs, drained);
    if (!drained.aborted) log('warn', 'What is still in flight is abandoned', { namespaces: inFlight() });
    abandon.abort('GraceOver');
  };
  return { signal: abandon.signal, ended: run() };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

import type { Clock } from '../ports.ts';

export type Alarm = {
  /** To ring then at the latest. */
  set(atMs: number, nowMs: number): void;
  clear(): void;
};

/**
 * Rings once, at the earliest of the times that were set.
 * @param onBug is told what `ring` threw.
 */
export function createAlarm(clock: Clock, ring: () => void, onBug: (bug: unknown) => void): Alarm {
  let setMs = Number.POSITIVE_INFINITY;
  let nap = new AbortController();
  const clear = () => {
    setMs = Number.POSITIVE_INFINITY;
    nap.abort('Awake');
  };
  const sleep = async (delayMs: number, { signal }: AbortController): Promise<void> => {
    await clock.sleep(delayMs, signal);
    if (signal.aborted) return;
    setMs = Number.POSITIVE_INFINITY;
    ring();
  };
  return {
    clear,
    set(atMs, nowMs) {
      if (atMs >= setMs) return;
      clear();
      setMs = atMs;
      nap = new AbortController();
      sleep(atMs - nowMs, nap).catch(onBug);
    },
  };
}

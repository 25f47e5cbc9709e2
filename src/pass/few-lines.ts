import type { Log } from '../ports.ts';

/** Lines of a kind that say something to whoever reads them; a first pass may have thousands. */
const mostOfAKind = 20;

/**
 * A log that says the first of each kind of good news, and the rest only to who asks for more (`LOG_LEVEL=debug`). What is wrong is
 * always said.
 * @returns `more` says how many of each kind were not told.
 */
export function fewLines(log: Log): { log: Log; more: () => void } {
  const told = new Map<string, number>();
  return {
    log(level, message, keys) {
      if (level !== 'info') return log(level, message, keys);
      const before = told.get(message) ?? 0;
      told.set(message, before + 1);
      log(before < mostOfAKind ? 'info' : 'debug', message, keys);
    },
    more() {
      for (const [message, times] of told) {
        if (times > mostOfAKind) log('info', `${message}, and more like it`, { more: times - mostOfAKind });
      }
    },
  };
}

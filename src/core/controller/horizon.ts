import { isOlder } from '../api/revision.ts';

/**
 * How far the server's data have come, by all that was seen of them. An answer that must be newer than what was seen before
 * it was asked for, and is older, means that they were restored from a backup: a watch that goes on from before is then
 * answered, and stays silent.
 */
export type Horizon = {
  /** The newest revision that was seen. */
  newest(): string;
  /** Something of this revision was seen, as by a watch. */
  saw(resourceVersion: string): void;
  /**
   * Something was answered that cannot be older than `since`, where the data are the same.
   * @returns whether they were restored.
   */
  answered(resourceVersion: string, since: string): boolean;
  /** Calls `listener` whenever they were. */
  onRestored(listener: () => void): void;
};

/** Nothing has been seen yet. */
export function createHorizon(): Horizon {
  const listeners: (() => void)[] = [];
  let newest = '';
  const saw = (resourceVersion: string): void => {
    if (newest === '' || isOlder(newest, resourceVersion)) newest = resourceVersion;
  };
  return {
    newest: () => newest,
    saw,
    answered(resourceVersion, since) {
      if (!isOlder(resourceVersion, since)) {
        saw(resourceVersion);
        return false;
      }
      // Of several that were under way when it happened, the first has told of it.
      if (isOlder(newest, since)) {
        saw(resourceVersion);
        return true;
      }
      newest = resourceVersion;
      for (const tell of listeners) tell();
      return true;
    },
    onRestored: (listener) => void listeners.push(listener),
  };
}

import type { Horizon } from '../core/controller/horizon.ts';
import type { Facts } from '../core/controller/watch-events.ts';
import type { Beat } from '../serving/pulse.ts';
import type { Random, Clock, WatchTopic } from '../ports.ts';

/** What is told of the objects that are watched. */
export type WatchHandler = {
  /** @param isListed it stands in a list, which is never behind what was seen before. */
  put(facts: Facts, isListed: boolean): void;
  gone(facts: Facts): void;
  /** Everything there was at this revision has been put; what is not among these keys is gone. */
  listed(present: ReadonlySet<string>, resourceVersion: string): void;
  /** What tells the objects apart. */
  keyOf(facts: Facts): string;
};

export type WatchTimings = {
  /** A watch that says nothing for so long is dead; servers send bookmarks every minute. */
  silenceMs: number;
  /** All is listed anew so often, in case an event was lost on its way; less up to a fifth. */
  relistMs: number;
  /** The server is asked to end a watch after so long, plus up to as much again. */
  watchSeconds: number;
};

/** How far the watching of a topic is. */
export type Position = {
  /** Absent: everything has to be listed. */
  resourceVersion: string | undefined;
  /** Until when it is not asked to stream a list, since it could not; by the steady clock. */
  listsUntilMs: number;
  /** In a row. */
  failures: number;
  relistAtMs: number;
  /** The last watch ended before its time: the server may have been put back meanwhile to what it was before. */
  isDoubtful: boolean;
  /** Times in a row that what it showed, or was answered, made no sense. */
  odd: number;
};

/** A topic that is being watched. */
export type Watching = {
  topic: WatchTopic;
  handler: WatchHandler;
  timings: WatchTimings;
  position: Position;
  clock: Clock;
  random: Random;
  horizon: Horizon;
  /** All there is has been shown, and what comes makes sense. */
  readonly onSense: () => void;
  readonly watchdogBeat: Beat;
  /** The watch that is open. */
  session?: { endFor(why: string): void };
};

/** Nothing is known yet. */
export function unwatched(): Position {
  return {
    resourceVersion: undefined,
    listsUntilMs: Number.NEGATIVE_INFINITY,
    failures: 0,
    relistAtMs: 0,
    isDoubtful: false,
    odd: 0,
  };
}

/** Everything has just been listed; the next time is set. */
export function relisted({ position, timings, clock, random }: Watching): void {
  position.relistAtMs = clock.steadyMs() + Math.floor(timings.relistMs * (1 - 0.2 * random()));
}

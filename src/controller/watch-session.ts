import { judgeEvent } from '../core/controller/watch-events.ts';
import { createRounds } from '../serving/rounds.ts';
import { relisted, type Watching } from './watch-position.ts';

/** One watch, from its request to its end. */
export type WatchSession = {
  /** Aborts when it is to end. */
  signal: AbortSignal;
  readonly onEvent: (event: unknown) => void;
  /** What there is now has not been shown whole yet. */
  isListing(): boolean;
  /** Why it was ended from here; absent where the server or the connection ended it. */
  why(): string | undefined;
  /** How long it has lasted. */
  lastedMs(): number;
  /** Ends it from here. */
  endFor(why: string): void;
  /** It has ended. */
  close(): void;
};

/** Begins to judge the events of a watch, and ends it when it falls silent, is old enough to be checked, or at `stop`. */
export function openSession(watching: Watching, stop: AbortSignal): WatchSession {
  const { position, clock } = watching;
  const ended = new AbortController();
  const state: State = {
    present: position.resourceVersion === undefined ? new Set() : undefined,
    since: watching.horizon.newest(),
    heardMs: clock.steadyMs(),
    why: undefined,
    endFor(why) {
      state.why ??= why;
      ended.abort(why);
    },
  };
  const beganMs = state.heardMs;
  const onStop = () => state.endFor('Stopped');
  stop.addEventListener('abort', onStop);
  void watchdog(state, watching, ended.signal);
  return {
    signal: ended.signal,
    onEvent(event) {
      if (ended.signal.aborted) return;
      state.heardMs = clock.steadyMs();
      take(event, state, watching);
    },
    isListing: () => state.present !== undefined,
    why: () => state.why,
    endFor: (why) => state.endFor(why),
    lastedMs: () => clock.steadyMs() - beganMs,
    close() {
      ended.abort('Ended');
      stop.removeEventListener('abort', onStop);
    },
  };
}

type State = {
  /** Those that a streamed list has shown so far; absent once it is whole, and where the watch goes on from before. */
  present: Set<string> | undefined;
  /** The newest revision of anything when it was opened. */
  since: string;
  heardMs: number;
  why: string | undefined;
  endFor(why: string): void;
};

function take(event: unknown, state: State, watching: Watching): void {
  const { position, handler, horizon } = watching;
  const step = judgeEvent(event);
  if (step[0] === 'relist' || step[0] === 'restart') {
    if (step[0] === 'relist') position.resourceVersion = undefined;
    return state.endFor(step[1]);
  }
  if (step[0] === 'put') {
    state.present?.add(handler.keyOf(step[1]));
    handler.put(step[1], state.present !== undefined);
  } else if (step[0] === 'gone') {
    state.present?.delete(handler.keyOf(step[1]));
    handler.gone(step[1]);
  } else if (step[1].synced && state.present !== undefined) {
    horizon.answered(step[1].resourceVersion, state.since);
    relisted(watching);
    const { present } = state;
    state.present = undefined;
    handler.listed(present, step[1].resourceVersion);
  }
  if (state.present !== undefined) return;
  watching.onSense();
  position.resourceVersion = step[1].resourceVersion;
  horizon.saw(step[1].resourceVersion);
}

/** Ends the session when it falls silent or all is to be listed anew, and looks again when either may be. */
function watchdog(
  state: State,
  { position, timings, clock, watchdogBeat }: Watching,
  over: AbortSignal,
): Promise<void> {
  const look = () => {
    const nowMs = clock.steadyMs();
    const silentAtMs = state.heardMs + timings.silenceMs;
    const relistAtMs = state.present === undefined ? position.relistAtMs : Number.POSITIVE_INFINITY;
    if (silentAtMs <= nowMs) state.endFor('Silent');
    else if (relistAtMs <= nowMs) {
      position.resourceVersion = undefined;
      state.endFor('Resync');
    }
    return Promise.resolve(Math.min(silentAtMs, relistAtMs) - nowMs);
  };
  return createRounds(clock, look, watchdogBeat).run(over);
}

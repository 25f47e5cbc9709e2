import { dueTimes, type DueTimes } from './due-times.ts';

/** New and damaged secrets go before renewals, of which there are as many as namespaces. */
export type Lane = 'urgent' | 'routine';

/** Work that is taken up: a key for the first time, or one that was paused. */
export type Taken = { key: string; waitedMs: number; isResumed: boolean };

/**
 * Work keyed by namespace: each key waits at most once and is in work at most once. Every kind gets its share of what is
 * taken, however much there is of the others. Times are milliseconds.
 */
export type WorkQueue = {
  /** Work for a key, now. A key in work is done once more afterwards, never twice at a time. */
  add(key: string, lane: Lane, nowMs: number): void;
  /** Work for a key at a later time; an earlier time or work that waits already is not put off. */
  addAt(key: string, dueMs: number): void;
  /** Takes the next key into work. `waitedMs` since it became ready. */
  take(nowMs: number, kinds: { fresh: boolean; resumed: boolean }): Taken | undefined;
  /** Work that `take` began goes on at a later time. */
  pause(key: string, dueMs: number): void;
  /** Ends the work that `take` began. */
  done(key: string, nowMs: number): void;
  /** Drops what waits for a key; work that was begun is ended by `done`. */
  forget(key: string): void;
  /** Drops all that waits. */
  clear(): void;
  /** Whether work on it was begun and is not done. */
  isInWork(key: string): boolean;
  /** Since when the first key that can be taken waits for that. */
  readySinceMs(): number | undefined;
  /** When a key that waits for its time is due. */
  nextDueMs(): number | undefined;
  /** Waiting to be taken into work, in order. */
  ready(): Iterable<string>;
  /** Ready to be taken up for the first time. */
  readonly fresh: number;
  /** In work and waiting for their time. */
  readonly paused: number;
  /** Ready or in work. */
  readonly depth: number;
  /** Not in work and waiting for their time. */
  readonly delayed: number;
};

type State = {
  lanes: Record<Lane | 'resumed', Line>;
  /** With the work that came meanwhile. */
  inWork: Map<string, { again?: { lane: Lane; sinceMs: number } }>;
  later: DueTimes;
  paused: DueTimes;
  taken: number;
};

/** Keys in the order in which they came, and when each did. */
class Line extends Map<string, number> {
  /** Goes on where it was: one that begins anew walks over all that was taken before. */
  #turn = this.entries();

  /** Since when the first waits. */
  since(): number | undefined {
    const [first] = this.values();
    return first;
  }

  /** Takes out the first. */
  shift(): [string, number] | undefined {
    if (this.size === 0) return undefined;
    let next = this.#turn.next();
    if (next.done === true) {
      this.#turn = this.entries();
      next = this.#turn.next();
    }
    if (next.done === true) return undefined;
    this.delete(next.value[0]);
    return next.value;
  }
}

const byRank = ['urgent', 'routine', 'resumed'] as const;
/** Who goes first, in turn; where there is none of its kind, what is urgent does, and then what is routine. */
const turns = (['urgent', 'urgent', 'routine', 'urgent', 'resumed'] as const).map((first) => [first, ...byRank]);

/** An empty queue. It holds at most one entry for each key, so it is bounded by the number of namespaces. */
export function workQueue(): WorkQueue {
  const state: State = {
    lanes: { urgent: new Line(), routine: new Line(), resumed: new Line() },
    inWork: new Map(),
    later: dueTimes(),
    paused: dueTimes(),
    taken: 0,
  };
  const { lanes, inWork, later, paused } = state;
  return {
    add(key, lane, nowMs) {
      later.delete(key);
      ready(state, key, lane, nowMs);
    },
    addAt(key, dueMs) {
      if (lanes.urgent.has(key) || lanes.routine.has(key)) return;
      if ((later.at(key) ?? Number.POSITIVE_INFINITY) > dueMs) later.set(key, dueMs);
    },
    take: (nowMs, kinds) => take(state, nowMs, kinds),
    pause: (key, dueMs) => paused.set(key, dueMs),
    done(key, nowMs) {
      const again = inWork.get(key)?.again;
      inWork.delete(key);
      for (const waiting of [paused, lanes.resumed]) waiting.delete(key);
      if (again === undefined) return;
      later.delete(key);
      ready(state, key, again.lane, nowMs);
    },
    forget(key) {
      for (const waiting of [lanes.urgent, lanes.routine, later]) waiting.delete(key);
      delete inWork.get(key)?.again;
    },
    clear() {
      for (const waiting of [lanes.urgent, lanes.routine, later]) waiting.clear();
      for (const working of inWork.values()) delete working.again;
    },
    isInWork: (key) => inWork.has(key),
    readySinceMs: () => earlier(lanes.urgent.since(), earlier(lanes.routine.since(), lanes.resumed.since())),
    nextDueMs: () => earlier(later.next(), paused.next()),
    *ready() {
      for (const lane of [lanes.urgent, lanes.routine]) yield* lane.keys();
    },
    get fresh() {
      return lanes.urgent.size + lanes.routine.size;
    },
    get paused() {
      return paused.size;
    },
    get depth() {
      return lanes.urgent.size + lanes.routine.size + inWork.size;
    },
    get delayed() {
      return later.size;
    },
  };
}

function earlier(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}

/** A key that waits already keeps its place, but for one that becomes urgent; one in work is done once more. */
function ready({ lanes, inWork }: State, key: string, lane: Lane, nowMs: number): void {
  const working = inWork.get(key);
  if (working !== undefined) {
    const sinceMs = working.again?.sinceMs ?? nowMs;
    if (working.again === undefined || lane === 'urgent') working.again = { lane, sinceMs };
    return;
  }
  if (lanes.urgent.has(key)) return;
  const sinceMs = lanes.routine.get(key) ?? nowMs;
  lanes.routine.delete(key);
  lanes[lane].set(key, sinceMs);
}

function take(state: State, nowMs: number, kinds: { fresh: boolean; resumed: boolean }): Taken | undefined {
  const { lanes, inWork, later, paused } = state;
  for (let due = later.take(nowMs); due !== undefined; due = later.take(nowMs)) ready(state, due, 'routine', nowMs);
  for (let due = paused.take(nowMs); due !== undefined; due = paused.take(nowMs)) lanes.resumed.set(due, nowMs);
  for (const kind of turns[state.taken % turns.length] ?? byRank) {
    const lane = lanes[kind];
    const first = (kind === 'resumed' ? kinds.resumed : kinds.fresh) ? lane.shift() : undefined;
    if (first === undefined) continue;
    const [key, sinceMs] = first;
    state.taken += 1;
    if (kind !== 'resumed') inWork.set(key, {});
    return { key, waitedMs: nowMs - sinceMs, isResumed: kind === 'resumed' };
  }
  return undefined;
}

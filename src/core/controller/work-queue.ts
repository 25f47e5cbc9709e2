import { dueTimes, type DueTimes } from './due-times.ts';

/** New and damaged secrets go before renewals, of which there are as many as namespaces. */
export type Lane = 'urgent' | 'routine';

/** Work keyed by namespace: each key waits at most once and is in work at most once. Times are milliseconds. */
export type WorkQueue = {
  /** Work for a key, now. A key in work is done once more afterwards, never twice at a time. */
  add(key: string, lane: Lane, nowMs: number): void;
  /** Work for a key at a later time; an earlier time or work that waits already is not put off. */
  addAt(key: string, dueMs: number): void;
  /** Takes the next key into work. `waitedMs` since it became ready. */
  take(nowMs: number): { key: string; waitedMs: number } | undefined;
  /** Ends the work that `take` began. */
  done(key: string, nowMs: number): void;
  /** Drops what waits for a key. */
  forget(key: string): void;
  /** Drops all that waits. */
  clear(): void;
  /** When a key that waits for its time is due. */
  nextDueMs(): number | undefined;
  /** Ready or in work. */
  readonly depth: number;
  /** Waiting for their time. */
  readonly delayed: number;
};

/** When each key became ready. */
type Ready = Map<string, number>;

type State = {
  lanes: Record<Lane, Ready>;
  /** With the work that came meanwhile. */
  inWork: Map<string, { again?: { lane: Lane; sinceMs: number } }>;
  later: DueTimes;
};

/** An empty queue. It holds at most one entry for each key, so it is bounded by the number of namespaces. */
export function workQueue(): WorkQueue {
  const state: State = { lanes: { urgent: new Map(), routine: new Map() }, inWork: new Map(), later: dueTimes() };
  const { lanes, inWork, later } = state;
  return {
    add(key, lane, nowMs) {
      later.delete(key);
      ready(state, key, lane, nowMs);
    },
    addAt(key, dueMs) {
      if (lanes.urgent.has(key) || lanes.routine.has(key)) return;
      if ((later.at(key) ?? Number.POSITIVE_INFINITY) > dueMs) later.set(key, dueMs);
    },
    take: (nowMs) => take(state, nowMs),
    done(key, nowMs) {
      const again = inWork.get(key)?.again;
      inWork.delete(key);
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
    nextDueMs: () => later.next(),
    get depth() {
      return lanes.urgent.size + lanes.routine.size + inWork.size;
    },
    get delayed() {
      return later.size;
    },
  };
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

function take(state: State, nowMs: number): ReturnType<WorkQueue['take']> {
  const { lanes, inWork, later } = state;
  for (let due = later.take(nowMs); due !== undefined; due = later.take(nowMs)) ready(state, due, 'routine', nowMs);
  for (const lane of [lanes.urgent, lanes.routine]) {
    const [first] = lane;
    if (first === undefined) continue;
    const [key, sinceMs] = first;
    lane.delete(key);
    inWork.set(key, {});
    return { key, waitedMs: nowMs - sinceMs };
  }
  return undefined;
}

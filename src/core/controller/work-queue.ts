import { dueTimes } from './due-times.ts';

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

type Ready = Map<string, number>;

/** An empty queue. It holds at most one entry for each key, so it is bounded by the number of namespaces. */
export function workQueue(): WorkQueue {
  const lanes: Record<Lane, Ready> = { urgent: new Map(), routine: new Map() };
  const inWork = new Map<string, { again?: { lane: Lane; sinceMs: number } }>();
  const later = dueTimes();
  const dues = new Map<string, number>();

  const ready = (key: string, lane: Lane, nowMs: number) => {
    const working = inWork.get(key);
    if (working !== undefined) {
      if (working.again === undefined || lane === 'urgent')
        working.again = { lane, sinceMs: working.again?.sinceMs ?? nowMs };
      return;
    }
    if (lanes.urgent.has(key)) return;
    const sinceMs = lanes.routine.get(key) ?? nowMs;
    lanes.routine.delete(key);
    lanes[lane].set(key, sinceMs);
  };
  const wakeDue = (nowMs: number) => {
    for (let key = later.take(nowMs); key !== undefined; key = later.take(nowMs)) {
      dues.delete(key);
      ready(key, 'routine', nowMs);
    }
  };
  const forgetLater = (key: string) => {
    later.delete(key);
    dues.delete(key);
  };

  return {
    add(key, lane, nowMs) {
      forgetLater(key);
      ready(key, lane, nowMs);
    },
    addAt(key, dueMs) {
      if (lanes.urgent.has(key) || lanes.routine.has(key)) return;
      if ((dues.get(key) ?? Number.POSITIVE_INFINITY) <= dueMs) return;
      dues.set(key, dueMs);
      later.set(key, dueMs);
    },
    take(nowMs) {
      wakeDue(nowMs);
      for (const lane of [lanes.urgent, lanes.routine]) {
        const [first] = lane;
        if (first === undefined) continue;
        const [key, sinceMs] = first;
        lane.delete(key);
        inWork.set(key, {});
        return { key, waitedMs: nowMs - sinceMs };
      }
      return undefined;
    },
    done(key, nowMs) {
      const again = inWork.get(key)?.again;
      inWork.delete(key);
      if (again === undefined) return;
      forgetLater(key);
      ready(key, again.lane, nowMs);
    },
    forget(key) {
      lanes.urgent.delete(key);
      lanes.routine.delete(key);
      forgetLater(key);
      const working = inWork.get(key);
      if (working !== undefined) delete working.again;
    },
    clear() {
      lanes.urgent.clear();
      lanes.routine.clear();
      for (const key of dues.keys()) later.delete(key);
      dues.clear();
      for (const working of inWork.values()) delete working.again;
    },
    nextDueMs: () => later.next(),
    get depth() {
      return lanes.urgent.size + lanes.routine.size + inWork.size;
    },
    get delayed() {
      return dues.size;
    },
  };
}

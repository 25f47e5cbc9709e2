/** Keys that become due, at most one time each. */
export type DueTimes = {
  /** Sets or replaces the time at which `key` is due. */
  set(key: string, dueMs: number): void;
  delete(key: string): void;
  /** When `key` is due. */
  at(key: string): number | undefined;
  clear(): void;
  /** Takes out a key that is due by now. */
  take(nowMs: number): string | undefined;
  /** When the next key is due. */
  next(): number | undefined;
  readonly size: number;
};

type Entry = { key: string; dueMs: number };

/** A binary heap; entries that were replaced or deleted stay in it until they surface, bounded by twice the keys. */
export function dueTimes(): DueTimes {
  let heap: Entry[] = [];
  const current = new Map<string, Entry>();

  const drop = () => {
    for (let first = heap[0]; first !== undefined && current.get(first.key) !== first; first = heap[0]) popFirst(heap);
  };
  const compact = () => {
    if (heap.length <= 2 * current.size + 16) return;
    heap = [...current.values()].sort((a, b) => a.dueMs - b.dueMs);
  };

  return {
    set(key, dueMs) {
      const entry = { key, dueMs };
      current.set(key, entry);
      push(heap, entry);
      compact();
    },
    delete(key) {
      current.delete(key);
    },
    at: (key) => current.get(key)?.dueMs,
    clear() {
      heap = [];
      current.clear();
    },
    take(nowMs) {
      if (current.size === 0) return undefined;
      drop();
      const first = heap[0];
      if (first === undefined || first.dueMs > nowMs) return undefined;
      popFirst(heap);
      current.delete(first.key);
      return first.key;
    },
    next() {
      if (current.size === 0) return undefined;
      drop();
      return heap[0]?.dueMs;
    },
    get size() {
      return current.size;
    },
  };
}

function push(heap: Entry[], entry: Entry): void {
  let index = heap.length;
  heap.push(entry);
  while (index > 0) {
    const above = (index - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || parent.dueMs <= entry.dueMs) break;
    heap[index] = parent;
    index = above;
  }
  heap[index] = entry;
}

function popFirst(heap: Entry[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    const left = 2 * index + 1;
    const right = left + 1;
    const smaller = dueAt(heap, right) < dueAt(heap, left) ? right : left;
    const child = heap[smaller];
    if (child === undefined || child.dueMs >= last.dueMs) break;
    heap[index] = child;
    index = smaller;
  }
  heap[index] = last;
}

function dueAt(heap: readonly Entry[], index: number): number {
  return heap[index]?.dueMs ?? Number.POSITIVE_INFINITY;
}

import type { Clock } from '../../src/ports.ts';

/** Something that is to happen; `cancelled` things do not. */
export type Planned = { atMs: number; order: number; run: () => void; cancelled: boolean };

/** Time that passes only when there is nothing left to do. */
export type VirtualTime = {
  nowMs(): number;
  /** The time for a process that reads its clock, which takes a moment: no two readings are the same. */
  read(): number;
  /** Plans something, in the order of time and then of planning. */
  plan(delayMs: number, run: () => void): Planned;
  /** Lets the next thing happen, and all that follows from it at once; false where nothing is planned. */
  step(): Promise<boolean>;
  /** So many things have happened. */
  readonly steps: number;
  /** Has the thing of this number happen after the one that follows it. */
  swap(step: number): void;
};

/** The moment at which every simulation begins. */
export const epochMs = Date.UTC(2026, 0, 1);

/**
 * An empty calendar at time 0.
 * @param readingMs what a reading of a clock takes.
 */
export function virtualTime(readingMs = 0.001): VirtualTime {
  const heap: Planned[] = [];
  let nowMs = 0;
  let order = 0;
  let steps = 0;
  let swapAt = -1;
  const take = (): Planned | undefined => {
    let next = pop(heap);
    while (next?.cancelled === true) next = pop(heap);
    return next;
  };
  return {
    get steps() {
      return steps;
    },
    swap: (step) => (swapAt = step),
    nowMs: () => nowMs,
    read: () => (nowMs += readingMs),
    plan(delayMs, run) {
      const planned = { atMs: nowMs + Math.max(0, delayMs), order, run, cancelled: false };
      order += 1;
      push(heap, planned);
      return planned;
    },
    async step() {
      const first = take();
      const second = steps === swapAt ? take() : undefined;
      const next = second ?? first;
      if (next === undefined) return false;
      steps += 1;
      nowMs = Math.max(nowMs, next.atMs);
      next.run();
      if (second !== undefined && first !== undefined) push(heap, Object.assign(first, { atMs: nowMs }));
      await settled();
      return true;
    },
  };
}

/** Resolves when every promise that can go on has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A process's life as its clock sees it. */
export type Life = {
  isAlive(): boolean;
  /** A process that is stopped for a while (a frozen machine) does nothing until then. */
  frozenUntilMs(): number;
  /** Of its wall clock against the true time. */
  wallOffsetMs(): number;
};

/** Plans something that a process does: not when it is dead, later when it is frozen. */
export function planFor(time: VirtualTime, life: Life, delayMs: number, run: () => void): Planned {
  const planned = time.plan(delayMs, attempt);
  return planned;

  function attempt(): void {
    if (!life.isAlive() || planned.cancelled) return;
    const frozenMs = life.frozenUntilMs() - time.nowMs();
    if (frozenMs > 0) time.plan(frozenMs, attempt);
    else run();
  }
}

/** The clock of a process. */
export function clockOf(time: VirtualTime, life: Life): Clock {
  return {
    nowMs: () => epochMs + Math.floor(time.read()) + life.wallOffsetMs(),
    steadyMs: () => time.read(),
    sleep(delayMs, signal) {
      if (signal?.aborted === true) return Promise.resolve();
      return new Promise((resolve) => {
        const done = () => {
          planned.cancelled = true;
          signal?.removeEventListener('abort', done);
          resolve();
        };
        const planned = planFor(time, life, delayMs, done);
        signal?.addEventListener('abort', done);
      });
    },
  };
}

function isBefore(one: Planned, other: Planned): boolean {
  return one.atMs === other.atMs ? one.order < other.order : one.atMs < other.atMs;
}

function push(heap: Planned[], planned: Planned): void {
  let index = heap.length;
  while (index > 0) {
    const above = (index - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || isBefore(parent, planned)) break;
    heap[index] = parent;
    index = above;
  }
  heap[index] = planned;
}

function pop(heap: Planned[]): Planned | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let index = 0;
  for (;;) {
    const left = heap[2 * index + 1];
    const right = heap[2 * index + 2];
    if (left === undefined) break;
    const child = right !== undefined && isBefore(right, left) ? right : left;
    if (isBefore(last, child)) break;
    heap[index] = child;
    index = child === left ? 2 * index + 1 : 2 * index + 2;
  }
  heap[index] = last;
  return first;
}

import type { Connections, Wanting } from './connections.ts';
import { codeOf } from './network-error.ts';
import type { Wanted } from './request-head.ts';
import type { HttpAnswer } from './answering.ts';

/** What goes on the wire. */
export type Outgoing = {
  connections: Connections;
  wanted: Wanted;
  /** From the wish for a connection to the reader's `done`. */
  timeoutMs: number;
};

/** What one HTTP request came to. */
export type Exchange<T> =
  | { kind: 'done'; value: T }
  /** No answer began. `wasMade` says whether there was a connection. */
  | { kind: 'failed'; error: Error; wasMade: boolean }
  /** A kept connection turned out to be closed before a byte came back, so that the request may go again. */
  | { kind: 'stale' }
  /** HTTP cannot carry the request. */
  | { kind: 'unsendable'; why: string }
  | { kind: 'late' }
  | { kind: 'aborted' };

/** Takes over an answer: calls `done` once it has what it wants; until then the time limit and the signal hold. */
export type Reader<T> = (answer: HttpAnswer, done: (value: T) => void) => void;

/** Sends one HTTP request and hands its answer to `read`. Never rejects. */
export function exchange<T>(outgoing: Outgoing, signal: AbortSignal, read: Reader<T>): Promise<Exchange<T>> {
  if (signal.aborted) return Promise.resolve({ kind: 'aborted' });
  return new Promise((resolve) => {
    let isOver = false;
    let isReused = false;
    let giveUp = (): void => undefined;
    const settle = (outcome: Exchange<T>) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      leave();
      if (outcome.kind !== 'done') giveUp();
      resolve(outcome);
    };
    const timer = setTimeout(() => settle({ kind: 'late' }), outgoing.timeoutMs);
    const leave = whenAborted(signal, () => settle({ kind: 'aborted' }));
    const wanting: Wanting = {
      unreachable: (error) => settle({ kind: 'failed', error, wasMade: false }),
      sent: (wasUsed) => (isReused = wasUsed),
      failed: (error) =>
        settle(isReused && isHangUp(error) ? { kind: 'stale' } : { kind: 'failed', error, wasMade: true }),
      answered: (answer) => read(answer, (value) => settle({ kind: 'done', value })),
    };
    try {
      giveUp = outgoing.connections.send(outgoing.wanted, wanting);
    } catch (error) {
      settle({ kind: 'unsendable', why: error instanceof Error ? error.message : String(error) });
    }
  });
}

type Told = { acts: Set<() => void>; onAbort: () => void };

const listening = new WeakMap<AbortSignal, Told>();

/**
 * Has something done when a signal aborts. One listener serves all requests that are under way: to add and to remove one is slow, and
 * the signal is the same for all.
 * @returns to be called when it is not to be done any more.
 */
function whenAborted(signal: AbortSignal, act: () => void): () => void {
  const told = listening.get(signal) ?? listen(signal);
  told.acts.add(act);
  return () => {
    if (!told.acts.delete(act) || told.acts.size > 0) return;
    signal.removeEventListener('abort', told.onAbort);
    listening.delete(signal);
  };
}

function listen(signal: AbortSignal): Told {
  const acts = new Set<() => void>();
  const told = { acts, onAbort: () => acts.forEach((each) => each()) };
  signal.addEventListener('abort', told.onAbort);
  listening.set(signal, told);
  return told;
}

/** The connection ended before a byte of an answer came. */
function isHangUp(error: Error): boolean {
  const code = codeOf(error);
  return code === 'ECONNRESET' || code === 'EPIPE';
}

import http from 'node:http';
import https from 'node:https';
import type { ApiBroken } from '../../core/api/reply.ts';
import { broken, brokenBy, codeOf } from './broken.ts';

/** What goes on the wire. */
export type Outgoing = {
  secure: boolean;
  options: http.RequestOptions;
  body: string | Buffer | undefined;
  /** From the first packet of a connection to the reader's `done`. */
  timeoutMs: number;
};

/** What one HTTP request came to, with its connection's fate. */
export type Exchange<T> = { kind: 'done'; value: T } | ApiBroken | { kind: 'stale' };

/** Takes over a response: calls `done` once it has what it wants; until then the time limit and the signal hold. */
export type Reader<T> = (response: http.IncomingMessage, done: (outcome: Exchange<T>) => void) => void;

/**
 * Sends one HTTP request and hands its response to `read`. Never rejects.
 * `stale` means: a kept connection turned out to be closed before a byte came back, so the request may go again.
 */
export function exchange<T>(outgoing: Outgoing, signal: AbortSignal, read: Reader<T>): Promise<Exchange<T>> {
  if (signal.aborted) return Promise.resolve(aborted());
  return new Promise((resolve) => {
    let isOver = false;
    let isAnswered = false;
    const request = begun(outgoing);
    if (!(request instanceof http.ClientRequest)) return resolve(request);

    // Settles by itself rather than by the request's `error`: a request that still waits for a connection or for a
    // proxy's tunnel emits none when it is destroyed.
    const settle = (outcome: Exchange<T>) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      leave();
      if (outcome.kind !== 'done') request.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(() => settle(timedOut(outgoing.timeoutMs)), outgoing.timeoutMs);
    const leave = whenAborted(signal, () => settle(aborted()));
    request.on('error', (error) => {
      settle(!isAnswered && isStale(request, error) ? { kind: 'stale' } : brokenBy(error, request.socket));
    });
    request.on('response', (response) => {
      isAnswered = true;
      read(response, settle);
    });
    request.end(outgoing.body);
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

/** Node throws at once for what HTTP cannot carry. */
function begun({ secure, options }: Outgoing): http.ClientRequest | ApiBroken {
  try {
    return (secure ? https : http).request(options);
  } catch (error) {
    return broken('Unsendable', error instanceof Error ? error.message : String(error));
  }
}

function aborted(): ApiBroken {
  return broken('Aborted', 'the server had not answered');
}

function timedOut(timeoutMs: number): ApiBroken {
  return broken('TimedOut', `no complete answer within ${timeoutMs / 1000} s`);
}

function isStale(request: http.ClientRequest, error: Error): boolean {
  const code = codeOf(error);
  return request.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE');
}

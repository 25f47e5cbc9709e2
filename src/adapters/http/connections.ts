import type { Socket } from 'node:net';
import { dial, type TlsMemory, type Way } from './dial.ts';
import { requestHead, type Wanted } from './request-head.ts';
import type { Sender } from './answering.ts';
import { Wire, type Keeper, type Sending } from './wire.ts';

export type Limits = {
  /** Most connections at once; further requests wait. */
  most: number;
  /** Closes connections that nobody uses for so long. */
  idleTimeoutMs: number;
};

/** Who sent a request, and hears how it went on. */
export type Wanting = Sender & {
  /** It goes over a connection now; one that was used before may be closed by now. */
  sent(isReused: boolean): void;
  /** There is no connection. */
  unreachable(error: Error): void;
};

type Waiting = { sending: Sending; wanting: Wanting; isAlone: boolean; giveUp: () => void };

/**
 * Requests to one target over as few connections as can be: the one used last is used next. HTTP/1.1 by itself, over sockets: Node's
 * client takes twice the CPU for a request (docs/decisions/0009-http.md).
 */
export class Connections {
  readonly #way: Way;
  readonly #limits: Limits;
  readonly #memory: TlsMemory = {};
  readonly #waiting = new Set<Waiting>();
  readonly #dials = new Set<AbortController>();
  readonly #all = new Set<Wire>();
  readonly #free: Wire[] = [];
  /** Kept ones, free or not, and those that are being made. */
  #count = 0;
  #isKeeping = true;
  #isClosed = false;

  constructor(way: Way, limits: Limits) {
    this.#way = way;
    this.#limits = limits;
  }

  /**
   * Sends a request as soon as there is a connection for it.
   * @returns gives it up: nothing more is told, but of an answer that has begun that it is over.
   * @throws Error where HTTP cannot carry it.
   */
  send(wanted: Wanted, wanting: Wanting): () => void {
    const { method, body, isAlone = false } = wanted;
    const sending = { head: requestHead(this.#way, wanted), body, mayHaveBody: method !== 'HEAD' };
    const waiting: Waiting = { sending, wanting, isAlone, giveUp: () => this.#waiting.delete(waiting) };
    if (this.#isClosed) wanting.unreachable(closedError());
    else if (isAlone) this.#dial(waiting);
    else {
      this.#waiting.add(waiting);
      this.#next();
    }
    return () => waiting.giveUp();
  }

  /** Closes those that nobody uses now. */
  closeIdle(): void {
    for (const wire of this.#free.splice(0)) wire.destroy();
  }

  /** Lets requests that are under way finish, and keeps none of their connections. */
  retire(): void {
    this.#isKeeping = false;
    this.closeIdle();
  }

  /** Closes all; requests that are under way break. */
  close(): void {
    this.#isClosed = true;
    this.#isKeeping = false;
    for (const stop of this.#dials) stop.abort(closedError());
    for (const { wanting } of this.#waiting) wanting.unreachable(closedError());
    this.#waiting.clear();
    for (const wire of this.#all) wire.destroy();
  }

  #next(): void {
    for (const waiting of this.#waiting) {
      const wire = this.#freeWire();
      if (wire === undefined && this.#count >= this.#limits.most) return;
      this.#waiting.delete(waiting);
      if (wire === undefined) this.#dial(waiting);
      else this.#sendOver(wire, waiting, true);
    }
  }

  #freeWire(): Wire | undefined {
    let wire = this.#free.pop();
    while (wire?.isOpen === false) wire = this.#free.pop();
    wire?.hold(true);
    return wire;
  }

  #dial(waiting: Waiting): void {
    const stop = new AbortController();
    waiting.giveUp = () => stop.abort(closedError());
    this.#dials.add(stop);
    if (!waiting.isAlone) this.#count += 1;
    const onSocket = (socket: Socket) => {
      this.#dials.delete(stop);
      const keeper = waiting.isAlone ? this.#single : this.#kept;
      const wire = new Wire(socket, this.#limits.idleTimeoutMs, keeper);
      this.#all.add(wire);
      // Or given up in this very moment.
      if (stop.signal.aborted) keeper.free(wire);
      else this.#sendOver(wire, waiting, false);
    };
    const onError = (error: Error) => {
      this.#dials.delete(stop);
      if (!waiting.isAlone) this.#count -= 1;
      if (!stop.signal.aborted || this.#isClosed) waiting.wanting.unreachable(error);
      this.#next();
    };
    void dial(this.#way, this.#memory, stop.signal).then(onSocket, onError);
  }

  #sendOver(wire: Wire, waiting: Waiting, isReused: boolean): void {
    waiting.wanting.sent(isReused);
    waiting.giveUp = wire.send(waiting.sending, waiting.wanting);
  }

  readonly #kept: Keeper = {
    free: (wire) => {
      if (!this.#isKeeping) return wire.destroy();
      // Nobody who waits lets the process live, and a free connection does not.
      wire.hold(false);
      this.#free.push(wire);
      this.#next();
    },
    closed: (wire) => {
      const at = this.#free.indexOf(wire);
      if (at !== -1) this.#free.splice(at, 1);
      this.#all.delete(wire);
      this.#count -= 1;
      this.#next();
    },
  };

  readonly #single: Keeper = {
    free: (wire) => wire.destroy(),
    closed: (wire) => void this.#all.delete(wire),
  };
}

function closedError(): Error {
  return new Error('the connection was given up');
}

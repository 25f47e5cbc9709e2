import type { Socket } from 'node:net';
import { MalformedAnswer } from './answer-parser.ts';
import { Answering, type Sender } from './answering.ts';

/** A request as it goes over a connection. */
export type Sending = {
  head: string;
  body: Buffer | undefined;
  /** Not of an answer to HEAD or CONNECT. */
  mayHaveBody: boolean;
};

/** Whoever keeps connections. */
export type Keeper = {
  /** The last answer is whole, and the connection may be used again. */
  free(wire: Wire): void;
  closed(wire: Wire): void;
};

/** What is left of a request that has its answer may take so long. */
const SENT_WITHIN_MS = 1000;

/** One connection, over which one request goes at a time. */
export class Wire {
  readonly #socket: Socket;
  readonly #keeper: Keeper;
  #current: Answering | undefined;
  #error: Error | undefined;
  #isSent = true;
  #whenSent: (() => void) | undefined;

  /**
   * @param socket is connected, and agreed on TLS.
   * @param idleTimeoutMs closes it where nobody has used it for so long.
   */
  constructor(socket: Socket, idleTimeoutMs: number, keeper: Keeper) {
    this.#socket = socket;
    this.#keeper = keeper;
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('error', (error) => (this.#error = error));
    socket.on('end', () => this.#ended());
    socket.on('close', () => {
      this.#ended();
      keeper.closed(this);
    });
    socket.setTimeout(idleTimeoutMs, () => {
      if (this.#current === undefined) socket.destroy();
    });
  }

  /** Whether a request may be sent. */
  get isOpen(): boolean {
    return !this.#socket.destroyed && this.#socket.writable;
  }

  /** @returns gives the request up, and the connection with it, unless its answer is whole. Nothing is told then. */
  send({ head, body, mayHaveBody }: Sending, sender: Sender): () => void {
    const answering = new Answering(this, sender, mayHaveBody);
    this.#current = answering;
    const socket = this.#socket;
    this.#isSent = false;
    socket.cork();
    socket.write(head, 'latin1', body === undefined ? this.#onSent : undefined);
    if (body !== undefined) socket.write(body, this.#onSent);
    socket.uncork();
    return () => this.giveUp(answering);
  }

  /** Lets the process end, or does not. */
  hold(isHeld: boolean): void {
    if (isHeld) this.#socket.ref();
    else this.#socket.unref();
  }

  destroy(): void {
    this.#socket.destroy();
    this.#ended();
  }

  /** For the answer. */
  giveUp(answering: Answering): void {
    if (this.#current !== answering) return;
    this.#current = undefined;
    answering.broken();
    this.#socket.destroy();
  }

  /** For the answer. */
  flow(answering: Answering, isFlowing: boolean): void {
    if (this.#current !== answering) return;
    if (isFlowing) this.#socket.resume();
    else this.#socket.pause();
  }

  #read(chunk: Buffer): void {
    const answering = this.#current;
    // Nobody asked.
    if (answering === undefined) return void this.#socket.destroy();
    try {
      answering.parser.read(chunk);
    } catch (error) {
      if (!(error instanceof MalformedAnswer)) throw error;
      return this.#fail(answering, error);
    }
    if (answering.isWhole) this.#done(answering);
  }

  #done(answering: Answering): void {
    if (this.#current !== answering) return;
    this.#current = undefined;
    if (!answering.parser.isKept || !this.isOpen) return void this.#socket.destroy();
    this.#socket.resume();
    if (this.#isSent) return this.#keeper.free(this);
    // The answer may be here before the socket says that the request has gone; or the server has not read it all, and never will.
    const tooLate = setTimeout(() => this.#socket.destroy(), SENT_WITHIN_MS).unref();
    this.#whenSent = () => {
      clearTimeout(tooLate);
      this.#keeper.free(this);
    };
  }

  readonly #onSent = (error?: Error | null): void => {
    // It is closed, then.
    if (error) return;
    this.#isSent = true;
    this.#whenSent?.();
    this.#whenSent = undefined;
  };

  #ended(): void {
    const answering = this.#current;
    if (answering === undefined) return void this.#socket.destroy();
    if (answering.parser.closed()) this.#done(answering);
    else this.#fail(answering, answering.endedBy(this.#error));
  }

  #fail(answering: Answering, error: Error): void {
    this.#current = undefined;
    this.#socket.destroy();
    answering.failed(error);
  }
}

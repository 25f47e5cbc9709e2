import type { Socket } from 'node:net';
import { AnswerParser, MalformedAnswer, type AnswerListener, type Head } from './answer-parser.ts';

/** An answer whose body is still to come. */
export type HttpAnswer = Head & {
  /** Has the body told, from its first byte on. Once; until then no more is read than what came with the head. */
  tell(listener: BodyListener): void;
  /** Reads no more for now. What was read before may still be told. */
  pause(): void;
  resume(): void;
  /** Gives the answer up, and its connection where it is not whole. */
  destroy(): void;
};

export type BodyListener = {
  data(part: Buffer): void;
  /** Nothing comes any more. Once. `isWhole` is false where the connection broke, or the answer was given up. */
  over(isWhole: boolean): void;
};

/** A request as it goes over a connection. */
export type Sending = {
  head: string;
  body: Buffer | undefined;
  /** Not of an answer to HEAD or CONNECT. */
  mayHaveBody: boolean;
};

/** Who sent a request: hears of its answer or of why there is none. */
export type Sender = {
  answered(answer: HttpAnswer): void;
  /** No answer begins. `code` is `ECONNRESET` or `EPIPE` where the connection ended before a byte of one came. */
  failed(error: Error): void;
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

/** An answer as it comes. */
class Answering implements HttpAnswer, AnswerListener {
  readonly parser: AnswerParser;
  status = 0;
  reason = '';
  headers: ReadonlyMap<string, string> = new Map();
  isWhole = false;
  readonly #wire: Wire;
  readonly #sender: Sender;
  #isBegun = false;
  #listener: BodyListener | undefined;
  /** What came before anybody listened. */
  #waiting: Buffer[] = [];
  #isOver = false;
  #isToldOver = false;

  constructor(wire: Wire, sender: Sender, mayHaveBody: boolean) {
    this.parser = new AnswerParser(this, mayHaveBody);
    this.#wire = wire;
    this.#sender = sender;
  }

  head({ status, reason, headers }: Head): void {
    this.status = status;
    this.reason = reason;
    this.headers = headers;
    this.#isBegun = true;
    this.#sender.answered(this);
    if (this.#listener === undefined) this.pause();
  }

  data(part: Buffer): void {
    if (this.#listener === undefined) this.#waiting.push(part);
    else this.#listener.data(part);
  }

  end(): void {
    this.isWhole = true;
    this.#over();
  }

  tell(listener: BodyListener): void {
    this.#listener = listener;
    if (!this.#isOver) this.resume();
    for (const part of this.#waiting.splice(0)) listener.data(part);
    if (this.#isOver) this.#tellOver();
  }

  pause(): void {
    this.#wire.flow(this, false);
  }

  resume(): void {
    this.#wire.flow(this, true);
  }

  destroy(): void {
    this.#wire.giveUp(this);
  }

  /** The request was given up. */
  broken(): void {
    this.parser.stop();
    this.#over();
  }

  failed(error: Error): void {
    this.parser.stop();
    if (this.#isBegun) this.#over();
    else this.#sender.failed(error);
  }

  /** Why there is no answer, where the connection ended. */
  endedBy(error: Error | undefined): Error {
    if (this.parser.hasBegun) return new Error('the connection ended before the answer was whole');
    const silent = 'the server closed the connection before it answered';
    return error ?? Object.assign(new Error(silent), { code: 'ECONNRESET' });
  }

  #over(): void {
    this.#isOver = true;
    this.#tellOver();
  }

  #tellOver(): void {
    if (this.#isToldOver || this.#listener === undefined) return;
    this.#isToldOver = true;
    this.#listener.over(this.isWhole);
  }
}

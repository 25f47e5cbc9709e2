import { AnswerParser, type AnswerListener, type Head } from './answer-parser.ts';

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

/** Who sent a request: hears of its answer or of why there is none. */
export type Sender = {
  answered(answer: HttpAnswer): void;
  /** No answer begins. `code` is `ECONNRESET` or `EPIPE` where the connection ended before a byte of one came. */
  failed(error: Error): void;
};

/** The connection that an answer comes over, as far as the answer goes. */
type Way = {
  giveUp(answering: Answering): void;
  flow(answering: Answering, isFlowing: boolean): void;
};

/** An answer as it comes. */
export class Answering implements HttpAnswer, AnswerListener {
  readonly parser: AnswerParser;
  status = 0;
  reason = '';
  headers: ReadonlyMap<string, string> = new Map();
  isWhole = false;
  readonly #way: Way;
  readonly #sender: Sender;
  #listener: BodyListener | undefined;
  /** What came before anybody listened. */
  #waiting: Buffer[] = [];
  #isOver = false;
  #isToldOver = false;

  constructor(way: Way, sender: Sender, mayHaveBody: boolean) {
    this.parser = new AnswerParser(this, mayHaveBody);
    this.#way = way;
    this.#sender = sender;
  }

  head({ status, reason, headers }: Head): void {
    this.status = status;
    this.reason = reason;
    this.headers = headers;
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
    for (const part of this.#waiting.splice(0)) {
      // It may have given the answer up.
      if (this.#isToldOver) return;
      listener.data(part);
    }
    if (this.#isOver) this.#tellOver();
  }

  pause(): void {
    this.#way.flow(this, false);
  }

  resume(): void {
    this.#way.flow(this, true);
  }

  destroy(): void {
    this.#way.giveUp(this);
  }

  /** The request was given up. */
  broken(): void {
    this.parser.stop();
    this.#over();
  }

  failed(error: Error): void {
    this.parser.stop();
    // Its head came.
    if (this.status > 0) this.#over();
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

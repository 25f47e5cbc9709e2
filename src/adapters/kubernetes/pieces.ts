import { StringDecoder } from 'node:string_decoder';

/** Parts that are smaller are put together before they become text: each text costs more than a few bytes. */
const SMALL_BYTES = 4096;

/** A text in UTF-8 that comes in pieces, of any size and number; in time and memory that are linear in its length. */
export class Pieces {
  /** Only a text in several parts needs one, whose characters may be cut. */
  #decoder: StringDecoder | undefined;
  #texts: string[] = [];
  /** Small parts that wait to become text. */
  #waiting: Buffer | undefined;
  #waitingBytes = 0;
  #size = 0;

  /** Bytes so far. */
  get size(): number {
    return this.#size;
  }

  add(part: Buffer): void {
    this.#size += part.length;
    if (this.#waitingBytes + part.length > SMALL_BYTES) this.#decode();
    if (part.length >= SMALL_BYTES) this.#push(part);
    else this.#keep(part);
  }

  /** What has come so far; nothing is held any more. */
  take(): string {
    const text = this.#texts.length === 0 ? this.#wholeWaiting() : this.#whole();
    this.#texts = [];
    this.#waiting = undefined;
    this.#waitingBytes = 0;
    this.#size = 0;
    return text;
  }

  #push(bytes: Buffer): void {
    this.#decoder ??= new StringDecoder('utf8');
    this.#texts.push(this.#decoder.write(bytes));
  }

  #wholeWaiting(): string {
    return this.#waiting?.toString('utf8', 0, this.#waitingBytes) ?? '';
  }

  #whole(): string {
    this.#decode();
    return this.#texts.join('') + (this.#decoder?.end() ?? '');
  }

  /** One part alone, as most answers and events are, is not copied. */
  #keep(part: Buffer): void {
    const bytes = this.#waitingBytes + part.length;
    if (this.#waiting === undefined) this.#waiting = part;
    else {
      if (bytes > this.#waiting.length) this.#grow(this.#waiting);
      part.copy(this.#waiting, this.#waitingBytes);
    }
    this.#waitingBytes = bytes;
  }

  #grow(before: Buffer): void {
    this.#waiting = Buffer.allocUnsafeSlow(SMALL_BYTES);
    before.copy(this.#waiting, 0, 0, this.#waitingBytes);
  }

  #decode(): void {
    if (this.#waiting === undefined) return;
    this.#push(this.#waiting.subarray(0, this.#waitingBytes));
    this.#waiting = undefined;
    this.#waitingBytes = 0;
  }
}

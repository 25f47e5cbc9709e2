import { StringDecoder } from 'node:string_decoder';

/** Parts that are smaller are put together before they become text: each text costs more than a few bytes. */
const SMALL_BYTES = 4096;

/** A text in UTF-8 that comes in pieces, of any size and number; in time and memory that are linear in its length. */
export class Pieces {
  readonly #decoder = new StringDecoder('utf8');
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
    if (part.length >= SMALL_BYTES) this.#texts.push(this.#decoder.write(part));
    else this.#keep(part);
  }

  /** What has come so far; nothing is held any more. */
  take(): string {
    this.#decode();
    const text = this.#texts.join('') + this.#decoder.end();
    this.#texts = [];
    this.#size = 0;
    return text;
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
    this.#texts.push(this.#decoder.write(this.#waiting.subarray(0, this.#waitingBytes)));
    this.#waiting = undefined;
    this.#waitingBytes = 0;
  }
}

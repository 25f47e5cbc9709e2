/** Of a status line with its headers, or of trailers: Node's own bound. */
const MOST_HEAD_BYTES = 16 * 1024;
/** Of the line before a chunk, with its extensions. */
const MOST_LINE_BYTES = 4 * 1024;
/** Answers like `100 Continue` that come before the answer. */
const MOST_INTERIM = 32;

const HEAD_END = Buffer.from('\r\n\r\n');
const LINE_END = Buffer.from('\r\n');
const BEGINNING = 'HTTP/1.';

export type Head = {
  status: number;
  reason: string;
  /** By their names in lower case; what is there several times is joined by commas. */
  headers: ReadonlyMap<string, string>;
};

/** Hears of an answer, in this order. */
export type AnswerListener = {
  head(head: Head): void;
  data(part: Buffer): void;
  end(): void;
};

/** What came is no answer of HTTP/1.1. */
export class MalformedAnswer extends Error {
  constructor(why: string) {
    super(`the answer cannot be read: ${why}`);
  }
}

type State = 'head' | 'sized' | 'chunk size' | 'chunk' | 'chunk end' | 'trailers' | 'until closed' | 'over';

/**
 * Reads one answer of HTTP/1.1 (RFC 9112) from the bytes of a connection, in whatever pieces they come. Strict: what has two
 * meanings has none, and is refused. Holds no more than a head.
 */
export class AnswerParser {
  readonly #listener: AnswerListener;
  readonly #mayHaveBody: boolean;
  #state: State = 'head';
  /** The beginning of a head or of a line, whose end is still to come. */
  #held: Buffer | undefined;
  /** Bytes of the body, or of the chunk, that are still to come. */
  #left = 0;
  #hasBegun = false;
  #interim = 0;
  #trailerBytes = 0;
  #isKept = true;

  /** @param mayHaveBody not of an answer to HEAD or CONNECT. */
  constructor(listener: AnswerListener, mayHaveBody: boolean) {
    this.#listener = listener;
    this.#mayHaveBody = mayHaveBody;
  }

  /** Whether the connection may be used for another request, once the answer is over. */
  get isKept(): boolean {
    return this.#isKept;
  }

  /** Whether any byte came. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** @throws MalformedAnswer */
  read(chunk: Buffer): void {
    this.#hasBegun = true;
    let bytes = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = undefined;
    while (bytes.length > 0) {
      if (this.#state === 'over') {
        this.#isKept = false;
        return;
      }
      const taken = this.#take(bytes);
      if (taken === 0) {
        this.#held = bytes;
        return;
      }
      bytes = bytes.subarray(taken);
    }
  }

  /** The connection ended. @returns whether the answer is whole. */
  closed(): boolean {
    if (this.#state === 'until closed') this.#finish();
    return this.#state === 'over';
  }

  /** Tells nothing any more. */
  stop(): void {
    this.#state = 'over';
    this.#isKept = false;
  }

  /** @returns how many of the bytes are done with; 0 where more have to come first. */
  #take(bytes: Buffer): number {
    switch (this.#state) {
      case 'head':
        return this.#takeHead(bytes);
      case 'sized':
      case 'chunk':
      case 'until closed':
        return this.#takeData(bytes);
      case 'chunk size':
        return this.#takeLine(bytes, (line) => this.#beginChunk(line));
      case 'chunk end':
        return this.#takeLine(bytes, (line) => {
          if (line !== '') throw new MalformedAnswer('a chunk is longer than it says');
          this.#state = 'chunk size';
        });
      case 'trailers':
        return this.#takeLine(bytes, (line) => {
          this.#trailerBytes += line.length;
          if (this.#trailerBytes > MOST_HEAD_BYTES) throw new MalformedAnswer('its trailers are too long');
          if (line === '') this.#finish();
          else parseHeader(line);
        });
      case 'over':
        return bytes.length;
    }
  }

  #takeHead(bytes: Buffer): number {
    const beginning = bytes.toString('latin1', 0, BEGINNING.length);
    if (!BEGINNING.startsWith(beginning)) throw new MalformedAnswer('it is not HTTP/1.1');
    const end = bytes.indexOf(HEAD_END);
    if (end > MOST_HEAD_BYTES || (end === -1 && bytes.length > MOST_HEAD_BYTES)) {
      throw new MalformedAnswer('its head is larger than 16 KiB');
    }
    if (end === -1) return 0;
    const { version, ...head } = parseHead(bytes.toString('latin1', 0, end));
    if (head.status < 200) this.#passOver(head.status, version);
    else this.#begin(head, version);
    return end + HEAD_END.length;
  }

  #passOver(status: number, version: string): void {
    this.#interim += 1;
    if (status === 101 || version === '0') throw new MalformedAnswer(`HTTP ${status} is no answer`);
    if (this.#interim > MOST_INTERIM) throw new MalformedAnswer(`HTTP ${status} comes again and again`);
  }

  #begin(head: Head, version: string): void {
    const { status, headers } = head;
    this.#isKept = version === '1' && !/\bclose\b/i.test(headers.get('connection') ?? '');
    const coding = headers.get('transfer-encoding');
    const length = headers.get('content-length');
    if (coding !== undefined && (coding.toLowerCase() !== 'chunked' || length !== undefined)) {
      throw new MalformedAnswer('where it ends is not clear from its Transfer-Encoding');
    }
    if (length !== undefined && !/^\d{1,15}$/.test(length))
      throw new MalformedAnswer('its Content-Length is not one number');
    this.#left = Number(length ?? 0);
    const hasBody = this.#mayHaveBody && status !== 204 && status !== 304;
    if (!hasBody) this.#state = 'over';
    else if (coding !== undefined) this.#state = 'chunk size';
    else if (length === undefined) this.#state = 'until closed';
    else this.#state = this.#left === 0 ? 'over' : 'sized';
    if (this.#state === 'until closed') this.#isKept = false;
    const isOver = this.#state === 'over';
    this.#listener.head(head);
    if (isOver) this.#listener.end();
  }

  #takeData(bytes: Buffer): number {
    const isEndless = this.#state === 'until closed';
    const part = isEndless || bytes.length <= this.#left ? bytes : bytes.subarray(0, this.#left);
    this.#left -= isEndless ? 0 : part.length;
    if (!isEndless && this.#left === 0) {
      if (this.#state === 'chunk') this.#state = 'chunk end';
      else {
        this.#state = 'over';
        this.#listener.data(part);
        this.#listener.end();
        return part.length;
      }
    }
    this.#listener.data(part);
    return part.length;
  }

  #takeLine(bytes: Buffer, onLine: (line: string) => void): number {
    const end = bytes.indexOf(LINE_END);
    if (end > MOST_LINE_BYTES || (end === -1 && bytes.length > MOST_LINE_BYTES)) {
      throw new MalformedAnswer('a line of its body is too long');
    }
    if (end === -1) return 0;
    onLine(bytes.toString('latin1', 0, end));
    return end + LINE_END.length;
  }

  #beginChunk(line: string): void {
    const [, size] = /^([0-9a-f]{1,13})[\t ]*(?:;[\t\x20-\x7e]*)?$/i.exec(line) ?? [];
    if (size === undefined) throw new MalformedAnswer('the size of a chunk is no number');
    this.#left = Number.parseInt(size, 16);
    this.#state = this.#left === 0 ? 'trailers' : 'chunk';
  }

  #finish(): void {
    this.#state = 'over';
    this.#listener.end();
  }
}

function parseHead(text: string): Head & { version: string } {
  const [statusLine = '', ...lines] = text.split('\r\n');
  const [, version, status, reason = ''] = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: (.*))?$/.exec(statusLine) ?? [];
  if (version === undefined || status === undefined) throw new MalformedAnswer('its first line is no status line');
  const headers = new Map<string, string>();
  if (hasControl(reason)) throw new MalformedAnswer('its first line has a control character');
  for (const line of lines) {
    const [name, value] = parseHeader(line);
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return { version, status: Number(status), reason, headers };
}

function parseHeader(line: string): [name: string, value: string] {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(0, colon));
  if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) throw new MalformedAnswer('a line of its head is no header');
  const value = line.slice(colon + 1);
  if (hasControl(value)) throw new MalformedAnswer('a header of it has a control character');
  return [name.toLowerCase(), value.trim()];
}

/** Other than a tab. */
function hasControl(text: string): boolean {
  return /[^\t\x20-\x7e\x80-\xff]/.test(text);
}

import { styleText } from 'node:util';
import type { Redact } from './redact.ts';

declare const safe: unique symbol;
declare const clean: unique symbol;

/** Text that may leave the program: only a sink makes it, and everything that leaves takes nothing else. */
export type SafeText = string & { readonly [safe]: true };
/** Data of which every text is redacted, to be laid out for people. */
export type Clean<T> = T & { readonly [clean]: true };

export type Colour = 'bold' | 'red' | 'green' | 'yellow' | 'cyan' | 'grey';
/** A part of a line, in a colour where it has one. */
export type Piece = string | { text: string; colour?: Colour | undefined };
/** One line as it is meant: nothing in it starts another. */
export type Line = string | readonly Piece[];

/** The one way out for every text: redacts, then escapes, then cuts. */
export type Sink = {
  /** Data whose texts may be broken into words and lines: a credential is taken out while it is in one piece. */
  clean<T>(value: T): Clean<T>;
  /** Lines for people, each with its end. Nothing foreign in them moves a cursor, starts a line or reorders what is read. */
  lines(lines: readonly Line[], coloured: boolean): SafeText;
  /** A line without its end. */
  inline(line: Line, coloured: boolean): SafeText;
  /** A text on one line, without an end, of at most so many characters. */
  text(text: string, mostCharacters?: number): SafeText;
  /** A value as JSON on one line, without an end, in ASCII where a terminal could take something for an order. */
  json(value: unknown): SafeText;
  /** The same with an end. */
  jsonLine(value: unknown): SafeText;
};

/** Makes the sink; there is one in a process. */
export function createSink(redact: Redact): Sink {
  const text = (foreign: string, most?: number) => safely(printable(redact(foreign, most)));
  const piece = (part: Piece, coloured: boolean): string => {
    if (typeof part === 'string') return text(part);
    return part.colour !== undefined && coloured ? painted(text(part.text), part.colour) : text(part.text);
  };
  const line = (whole: Line, coloured: boolean) =>
    (typeof whole === 'string' ? [whole] : whole).map((part) => piece(part, coloured)).join('');
  const json = (value: unknown) => inAscii(JSON.stringify(redactedIn(value, redact)));
  return {
    clean: (value) => redactedIn(value, redact) as typeof value & { readonly [clean]: true }, // of the same shape
    lines: (lines, coloured) => safely(lines.map((each) => `${line(each, coloured)}\n`).join('')),
    inline: (whole, coloured) => safely(line(whole, coloured)),
    text,
    json: (value) => safely(json(value)),
    jsonLine: (value) => safely(`${json(value)}\n`),
  };
}

/** One JSON document that is written as its rows come, a line for each. */
export type RowsWriter = {
  row(value: object): SafeText;
  end(tail: object): SafeText;
};

/** `head` and the tail give the document's other keys. */
export function jsonRows(sink: Sink, head: object, name: string): RowsWriter {
  const opening = `${sink.json(head).slice(0, -1)},${JSON.stringify(name)}:[\n`;
  let before = opening;
  return {
    row(value) {
      const text = before + sink.json(value);
      before = ',\n';
      return safely(text);
    },
    end: (tail) => safely(`${before === opening ? opening : '\n'}],${sink.json(tail).slice(1)}\n`),
  };
}

/**
 * Words that a shell may offer, each with what it is, in the form that shells and kubectl read. What holds something that has to be
 * escaped or is a secret is left out: the word would not be the one that is meant.
 * @param orFiles whether the shell is to offer files.
 */
export function offered(sink: Sink, words: readonly { value: string; about: string }[], orFiles: boolean): SafeText {
  const sound = words.filter(({ value }) => value !== '' && sink.text(value) === value);
  const lines = sound.map(({ value, about }) => `${value}\t${sink.text(about)}\n`);
  return safely(`${lines.join('')}:${orFiles ? 0 : 4}\n`);
}

/** Lines over what stands on the screen, from its top, instead of clearing first, which would flicker. */
export function frame(lines: SafeText): SafeText {
  return safely(`\u001B[H${lines.replace(/\n$/, '').replaceAll('\n', '\u001B[K\r\n')}\u001B[K\u001B[J`);
}

export const clearScreen: SafeText = safely('\u001B[2J');
/** Back to the first column of a line that is empty then. */
export const eraseLine: SafeText = safely('\r\u001B[2K');
export const lineEnd: SafeText = safely('\n');

/** Whether colours are wanted has been decided: the streams and variables that Node would look at are not asked again. */
function painted(text: string, colour: Colour): string {
  return styleText(colour, text, { validateStream: false });
}

/** The one place where text is declared to be safe. */
function safely(text: string): SafeText {
  return text as SafeText; // redacted and escaped by the callers above
}

const names =
  /^(?:auth|password|passwd|identitytoken|registrytoken|authorizationtoken|secretaccesskey|sessiontoken|token)$/i;

function redactedIn(value: unknown, redact: Redact): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => redactedIn(each, redact));
  const entries = Object.entries(value).map(([key, inner]) => [
    redact(key),
    typeof inner === 'string' && names.test(key) ? '[redacted]' : redactedIn(inner, redact),
  ]);
  return Object.fromEntries(entries);
}

/** Control characters, what is not seen but changes what is read, lone surrogates, and separators of lines. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;
const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function printable(text: string): string {
  return text.replace(unprintable, (character) => shortEscapes[character] ?? escaped(character));
}

function inAscii(json: string): string {
  return json.replace(unprintable, escaped);
}

/** As JSON has it: a character beyond the first plane has two of them. */
function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    return `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }).join('');
}

import { remedyParts } from '../../core/failures/remedy.ts';
import type { Line, Piece, Sink } from '../../core/text/sink.ts';
import { wrapped } from '../../core/text/wrap.ts';
import type { Log, LogLevel } from '../../ports.ts';
import { plainValue, type Plain } from './log-value.ts';
import { isCollected, wantsColour, type ColourEnvironment, type PodEnvironment, type TextStream } from './text.ts';

export type LogOptions = {
  stream: TextStream;
  /** `auto`: JSON in a pod, for what collects its output; text for people, in a pipe as on a terminal. */
  format: 'auto' | 'text' | 'json';
  /** The least important level that is written. */
  level: LogLevel;
  sink: Sink;
  env: ColourEnvironment & PodEnvironment;
  nowMs: () => number;
  /** Called before a line is written, to clear what stands there. */
  beforeLine?: () => void;
};

type Keys = Readonly<Record<string, unknown>>;
type PlainKeys = { [key: string]: Plain };

const ranks: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/**
 * A log of one JSON object a line, or of short lines for people. A failure or warning under the key of that name is laid
 * out flat. No value can break a line, whatever it holds.
 */
export function createLog({ stream, format, level, sink, env, nowMs, beforeLine }: LogOptions): Log {
  const asText = format === 'text' || (format === 'auto' && !isCollected(stream, env));
  const coloured = wantsColour(stream, env);
  return (messageLevel, message, keys = {}) => {
    if (ranks[messageLevel] < ranks[level]) return;
    beforeLine?.();
    if (asText) {
      const told = sink.clean({ message, keys: plainKeys(keys) });
      stream.write(sink.lines(textLines(messageLevel, told.message, told.keys, screenOf(stream)), coloured));
      return;
    }
    const head = { time: new Date(nowMs()).toISOString(), level: messageLevel, message };
    stream.write(sink.jsonLine(inOrder(head, plainKeys(keys))));
  };
}

/** The keys with failures and warnings laid out flat, as plain, bounded data. */
function plainKeys(keys: Keys): PlainKeys {
  const plain: PlainKeys = {};
  for (const [key, value] of Object.entries(keys)) {
    const converted = plainValue(value);
    if (converted === undefined) continue;
    const isNotice = (key === 'failure' || key === 'warning') && typeof converted === 'object' && converted !== null;
    if (isNotice && !Array.isArray(converted)) Object.assign(plain, converted);
    else plain[key] = converted;
  }
  return plain;
}

/** The three keys that every line has come first, and no other takes their place. */
function inOrder(head: { time: string; level: LogLevel; message: string }, { what, ...keys }: PlainKeys): PlainKeys {
  const told = what === undefined || what === head.message ? {} : { what };
  return { ...head, ...told, ...keys, ...head };
}

const levelColours = { debug: 'grey', info: 'green', warn: 'yellow', error: 'red' } as const;
const margin = ' '.repeat(7);

/** Lines are broken for a terminal alone; in a file one is found whole. */
function screenOf({ isTTY, columns = 0 }: TextStream): Screen {
  return isTTY === true && columns > 0 ? { width: columns } : {};
}

type Screen = { width?: number };

function textLines(level: LogLevel, message: string, plain: PlainKeys, screen: Screen): Line[] {
  const { code, what, where, why, fix, stack, ...keys } = plain;
  const words: Piece[] = [{ text: level.padEnd(5), colour: levelColours[level] }, '  ', message];
  if (what !== undefined && what !== message) words.push('  ', shown(what));
  if (where !== undefined) words.push('  ', { text: shown(where), colour: 'cyan' });
  if (code !== undefined) words.push('  ', { text: shown(code), colour: 'grey' });
  for (const [key, value] of Object.entries(keys)) {
    words.push('  ', { text: `${key}=`, colour: 'grey' }, shown(value, /[\s="]/));
  }
  return [
    ...wrapped(words, 0, screen, margin.length),
    ...(why === undefined ? [] : below('why', shown(why), screen)),
    ...(fix === undefined ? [] : remedyLines(shown(fix), screen)),
    ...(typeof stack === 'string' ? stack.split('\n').map((line) => `${margin}${line}`) : []),
  ];
}

const below = (name: string, text: string, screen: Screen): Line[] =>
  wrapped([{ text: name, colour: 'grey' }, '  ', text], margin.length, screen, margin.length + name.length + 2);

/** What to type stands alone and whole where the line is too long: broken by a terminal it cannot be copied. */
function remedyLines(fix: string, screen: Screen): Line[] {
  const { words, command } = remedyParts(fix);
  const isShort = margin.length + 'fix  '.length + fix.length <= (screen.width ?? Infinity);
  if (isShort || command === undefined) return below('fix', fix, screen);
  const told = words === '' ? [] : below('fix', `${words}:`, screen);
  const head: Piece[] = words === '' ? [{ text: 'fix', colour: 'grey' }, '  '] : [' '.repeat(5)];
  return [...told, [margin, ...head, command]];
}

/** A value as a line shows it; texts that the expression finds something in are put into quotes. */
function shown(value: Plain, needsQuotes?: RegExp): string {
  return typeof value !== 'string' || needsQuotes?.test(value) === true ? JSON.stringify(value) : value;
}

/** What a program says that issues credentials, for whoever sits before the terminal; else for who looks for it. */
export function toldBy(log: Log, hasTerminal: boolean): (line: string, program: string) => void {
  return (line, program) =>
    log(hasTerminal ? 'info' : 'debug', 'A program that issues credentials says', { program, said: line });
}

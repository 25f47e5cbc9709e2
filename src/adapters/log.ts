import type { Log, LogLevel } from '../ports.ts';
import { plainValue, type Plain } from './log-value.ts';
import {
  paint,
  printable,
  wantsColour,
  type Colour,
  type ColourEnvironment,
  type TextStream,
} from './terminal-text.ts';

export type LogOptions = {
  stream: TextStream;
  /** `auto`: text on a terminal, JSON elsewhere. */
  format: 'auto' | 'text' | 'json';
  /** The least important level that is written. */
  level: LogLevel;
  /** Takes credentials out of a text. Every text passes it before anything else is done with it. */
  redact: (text: string) => string;
  env: ColourEnvironment;
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
export function createLog({ stream, format, level, redact, env, nowMs, beforeLine }: LogOptions): Log {
  const asText = format === 'text' || (format === 'auto' && stream.isTTY === true);
  const coloured = wantsColour(stream, env);
  return (messageLevel, message, keys = {}) => {
    if (ranks[messageLevel] < ranks[level]) return;
    const said = redact(message);
    const plain = plainKeys(keys, redact);
    beforeLine?.();
    if (asText) stream.write(textLines(messageLevel, said, plain, coloured));
    else stream.write(jsonLine({ time: new Date(nowMs()).toISOString(), level: messageLevel, message: said }, plain));
  };
}

/** The keys with failures and warnings laid out flat, as plain, redacted, bounded data. */
function plainKeys(keys: Keys, redact: (text: string) => string): PlainKeys {
  const plain: PlainKeys = {};
  for (const [key, value] of Object.entries(keys)) {
    const converted = plainValue(value, redact);
    if (converted === undefined) continue;
    const isNotice = (key === 'failure' || key === 'warning') && typeof converted === 'object' && converted !== null;
    if (isNotice && !Array.isArray(converted)) Object.assign(plain, converted);
    else plain[redact(key)] = converted;
  }
  return plain;
}

/** The three keys that every line has come first, and no other takes their place. */
function jsonLine(head: { time: string; level: LogLevel; message: string }, { what, ...keys }: PlainKeys): string {
  const told = what === undefined || what === head.message ? {} : { what };
  const line = JSON.stringify({ ...head, ...told, ...keys, ...head });
  // JSON lets these two stand, and some readers of lines take them for the end of one.
  return `${line.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}\n`;
}

const levelColours: Readonly<Record<LogLevel, Colour>> = { debug: 'grey', info: 'green', warn: 'yellow', error: 'red' };
const margin = ' '.repeat(7);

function textLines(level: LogLevel, message: string, plain: PlainKeys, coloured: boolean): string {
  const { code, what, where, why, fix, stack, ...keys } = plain;
  const label = paint(level.padEnd(5), levelColours[level], coloured);
  const words = [printable(message)];
  if (what !== undefined && what !== message) words.push(shown(what));
  if (where !== undefined) words.push(paint(shown(where), 'cyan', coloured));
  if (code !== undefined) words.push(paint(shown(code), 'grey', coloured));
  for (const [key, value] of Object.entries(keys)) {
    words.push(`${paint(`${printable(key)}=`, 'grey', coloured)}${shown(value, /[\s="]/)}`);
  }
  const lines = [`${label}  ${words.join('  ')}`];
  if (why !== undefined) lines.push(`${margin}${paint('why', 'grey', coloured)}  ${shown(why)}`);
  if (fix !== undefined) lines.push(`${margin}${paint('fix', 'grey', coloured)}  ${shown(fix)}`);
  if (typeof stack === 'string') lines.push(...stack.split('\n').map((line) => `${margin}${printable(line)}`));
  return `${lines.join('\n')}\n`;
}

/** A value as a line shows it; texts that the expression finds something in are put into quotes. */
function shown(value: Plain, needsQuotes?: RegExp): string {
  if (typeof value !== 'string') return printable(JSON.stringify(value));
  return needsQuotes?.test(value) === true ? printable(JSON.stringify(value)) : printable(value);
}

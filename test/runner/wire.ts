import { inspect } from 'node:util';

/** What the process of a test file tells the runner, one JSON line each, on this descriptor. */
export const WIRE = 3;

export type Told =
  /** A test's body begins or is over. */
  | { kind: 'begin' | 'end'; test: string }
  | { kind: 'pass'; test: string }
  | { kind: 'skip'; test: string; why: string }
  | { kind: 'fail'; test: string; error: string };

/** One line, whatever is in it: who reads lines takes U+2028 and U+2029, which JSON lets stand, for ends of one. */
export function wireLine(told: Told): string {
  return `${JSON.stringify(told)
    .replaceAll('\u2028', String.raw`\u2028`)
    .replaceAll('\u2029', String.raw`\u2029`)}\n`;
}

/** An error as a reader needs it: the assertion's difference, the stack and the cause. */
export function shownError(error: unknown): string {
  return error instanceof Error ? inspect(error, { depth: 5, colors: false }) : String(error);
}

import { inspect } from 'node:util';

/** What the process of a test file tells the runner, one JSON line each, on this descriptor. */
export const WIRE = 3;

export type Told =
  /** A test's body begins or is over. */
  | { kind: 'begin' | 'end'; test: string }
  | { kind: 'pass'; test: string }
  | { kind: 'skip'; test: string; why: string }
  | { kind: 'fail'; test: string; error: string };

/** An error as a reader needs it: the assertion's difference, the stack and the cause. */
export function shownError(error: unknown): string {
  return error instanceof Error ? inspect(error, { depth: 5, colors: false }) : String(error);
}

import type { ApiReply } from './reply.ts';

/** Attempts at one request before it counts as failed; the pass's deadline ends it earlier. */
export const maxAttempts = 6;

const firstDelayMs = 250;
const longestDelayMs = 10_000;
/** A server that asks for longer is asked again all the same: what it knew of its load then is old. */
const longestAskedMs = 60_000;

/** Whether asking again may help: the server was overloaded, broke, or could not be reached. */
export function isTransient(reply: ApiReply): boolean {
  if (reply.kind === 'answer') return reply.status === 429 || (reply.status >= 500 && reply.status !== 501);
  return reply.cause === 'Unreachable' || reply.cause === 'TimedOut' || reply.cause === 'Interrupted';
}

/** Whether an answer was larger than this process may hold. */
export function isTooLarge(reply: ApiReply): boolean {
  return reply.kind === 'broken' && reply.cause === 'TooLarge';
}

/** How many objects to ask for where so many were too large together; undefined where it was one alone. */
export function smallerPage(limit: number): number | undefined {
  return limit <= 1 ? undefined : Math.max(1, Math.floor(limit / 4));
}

/** Whether the server says that it has too much to do. */
export function isOverload(reply: ApiReply): boolean {
  return reply.kind === 'answer' ? reply.status === 429 || reply.status === 503 : reply.cause === 'TimedOut';
}

/**
 * How long to wait before the next attempt: exponential with full jitter, and never less than the server asks for, up to a minute.
 * @param attempt how many were made, from 1.
 * @param chance uniform in [0, 1).
 */
export function retryDelayMs(attempt: number, retryAfterMs: number | undefined, chance: number): number {
  const ceilingMs = Math.min(longestDelayMs, firstDelayMs * 2 ** (attempt - 1));
  return Math.min(longestAskedMs, retryAfterMs ?? 0) + Math.floor(ceilingMs * chance);
}

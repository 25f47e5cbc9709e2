import type { ApiReply } from './api-reply.ts';

/** Attempts at one request before it counts as failed; the pass's deadline ends it earlier. */
export const maxAttempts = 6;

const firstDelayMs = 250;
const longestDelayMs = 10_000;

/** Whether asking again may help: the server was overloaded, broke, or could not be reached. */
export function isTransient(reply: ApiReply): boolean {
  if (reply.kind === 'answer') return reply.status === 429 || (reply.status >= 500 && reply.status !== 501);
  return reply.cause === 'Unreachable' || reply.cause === 'TimedOut' || reply.cause === 'Interrupted';
}

/** Whether the server says that it has too much to do. */
export function isOverload(reply: ApiReply): boolean {
  return reply.kind === 'answer' ? reply.status === 429 || reply.status === 503 : reply.cause === 'TimedOut';
}

/**
 * How long to wait before the next attempt: exponential with full jitter, and never less than the server asks for.
 * @param attempt how many were made, from 1.
 * @param chance uniform in [0, 1).
 */
export function retryDelayMs(attempt: number, retryAfterMs: number | undefined, chance: number): number {
  const ceilingMs = Math.min(longestDelayMs, firstDelayMs * 2 ** (attempt - 1));
  return (retryAfterMs ?? 0) + Math.floor(ceilingMs * chance);
}

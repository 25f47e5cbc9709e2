import { retryAfterMs, type ApiReply } from '../core/api/reply.ts';
import { isOverload, isTransient, maxAttempts, retryDelayMs } from '../core/api/retry.ts';
import type { Clock, Random } from '../ports.ts';
import type { Pace } from './pool.ts';

export type Retrying = { clock: Clock; random: Random };

/** How a request ended; `stopped`: something else than an answer ended it. */
export type Tried = { reply: ApiReply; stopped: boolean };

/**
 * Makes a request until it is answered for good, as often and as fast as the server bears.
 * @param stop ends waiting between attempts; the reply is the last one there was.
 */
export async function tried(
  request: () => Promise<ApiReply>,
  { clock, random }: Retrying,
  stop: AbortSignal,
  pace?: Pace,
): Promise<Tried> {
  for (let attempt = 1; ; attempt += 1) {
    const reply = await request();
    if (stop.aborted && reply.kind === 'broken' && reply.cause === 'Aborted') return { reply, stopped: true };
    if (isOverload(reply)) pace?.slower();
    if (!isTransient(reply) || attempt >= maxAttempts) return { reply, stopped: false };
    await clock.sleep(retryDelayMs(attempt, retryAfterMs(reply), random()), stop);
    if (stop.aborted) return { reply, stopped: true };
  }
}

/** The same for who makes no difference whether an answer or `stop` ended it. */
export async function answered(...given: Parameters<typeof tried>): Promise<ApiReply> {
  return (await tried(...given)).reply;
}

import type { ApiReply } from '../core/api-reply.ts';
import { failure, type Failure, type Result } from '../core/errors.ts';
import { judgeList, listFailure, type Page } from '../core/listing.ts';
import { isTransient, maxAttempts, retryDelayMs } from '../core/retry.ts';
import { tokenFromReply, whereOf, type AuthorizationToken, type TokenRequest } from '../core/token.ts';
import { awsFailure } from '../core/aws-failures.ts';
import type { Clock, Cluster, ListQuery, Random, TokenSource } from '../ports.ts';

/** Namespaces a request; the API server's own clients page by as many. */
export const pageSize = 500;

export type Retrying = { clock: Clock; random: Random };

/**
 * Asks for every token that a pull secret is to hold. All or none: a pull secret is written whole, and one that lacks a
 * registry would take away a login that still works.
 */
export async function gatherTokens(
  requests: readonly TokenRequest[],
  { tokens, clock }: { tokens: TokenSource; clock: Clock },
  signal: AbortSignal,
): Promise<Result<AuthorizationToken[]>> {
  const results = await Promise.all(requests.map((request) => gatherToken(request, tokens, clock, signal)));
  const issued: AuthorizationToken[] = [];
  for (const result of results) {
    if (!result.ok) return result;
    issued.push(result.value);
  }
  return { ok: true, value: issued };
}

async function gatherToken(
  request: TokenRequest,
  tokens: TokenSource,
  clock: Clock,
  signal: AbortSignal,
): Promise<Result<AuthorizationToken>> {
  const reply = await tokens.issue(request, signal);
  if (reply.kind === 'answer') return tokenFromReply(reply, request, clock.nowMs());
  if (signal.aborted) return { ok: false, failure: interruption(signal, whereOf(request)) };
  return { ok: false, failure: awsFailure(reply, request) };
}

/**
 * One page of the namespaces that carry the label; transient failures are tried again.
 * A page token that grew too old is replaced by the one the server offers for the rest.
 */
export async function gatherPage(
  query: Omit<ListQuery, 'limit'>,
  { cluster, clock, random }: Retrying & { cluster: Cluster },
  signal: AbortSignal,
): Promise<Result<Page>> {
  let asked: ListQuery = { ...query, limit: pageSize };
  for (let attempt = 1; ; attempt += 1) {
    const reply = await cluster.listNamespaces(asked, signal);
    if (signal.aborted) return { ok: false, failure: interruption(signal, cluster.server) };
    const [next, detail] = judgeList(reply, cluster.server);
    if (next === 'page') return { ok: true, value: detail };
    if (next === 'fail') return { ok: false, failure: detail };
    if (attempt >= maxAttempts) return { ok: false, failure: listFailure(reply, cluster.server) };
    if (next === 'resume') asked = { ...asked, continueToken: detail };
    else await clock.sleep(retryDelayMs(attempt, retryAfterMs(detail), random()), signal);
  }
}

/** Why a signal ended the pass: its `reason` is `DeadlinePassed` or the name of a process signal. */
export function interruption(signal: AbortSignal, where: string, rest = ''): Failure {
  const code = signal.reason === 'DeadlinePassed' ? 'DeadlinePassed' : 'Interrupted';
  const why = code === 'DeadlinePassed' ? 'the deadline passed' : `stopped by ${String(signal.reason)}`;
  return failure(code, { where, why: why + rest });
}

/** Whether a reply is worth another attempt, and after how long, in milliseconds. */
export function nextAttemptMs(reply: ApiReply, attempt: number, random: Random): number | undefined {
  if (!isTransient(reply) || attempt >= maxAttempts) return undefined;
  return retryDelayMs(attempt, retryAfterMs(reply), random());
}

function retryAfterMs(reply: ApiReply): number | undefined {
  return reply.kind === 'answer' ? reply.retryAfterMs : undefined;
}

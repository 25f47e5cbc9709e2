import { whyNot, type ApiReply } from '../core/api/reply.ts';
import { failure, type Failure, type Result } from '../core/failures/errors.ts';
import { judgeList, listFailure, type Page, type PageStep } from '../core/api/pages.ts';
import { isTransient, maxAttempts, retryDelayMs, smallerPage } from '../core/api/retry.ts';
import { tokenFromReply, whereOf, type AuthorizationToken, type TokenRequest } from '../core/secret/token.ts';
import { awsFailure } from '../core/failures/aws-failures.ts';
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
  if (signal.aborted) {
    const silent = reply.host ?? 'the AWS credential chain';
    return { ok: false, failure: interruption(signal, whereOf(request), `, and ${silent} had not answered`) };
  }
  return { ok: false, failure: awsFailure(reply, request) };
}

/**
 * One page of the namespaces that carry the label; transient failures are tried again.
 * A page token that grew too old is replaced by the one the server offers for the rest.
 */
export function gatherPage(
  query: Omit<ListQuery, 'limit'>,
  deps: Retrying & { cluster: Pick<Cluster, 'server' | 'listNamespaces'> },
  signal: AbortSignal,
  size: PageSize = { limit: pageSize },
): Promise<Result<Page>> {
  const { cluster } = deps;
  const list: PagedList<Page> = {
    server: cluster.server,
    ask: (token, limit) => cluster.listNamespaces({ ...query, limit, ...tokenIn(token) }, signal),
    judge: (reply) => judgeList(reply, cluster.server),
    failure: (reply) => listFailure(reply, cluster.server),
  };
  return gatherListed(list, query.continueToken, deps, signal, size);
}

/** How many objects a page of one list has; fewer once so many were too large together. */
export type PageSize = { limit: number };

/** A list that is read in pages, and what its replies mean. */
export type PagedList<ListedPage> = {
  server: string;
  ask(continueToken: string | undefined, limit: number): Promise<ApiReply>;
  judge(reply: ApiReply): PageStep<ListedPage>;
  /** Names the failure for good. */
  failure(reply: ApiReply): Failure;
};

/** One page of a list; tried again as `gatherPage` is. */
export async function gatherListed<ListedPage>(
  list: PagedList<ListedPage>,
  continueToken: string | undefined,
  { clock, random }: Retrying,
  signal: AbortSignal,
  size: PageSize = { limit: pageSize },
): Promise<Result<ListedPage>> {
  let token = continueToken;
  let last: ApiReply | undefined;
  // Those that were too large are none: they end by themselves.
  let attempts = 0;
  for (;;) {
    const reply: ApiReply = await list.ask(token, size.limit);
    if (signal.aborted) return { ok: false, failure: interruption(signal, list.server, untold(reply, last)) };
    last = reply;
    const [next, detail] = list.judge(reply);
    if (next === 'page') return { ok: true, value: detail };
    if (next === 'fail') return { ok: false, failure: detail };
    if (next === 'smaller') {
      const limit = smallerPage(size.limit);
      if (limit === undefined) return { ok: false, failure: list.failure(reply) };
      size.limit = limit;
      continue;
    }
    attempts += 1;
    if (attempts >= maxAttempts) return { ok: false, failure: list.failure(reply) };
    if (next === 'resume') token = detail;
    else await clock.sleep(retryDelayMs(attempts, retryAfterMs(detail), random()), signal);
  }
}

/** A token as an optional key. */
export function tokenIn(token: string | undefined): { continueToken?: string } {
  return token === undefined ? {} : { continueToken: token };
}

/** Why a signal ended the pass: its `reason` is `DeadlinePassed` or the name of a process signal. */
export function interruption(signal: AbortSignal, where: string, rest = ''): Failure {
  const code = signal.reason === 'DeadlinePassed' ? 'DeadlinePassed' : 'Interrupted';
  const why = code === 'DeadlinePassed' ? 'the deadline passed' : `stopped by ${String(signal.reason)}`;
  return failure(code, { where, why: why + rest });
}

/** What went wrong before a request was given up, or who had not answered it. */
function untold(reply: ApiReply, last: ApiReply | undefined): string {
  if (last !== undefined) return `, and the last attempt had failed: ${whyNot(last)}`;
  return reply.kind === 'broken' && reply.cause === 'Aborted' ? `, and ${reply.message}` : '';
}

/** Whether a reply is worth another attempt, and after how long, in milliseconds. */
export function nextAttemptMs(reply: ApiReply, attempt: number, random: Random): number | undefined {
  if (!isTransient(reply) || attempt >= maxAttempts) return undefined;
  return retryDelayMs(attempt, retryAfterMs(reply), random());
}

function retryAfterMs(reply: ApiReply): number | undefined {
  return reply.kind === 'answer' ? reply.retryAfterMs : undefined;
}

import { retryAfterMs, whyNot, type ApiReply } from '../core/api/reply.ts';
import type { Failure, Result } from '../core/failures/errors.ts';
import { judgeList, listFailure, type Page, type PageStep } from '../core/api/pages.ts';
import { maxAttempts, retryDelayMs, smallerPage } from '../core/api/retry.ts';
import type { Cluster, ListQuery } from '../ports.ts';
import type { Retrying } from './attempts.ts';
import { interruption } from './stopping.ts';

/** Namespaces a request; the API server's own clients page by as many. */
export const pageSize = 500;

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

/** What went wrong before a request was given up, or who had not answered it. */
function untold(reply: ApiReply, last: ApiReply | undefined): string {
  if (last !== undefined) return `, and the last attempt had failed: ${whyNot(last)}`;
  return reply.kind === 'broken' && reply.cause === 'Aborted' ? `, and ${reply.message}` : '';
}

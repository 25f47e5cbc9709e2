import {
  judgePage,
  listFailure,
  namespaceOf,
  type ListKind,
  type Namespace,
  type Page,
  type PageStep,
} from '../core/api/pages.ts';
import { retryAfterMs, whyNot, type ApiReply } from '../core/api/reply.ts';
import { isOverload, maxAttempts, retryDelayMs, smallerPage } from '../core/api/retry.ts';
import type { Failure, Result } from '../core/failures/errors.ts';
import type { Cluster, ListQuery, PageQuery } from '../ports.ts';
import type { Retrying } from './attempts.ts';
import type { Pace } from './pool.ts';
import { interruption } from './stopping.ts';

/** Objects a request; the API server's own clients page by as many. */
const pageSize = 500;

/** A list that is read in pages. */
export type PagedList<Item> = ListKind<Item> & {
  /** For messages. */
  server: string;
  ask(page: PageQuery): Promise<ApiReply>;
};

/** Reads a page: the first without a token. */
export type ReadPage<Item> = (continueToken?: string) => Promise<Result<Page<Item>>>;

/** The namespaces that carry a label. */
export function namespaceList(
  cluster: Pick<Cluster, 'server' | 'listNamespaces'>,
  query: Pick<ListQuery, 'labelSelector' | 'name'>,
  signal: AbortSignal,
): PagedList<Namespace> {
  const { server } = cluster;
  return {
    server,
    ask: (page) => cluster.listNamespaces({ ...query, ...page }, signal),
    itemOf: namespaceOf,
    failure: (reply) => listFailure(reply, server),
  };
}

/**
 * Reads a list in pages. A page that fails for the moment is tried again; a token that grew too old is replaced by the one
 * that the server offers for the rest, but where all must be of one moment; where so many objects are too large together, fewer are asked for from then on.
 * @param signal ends it, but where a page has come, with the reason `DeadlinePassed` or the name of a process signal.
 */
export function pageReader<Item>(
  list: PagedList<Item>,
  { clock, random }: Retrying,
  signal: AbortSignal,
  pace?: Pace,
): ReadPage<Item> {
  let limit = pageSize;
  return async (continueToken) => {
    let token = continueToken;
    let last: ApiReply | undefined;
    // Those that were too large are none: they end by themselves.
    let attempts = 0;
    for (;;) {
      const reply = await list.ask({ limit, ...(token === undefined ? {} : { continueToken: token }) });
      const step: PageStep<Item> = judgePage(reply, list);
      if (step[0] === 'page') return { ok: true, value: step[1] };
      if (signal.aborted) return { ok: false, failure: interruption(signal, list.server, untold(reply, last)) };
      if (isOverload(reply)) pace?.slower();
      last = reply;
      if (step[0] === 'fail') return { ok: false, failure: step[1] };
      if (step[0] === 'smaller') {
        const smaller = smallerPage(limit);
        if (smaller === undefined) return { ok: false, failure: list.failure(reply) };
        limit = smaller;
        continue;
      }
      attempts += 1;
      if (attempts >= maxAttempts) return { ok: false, failure: list.failure(reply) };
      if (step[0] === 'resume') token = step[1];
      else await clock.sleep(retryDelayMs(attempts, retryAfterMs(reply), random()), signal);
    }
  };
}

/**
 * Every page of a list; the next one is asked for while one is being used, so that at most two are held.
 * @param ended is told what ended them early.
 * @param first where it has been read already.
 */
export async function* pages<Item>(
  read: ReadPage<Item>,
  ended: (failure: Failure) => void,
  first?: Page<Item>,
): AsyncGenerator<Page<Item>, void> {
  for (let page = first === undefined ? await read() : { ok: true as const, value: first }; ;) {
    if (!page.ok) return ended(page.failure);
    const { continueToken } = page.value;
    const next = continueToken === undefined ? undefined : read(continueToken);
    yield page.value;
    if (next === undefined) return;
    page = await next;
  }
}

/** What went wrong before a request was given up, or who had not answered it. */
function untold(reply: ApiReply, last: ApiReply | undefined): string {
  if (last !== undefined) return `, and the last attempt had failed: ${whyNot(last)}`;
  return reply.kind === 'broken' && reply.cause === 'Aborted' ? `, and ${reply.message}` : '';
}

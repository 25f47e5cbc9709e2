import {
  firstPage,
  listFailure,
  namespaceOf,
  pageMachine,
  whyEndless,
  type ListKind,
  type Namespace,
  type Page,
  type PageQuery,
} from '../core/api/pages.ts';
import { untried } from '../core/api/attempts.ts';
import { whyNot, type ApiReply } from '../core/api/reply.ts';
import type { Failure, Result } from '../core/failures/errors.ts';
import type { Cluster, ListQuery } from '../ports.ts';
import { drive, type Driving } from './drive.ts';
import { interruption } from './stopping.ts';

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
 * Reads a list in pages, as `pageMachine` does; so many objects as went together once are asked for from then on.
 * @param signal ends it, but where a page has come, with the reason `DeadlinePassed` or the name of a process signal.
 */
export function pageReader<Item>(list: PagedList<Item>, deps: Driving, signal: AbortSignal): ReadPage<Item> {
  const machine = pageMachine(list);
  let { limit } = firstPage;
  const progress = { pages: 0, emptyInARow: 0 };
  return async (continueToken) => {
    const query: PageQuery = { limit, ...(continueToken === undefined ? {} : { continueToken }) };
    const driven = await drive(machine, untried({ query, resumes: 0 }), (page) => list.ask(page), deps, signal);
    if (driven.stopped) {
      // Not the server has kept it waiting, but who issues the credentials.
      if (isOfCredentials(driven.reply)) return { ok: false, failure: list.failure(driven.reply) };
      const rest = untold(driven.reply, driven.job.last);
      return { ok: false, failure: interruption(signal, list.server, rest) };
    }
    ({ limit } = driven.end);
    const { result } = driven.end;
    if (!result.ok) return result;
    progress.pages += 1;
    progress.emptyInARow = result.value.items.length === 0 ? progress.emptyInARow + 1 : 0;
    const why = result.value.continueToken === undefined ? undefined : whyEndless(progress);
    if (why === undefined) return result;
    return { ok: false, failure: list.failure({ kind: 'broken', cause: 'Endless', message: why }) };
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

function isOfCredentials(reply: ApiReply): boolean {
  return reply.kind === 'broken' && reply.cause === 'CredentialsFailed';
}

/** What went wrong before a request was given up, or who had not answered it. */
function untold(reply: ApiReply, last: ApiReply | undefined): string {
  if (last !== undefined) return `, and the last attempt had failed: ${whyNot(last)}`;
  return reply.kind === 'broken' && reply.cause === 'Aborted' ? `, and ${reply.message}` : '';
}

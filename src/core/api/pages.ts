import { persistent, type Trying } from './attempts.ts';
import type { Machine, Step } from './machine.ts';
import { apiStatus, isRecord, text, whyNot, type ApiAnswer, type ApiReply } from './reply.ts';
import { failure, type Failure, type Result } from '../failures/errors.ts';
import { isTooLarge, isTransient, maxAttempts, smallerPage } from './retry.ts';

export type Namespace = {
  name: string;
  /** It is being deleted and takes nothing new. */
  terminating: boolean;
};

/** A page of a list. */
export type Page<Item> = {
  items: Item[];
  /** Of the whole list. */
  resourceVersion: string;
  /** Absent on the last page. */
  continueToken?: string;
};

/** Reads an object of a list; undefined for what is none, or none of those that are looked for. */
export type ItemOf<Item> = (item: Record<string, unknown>) => Item | undefined;

/** What a reply to a list means. */
export type PageStep<Item> =
  | ['page', Page<Item>]
  /** The page token was too old; this one reads the rest. */
  | ['resume', string]
  | ['retry', ApiReply]
  /** Fewer at once may do. */
  | ['smaller', ApiReply]
  | ['fail', Failure];

/** What there is to know of a list to judge what comes of it. */
export type ListKind<Item> = {
  readonly itemOf: ItemOf<Item>;
  /** Names a failure for good. */
  failure(reply: ApiReply): Failure;
  /**
   * All of it must be as it was at one moment, since somebody watches on from there. The rest that a server offers for a
   * token that grew too old is of a later one: what has changed since in the pages before it would never be seen.
   */
  ofOneMoment?: true;
};

/** Judges a reply to a list. */
export function judgePage<Item>(reply: ApiReply, list: ListKind<Item>): PageStep<Item> {
  if (isTransient(reply)) return ['retry', reply];
  if (isTooLarge(reply)) return ['smaller', reply];
  if (reply.kind === 'broken') return ['fail', list.failure(reply)];
  const mayResume = reply.status === 410 && list.ofOneMoment !== true;
  const continueToken = mayResume ? apiStatus(reply.body).continueToken : undefined;
  if (continueToken !== undefined) return ['resume', continueToken];
  const page = pageOf(reply, list.itemOf);
  return page === undefined ? ['fail', list.failure(reply)] : ['page', page];
}

/** How far a list has been read. */
export type Progress = { pages: number; emptyInARow: number };

/** With 500 objects in each, more than any cluster has. */
const mostPages = 10_000;
/** Of a list with a selector a page may be empty though it has a next one. */
const mostEmpty = 20;

/** Why a list is not read any further: its pages lead nowhere. */
export function whyEndless({ pages, emptyInARow }: Progress): string | undefined {
  if (emptyInARow > mostEmpty) return `it has answered ${emptyInARow} empty pages in a row, each with a next one`;
  return pages > mostPages ? `it has more than ${mostPages} pages` : undefined;
}

/** What a page is asked for with. */
export type PageQuery = {
  /** Objects at most. */
  limit: number;
  /** Absent: the first page. */
  continueToken?: string;
};

/** Objects a request; the API server's own clients page by as many. */
export const firstPage: PageQuery = { limit: 500 };

/** A page that is being read: what is asked for, and how often a token grew too old. */
export type PageJob = { query: PageQuery; resumes: number };

/** How reading a page ended, and with how many objects at a time it went. */
export type PageEnd<Item> = { result: Result<Page<Item>>; limit: number };

/**
 * Reads one page. A token that grew too old is replaced by the one that the server offers for the rest, but where all must
 * be of one moment; where so many objects are too large together, fewer are asked for.
 */
export function pageMachine<Item>(list: ListKind<Item>): Machine<Trying<PageJob>, PageQuery, PageEnd<Item>> {
  return persistent<PageJob, PageQuery, PageEnd<Item>>((job, happened) => {
    if (happened[0] === 'go') return ['ask', job.query, job];
    return pageRead(job, happened[1], list);
  });
}

/** What an answer to one page makes of it, for machines that read pages among other things; never a wait. */
export function pageRead<Item>(job: PageJob, reply: ApiReply, list: ListKind<Item>): PageReadStep<Item> {
  const { query, resumes } = job;
  const { limit } = query;
  const [step, detail] = judgePage(reply, list);
  if (step === 'page') {
    const isLoop = detail.continueToken !== undefined && detail.continueToken === query.continueToken;
    if (isLoop) return ['end', { result: { ok: false, failure: list.failure(endlessReply) }, limit }, job];
    return ['end', { result: { ok: true, value: detail }, limit }, job];
  }
  if (step === 'fail') return ['end', { result: { ok: false, failure: detail }, limit }, job];
  if (step === 'resume' && resumes + 1 < maxAttempts) {
    return asked({ query: { limit, continueToken: detail }, resumes: resumes + 1 });
  }
  const smaller = step === 'smaller' ? smallerPage(limit) : undefined;
  if (smaller !== undefined) return asked({ ...job, query: { ...query, limit: smaller } });
  return ['end', { result: { ok: false, failure: list.failure(reply) }, limit }, job];
}

export type PageReadStep<Item> = Exclude<Step<PageJob, PageQuery, PageEnd<Item>>, ['wait', ...unknown[]]>;

function asked<Item>(job: PageJob): PageReadStep<Item> {
  return ['ask', job.query, job];
}

/** What a page comes to that names itself as the next one. */
const endlessReply: ApiReply = {
  kind: 'broken',
  cause: 'Endless',
  message: 'the next page that it names is the same again',
};

/** Reads a page; absent for anything that is no list. */
export function pageOf<Item>(reply: ApiReply, itemOf: ItemOf<Item>): Page<Item> | undefined {
  if (reply.kind === 'broken' || reply.status !== 200 || !isRecord(reply.body)) return undefined;
  const { items } = reply.body;
  if (!Array.isArray(items)) return undefined;
  const metadata = isRecord(reply.body['metadata']) ? reply.body['metadata'] : {};
  const continueToken = text(metadata['continue']);
  return {
    items: items.filter(isRecord).flatMap((item) => itemOf(item) ?? []),
    resourceVersion: text(metadata['resourceVersion']),
    ...(continueToken === '' ? {} : { continueToken }),
  };
}

/** Reads a namespace's metadata. */
export function namespaceOf(item: Record<string, unknown>): Namespace {
  const metadata = isRecord(item['metadata']) ? item['metadata'] : {};
  return { name: text(metadata['name']), terminating: metadata['deletionTimestamp'] !== undefined };
}

/** Names the failure of a list for good, whatever was tried before. */
export function listFailure(reply: ApiReply, server: string): Failure {
  return reply.kind === 'answer' ? refusedList(reply, server) : brokenList(reply, server);
}

/** The same for a list of pull secrets, which a role allows by itself. */
export function secretsFailure(reply: ApiReply, server: string, secretName: string): Failure {
  if (reply.kind === 'broken' || reply.status === 401) return listFailure(reply, server);
  const facts = { where: server, secret: secretName, requestId: reply.requestId };
  if (reply.status === 403) return failure('SecretListForbidden', { ...facts, why: apiStatus(reply.body).message });
  return failure('SecretListFailed', { ...facts, why: whyNoList(reply) });
}

function brokenList({ cause, message }: Extract<ApiReply, { kind: 'broken' }>, server: string): Failure {
  const facts = { where: server, why: message, server };
  switch (cause) {
    case 'Unreachable':
      return failure('ApiUnreachable', facts);
    case 'TlsUntrusted':
      return failure('ApiTlsUntrusted', facts);
    case 'TimedOut':
      return failure('ApiTimedOut', facts);
    case 'CredentialsFailed':
      return failure('ApiCredentialsFailed', facts);
    case 'Interrupted':
    case 'TooLarge':
    case 'Unsendable':
    case 'Endless':
    case 'Aborted':
      return failure('ApiListFailed', facts);
  }
}

function refusedList(reply: ApiAnswer, server: string): Failure {
  const { status, body, requestId } = reply;
  const { message } = apiStatus(body);
  if (status === 401) return failure('ApiUnauthorized', { where: server, why: 'HTTP 401 Unauthorized', requestId });
  if (status === 403) return failure('ApiListForbidden', { where: server, why: message, requestId });
  return failure('ApiListFailed', { where: server, why: whyNoList(reply), requestId });
}

/** What came instead of a list, in words. */
function whyNoList(reply: ApiReply): string {
  const isOther = reply.kind === 'answer' && reply.status === 200;
  return isOther ? 'it answered with something that is no list' : whyNot(reply);
}

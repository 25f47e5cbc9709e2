import { apiStatus, isRecord, text, whyNot, type ApiAnswer, type ApiReply } from './reply.ts';
import { failure, type Failure } from '../failures/errors.ts';
import { isTooLarge, isTransient } from './retry.ts';

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

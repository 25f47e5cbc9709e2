import { apiStatus, isRecord, text, whyNot, type ApiAnswer, type ApiReply } from './reply.ts';
import { failure, type Failure } from '../failures/errors.ts';
import { isTooLarge, isTransient } from './retry.ts';

export type Namespace = {
  name: string;
  /** It is being deleted and takes nothing new. */
  terminating: boolean;
};

export type Page = { namespaces: Namespace[]; continueToken?: string };

/** What a reply to a list means. */
export type PageStep<ListedPage> =
  | ['page', ListedPage]
  /** The page token was too old; this one reads the rest. */
  | ['resume', string]
  | ['retry', ApiReply]
  /** Fewer at once may do. */
  | ['smaller', ApiReply]
  | ['fail', Failure];

/**
 * Judges a reply to a list.
 * @param pageOf reads its body; absent for what is no list.
 * @param failureOf names what is none of the others.
 */
export function judgePage<ListedPage>(
  reply: ApiReply,
  pageOf: (body: unknown) => ListedPage | undefined,
  failureOf: (reply: ApiReply) => Failure,
): PageStep<ListedPage> {
  if (isTransient(reply)) return ['retry', reply];
  if (isTooLarge(reply)) return ['smaller', reply];
  if (reply.kind === 'broken') return ['fail', failureOf(reply)];
  const continueToken = reply.status === 410 ? apiStatus(reply.body).continueToken : undefined;
  if (continueToken !== undefined) return ['resume', continueToken];
  const page = reply.status === 200 ? pageOf(reply.body) : undefined;
  return page === undefined ? ['fail', failureOf(reply)] : ['page', page];
}

/** Judges a reply to a list of namespaces' metadata. */
export function judgeList(reply: ApiReply, server: string): PageStep<Page> {
  return judgePage(reply, pageOf, (failed) => listFailure(failed, server));
}

/** Names the failure of a list for good, whatever was tried before. */
export function listFailure(reply: ApiReply, server: string): Failure {
  return reply.kind === 'answer' ? refusedList(reply, server) : brokenList(reply, server);
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
export function whyNoList(reply: ApiReply): string {
  const isOther = reply.kind === 'answer' && reply.status === 200;
  return isOther ? 'it answered with something that is no list' : whyNot(reply);
}

function pageOf(body: unknown): Page | undefined {
  if (!isRecord(body) || !Array.isArray(body['items'])) return undefined;
  const continueToken = isRecord(body['metadata']) ? text(body['metadata']['continue']) : '';
  const namespaces = body['items'].filter(isRecord).map(namespaceOf);
  return { namespaces, ...(continueToken === '' ? {} : { continueToken }) };
}

function namespaceOf(item: Record<string, unknown>): Namespace {
  const metadata = isRecord(item['metadata']) ? item['metadata'] : {};
  return { name: text(metadata['name']), terminating: metadata['deletionTimestamp'] !== undefined };
}

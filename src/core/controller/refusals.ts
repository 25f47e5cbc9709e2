import { listFailure, secretsFailure } from '../api/pages.ts';
import { apiStatus, whyNot, type ApiReply } from '../api/reply.ts';
import { failure, type Failure, type FailureCode } from '../failures/errors.ts';
import type { LeasePlace } from './lease.ts';

/** What is watched, and where. */
export type Watched = { kind: 'namespaces' } | { kind: 'secrets'; secretName: string };

/** Names what keeps a topic from being watched, with the codes and remedies that a pass has for the same. */
export function watchFailure(reply: ApiReply, topic: Watched, server: string): Failure {
  if (reply.kind === 'broken' || reply.status === 401) return listFailure(reply, server);
  const why = whyNot(reply);
  const facts = { where: server, requestId: reply.requestId };
  if (reply.status !== 403) return failure('ApiWatchFailed', { ...facts, why });
  const { message } = apiStatus(reply.body);
  if (message.includes('cannot watch')) {
    return failure('ApiWatchForbidden', { ...facts, why: message, resource: topic.kind });
  }
  return topic.kind === 'secrets' ? secretsFailure(reply, server, topic.secretName) : listFailure(reply, server);
}

/** A watch that was open and ended as no watch should. */
export function brokenWatch(why: string, server: string): Failure {
  return failure('ApiWatchFailed', { where: server, why });
}

/**
 * Names what keeps the Lease from being read or written.
 * @param status of the answer; 0 where there was none.
 */
export function leaseFailure(status: number, why: string, { namespace, name }: LeasePlace): Failure {
  const facts = { where: `${namespace}/${name}`, why, namespace };
  if (status === 401) return failure('ApiUnauthorized', facts);
  return failure(status === 403 ? 'LeaseForbidden' : 'LeaseFailed', facts);
}

/** Names what keeps an Event from being taken. */
export function eventFailure(reply: ApiReply, namespace: string): Failure {
  const facts = { where: namespace, why: whyNot(reply) };
  if (reply.kind === 'answer' && reply.status === 401) return failure('ApiUnauthorized', facts);
  const isForbidden = reply.kind === 'answer' && reply.status === 403;
  return failure(isForbidden ? 'EventForbidden' : 'EventFailed', facts);
}

const lasting: ReadonlySet<FailureCode> = new Set<FailureCode>([
  'ApiUnauthorized',
  'ApiCredentialsFailed',
  'ApiTlsUntrusted',
  'ApiListForbidden',
  'ApiWatchForbidden',
  'SecretListForbidden',
  'LeaseForbidden',
  'EventForbidden',
]);

/** Whether it stays until somebody mends it. */
export function isLasting(code: FailureCode): boolean {
  return lasting.has(code);
}

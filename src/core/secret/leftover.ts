import { apiStatus, isRecord, text, whyNot, type ApiReply } from '../api/reply.ts';
import type { Failure } from '../failures/errors.ts';
import { foreignContents, isNothing } from './docker-config.ts';
import { placed, type Place } from './outcome.ts';
import { existingSecret, fieldManagers, pullSecretType } from './pull-secret.ts';

/** What a secret in a namespace without the label leads to. */
export type LeftoverStep =
  /** Nobody but this program put anything into it; on the condition that it is still this one. */
  | ['delete', { uid: string; resourceVersion: string }]
  | ['keep', 'SecretGone' | 'SecretNotOurs' | 'SecretTouchedByOthers' | 'SecretHoldsOtherRegistries']
  | ['retry', ApiReply];

/**
 * Judges the whole secret as read.
 * @param isOurs whether these managed fields leave it to this program.
 */
export function judgeLeftover(reply: ApiReply, isOurs: (managedFields: unknown) => boolean = isOnlyOurs): LeftoverStep {
  if (reply.kind === 'broken') return ['retry', reply];
  if (reply.status === 404) return ['keep', 'SecretGone'];
  const existing = reply.status === 200 ? existingSecret(reply.body) : undefined;
  if (existing === undefined || !isRecord(reply.body)) return ['retry', reply];
  if (!existing.managedByUs || existing.type !== pullSecretType) return ['keep', 'SecretNotOurs'];
  const metadata = isRecord(reply.body['metadata']) ? reply.body['metadata'] : {};
  if (!isOurs(metadata['managedFields'])) return ['keep', 'SecretTouchedByOthers'];
  const foreign = foreignContents(existing.data, existing.registries);
  if (!isNothing(foreign)) return ['keep', 'SecretHoldsOtherRegistries'];
  return ['delete', { uid: text(metadata['uid']), resourceVersion: existing.resourceVersion }];
}

/** The failure of a request for the secret that was answered for good. */
export function pruneFailure(reply: ApiReply, place: Place): Failure {
  if (reply.kind === 'broken') return placed('PruneFailed', place, { why: whyNot(reply) });
  const { status, body, requestId } = reply;
  const { message } = apiStatus(body);
  const verb = forbiddenVerb(reply);
  if (verb !== undefined) return placed('SecretForbidden', place, { why: message, requestId, verb });
  if (status === 409) return placed('SecretChanged', place, { why: message, requestId });
  return placed('PruneFailed', place, { why: whyNot(reply), requestId });
}

/** The verb that was refused; undefined where none was. */
export function forbiddenVerb(reply: ApiReply): string | undefined {
  if (reply.kind === 'broken' || reply.status !== 403) return undefined;
  return /cannot (\w+) resource/.exec(apiStatus(reply.body).message)?.[1];
}

/** Without managed fields nobody can tell whose it is. */
function isOnlyOurs(managedFields: unknown): boolean {
  if (!Array.isArray(managedFields) || managedFields.length === 0) return false;
  return managedFields.every((entry) => isRecord(entry) && entry['manager'] === fieldManagers.own);
}

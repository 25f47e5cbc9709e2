import { isRecord, text, whyNot, type ApiReply } from '../api/reply.ts';
import { foreignContents, isNothing } from './docker-config.ts';
import { existingSecret, fieldManagers, pullSecretType } from './pull-secret.ts';

/** What a secret in a namespace without the label leads to. */
export type LeftoverStep =
  /** Nobody but this program put anything into it; on the condition that it is still this one. */
  | ['delete', { uid: string; resourceVersion: string }]
  | ['keep', 'SecretGone' | 'SecretNotOurs' | 'SecretTouchedByOthers' | 'SecretHoldsOtherRegistries']
  | ['retry', string];

/**
 * Judges the whole secret as read.
 * @param isOurs whether these managed fields leave it to this program.
 */
export function judgeLeftover(reply: ApiReply, isOurs: (managedFields: unknown) => boolean = isOnlyOurs): LeftoverStep {
  if (reply.kind === 'broken') return ['retry', reply.message];
  if (reply.status === 404) return ['keep', 'SecretGone'];
  const existing = reply.status === 200 ? existingSecret(reply.body) : undefined;
  if (existing === undefined || !isRecord(reply.body)) return ['retry', whyNot(reply)];
  if (!existing.managedByUs || existing.type !== pullSecretType) return ['keep', 'SecretNotOurs'];
  const metadata = isRecord(reply.body['metadata']) ? reply.body['metadata'] : {};
  if (!isOurs(metadata['managedFields'])) return ['keep', 'SecretTouchedByOthers'];
  const foreign = foreignContents(existing.data, existing.registries);
  if (!isNothing(foreign)) return ['keep', 'SecretHoldsOtherRegistries'];
  return ['delete', { uid: text(metadata['uid']), resourceVersion: existing.resourceVersion }];
}

/** Without managed fields nobody can tell whose it is. */
function isOnlyOurs(managedFields: unknown): boolean {
  if (!Array.isArray(managedFields) || managedFields.length === 0) return false;
  return managedFields.every((entry) => isRecord(entry) && entry['manager'] === fieldManagers.own);
}

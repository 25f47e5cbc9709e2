import { isRecord, text } from '../api/reply.ts';

/** A ServiceAccount that gives its pods the pull secret, and where in its list. */
export type NamingAccount = { name: string; at: readonly number[] };

/** Reads a ServiceAccount; absent for one that does not name the secret. */
export function namingAccount(item: Record<string, unknown>, secretName: string): NamingAccount | undefined {
  const name = isRecord(item['metadata']) ? text(item['metadata']['name']) : '';
  const at = placesOf(item['imagePullSecrets'], secretName);
  return at.length === 0 ? undefined : { name, at };
}

function placesOf(entries: unknown, secretName: string): number[] {
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry, index) => (isRecord(entry) && entry['name'] === secretName ? [index] : []));
}

/**
 * The JSON Patch that takes the secret's entries out, and no other. The list is one atomic value, in which an entry can
 * only be named by its place: the patch fails where another entry has come to stand there.
 */
export function removalPatch({ at }: NamingAccount, secretName: string): string {
  const tests = at.map((index) => ({ op: 'test', path: `/imagePullSecrets/${index}`, value: { name: secretName } }));
  // From the last on, so that no place moves before its turn.
  const removals = at.toReversed().map((index) => ({ op: 'remove', path: `/imagePullSecrets/${index}` }));
  return JSON.stringify([...tests, ...removals]);
}

import { isRecord, text } from '../api/reply.ts';
import type { Namespace } from '../api/pages.ts';
import { dataKey, pullSecretNotes, type PullSecretNotes } from '../secret/pull-secret.ts';

/** What a pull secret's metadata says; nothing in it is secret. */
export type SecretFacts = PullSecretNotes & {
  namespace: string;
  /** Who wrote its login last: the field managers that own it, of which there are several where they wrote the same. */
  managers: readonly string[];
  terminating: boolean;
};

/** What is known of one namespace: its label, its secret, or both. */
export type InventoryEntry = {
  namespace: string;
  /** It carries the label. */
  labelled: boolean;
  /** Only known of namespaces that carry the label. */
  terminating: boolean;
  secret?: SecretFacts;
};

/** Reads a secret's metadata; absent for anything else. */
export function secretFacts({ metadata }: Record<string, unknown>): SecretFacts | undefined {
  if (!isRecord(metadata)) return undefined;
  return {
    ...pullSecretNotes(metadata),
    namespace: text(metadata['namespace']),
    managers: loginManagers(metadata['managedFields']),
    terminating: metadata['deletionTimestamp'] !== undefined,
  };
}

function loginManagers(managedFields: unknown): string[] {
  return managersWhere(managedFields, (fields) => {
    const data = fields['f:data'];
    return isRecord(data) && Object.hasOwn(data, `f:${dataKey}`);
  });
}

/** The managers that own anything of an object but its metadata; the same manager once. */
export function contentManagers(managedFields: unknown): string[] {
  return managersWhere(managedFields, (fields) => Object.keys(fields).some((field) => field !== 'f:metadata'));
}

function managersWhere(managedFields: unknown, owns: (fields: Record<string, unknown>) => boolean): string[] {
  if (!Array.isArray(managedFields)) return [];
  const owners = managedFields.filter(isRecord).filter(({ fieldsV1 }) => isRecord(fieldsV1) && owns(fieldsV1));
  return [...new Set(owners.map(({ manager }) => text(manager)))];
}

/** How etcd orders what lies in namespaces: by whole keys, in which a slash follows the namespace. */
export function comesBefore(namespace: string, other: string): boolean {
  return `${namespace}/` < `${other}/`;
}

/**
 * Brings namespaces, which are listed by name, into the order in which their secrets are listed: there `a-b/…` comes
 * before `a/…`. Holds back no more names than a name has dashes.
 */
export function secretOrder(): { next(namespace: Namespace): Namespace[]; end(): Namespace[] } {
  const held: Namespace[] = [];
  return {
    next(namespace) {
      const released: Namespace[] = [];
      for (let last = held.at(-1); last !== undefined; last = held.at(-1)) {
        if (namespace.name.startsWith(`${last.name}-`)) break;
        released.push(last);
        held.pop();
      }
      held.push(namespace);
      return released;
    },
    end: () => held.splice(0).reverse(),
  };
}

/** The next entry of two lists in one order, and which of them have it. */
export type Merged = { entry: InventoryEntry; namespace: Namespace | undefined; secret: SecretFacts | undefined };

/**
 * Takes the next entry off the heads of both lists.
 * @returns undefined where both have come to their end.
 */
export function nextMerged(namespace: Namespace | undefined, secret: SecretFacts | undefined): Merged | undefined {
  if (namespace === undefined && secret === undefined) return undefined;
  const secretFirst =
    namespace === undefined || (secret !== undefined && comesBefore(secret.namespace, namespace.name));
  const namespaceFirst =
    secret === undefined || (namespace !== undefined && comesBefore(namespace.name, secret.namespace));
  const taken = { namespace: secretFirst ? undefined : namespace, secret: namespaceFirst ? undefined : secret };
  return { entry: inventoryEntry(taken.namespace, taken.secret), ...taken };
}

function inventoryEntry(namespace: Namespace | undefined, secret: SecretFacts | undefined): InventoryEntry {
  return {
    namespace: namespace?.name ?? secret?.namespace ?? '',
    labelled: namespace !== undefined,
    terminating: namespace?.terminating ?? false,
    ...(secret === undefined ? {} : { secret }),
  };
}

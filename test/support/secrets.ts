import type { SecretFacts } from '../../src/core/inventory/inventory.ts';

/** What the metadata of a secret say that this program made, and that nobody else touched. */
export const ourMetadata = {
  uid: 'u',
  resourceVersion: '7',
  labels: { 'app.kubernetes.io/managed-by': 'ecr-cred-helper' },
  managedFields: [{ manager: 'ecr-cred-helper', fieldsV1: { 'f:data': {} } }],
};

/** Such a secret as it is read. */
export function ourSecret(metadata: object = {}): { metadata: object; type: string } {
  return { metadata: { ...ourMetadata, ...metadata }, type: 'kubernetes.io/dockerconfigjson' };
}

/** What a list shows of such a secret, of which nobody knows when it expires. */
export function secretFactsOf(namespace: string, changes: Partial<SecretFacts> = {}): SecretFacts {
  return {
    namespace,
    registries: [],
    refreshedAtMs: undefined,
    expiresAtMs: undefined,
    managedByUs: true,
    managers: [],
    terminating: false,
    ...changes,
  };
}

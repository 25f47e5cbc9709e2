import type { PruneCluster, SecretsQuery } from '../../ports.ts';
import { clusterOn, METADATA, METADATA_LIST, more, secretPath } from './cluster.ts';
import type { Transport } from './requests.ts';

/** The requests of `status` and `prune` over a transport. */
export function inventoryCluster(transport: Transport): PruneCluster {
  return {
    ...clusterOn(transport),
    listSecrets: (query, signal) =>
      transport.request({ method: 'GET', path: secretsPath(query), accept: METADATA_LIST }, signal),
    removeSecret: ({ namespace, secretName }, preconditions, dryRun, signal) => {
      const body = JSON.stringify({
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        preconditions,
        ...(dryRun ? { dryRun: ['All'] } : {}),
      });
      return transport.request({ method: 'DELETE', path: secretPath(namespace, secretName), body }, signal);
    },
    listServiceAccounts: (namespace, { limit, continueToken }, signal) =>
      transport.request(
        { method: 'GET', path: `${serviceAccountsPath(namespace)}?limit=${limit}${more(continueToken)}` },
        signal,
      ),
    patchServiceAccount: ({ namespace, name }, body, dryRun, signal) =>
      transport.request(
        {
          method: 'PATCH',
          path: `${serviceAccountsPath(namespace)}/${encodeURIComponent(name)}?fieldManager=ecr-cred-helper${dryRun ? '&dryRun=All' : ''}`,
          accept: METADATA,
          contentType: 'application/json-patch+json',
          body,
        },
        signal,
      ),
  };
}

/**
 * A field selector for the one name is what a role with `resourceNames` allows to list:
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources
 */
function secretsPath({ secretName, namespace, limit, continueToken }: SecretsQuery): string {
  const path =
    namespace === undefined ? '/api/v1/secrets' : `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets`;
  const selector = encodeURIComponent(`metadata.name=${secretName}`);
  return `${path}?fieldSelector=${selector}&limit=${limit}${more(continueToken)}`;
}

function serviceAccountsPath(namespace: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts`;
}

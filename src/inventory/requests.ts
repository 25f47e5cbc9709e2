import type { ApiReply } from '../core/api/reply.ts';
import type { PruneRequest } from '../core/inventory/pruning.ts';
import { removalPatch } from '../core/inventory/service-account.ts';
import type { PruneCluster } from '../ports.ts';

/** Makes the request that pruning a namespace takes. */
export function askPrune(cluster: PruneCluster, request: PruneRequest, signal: AbortSignal): Promise<ApiReply> {
  const { place } = request;
  const { namespace, secretName } = place;
  switch (request.kind) {
    case 'read':
      return cluster.readSecret(namespace, secretName, signal);
    case 'labelled': {
      const { labelSelector } = request;
      return cluster.listNamespaces({ labelSelector, name: namespace, limit: 1 }, signal);
    }
    case 'accounts':
      return cluster.listServiceAccounts(namespace, request.page, signal);
    case 'patch': {
      const { account, dryRun } = request;
      const body = removalPatch(account, secretName);
      return cluster.patchServiceAccount({ namespace, name: account.name }, body, dryRun, signal);
    }
    case 'remove':
      return cluster.removeSecret(place, request.still, request.dryRun, signal);
  }
}

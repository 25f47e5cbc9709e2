import type { ApiReply } from '../core/api/reply.ts';
import type { SecretRequest } from '../core/secret/serving.ts';
import type { Cluster } from '../ports.ts';

/** Makes the request that serving a namespace takes. */
export function askSecret(cluster: Cluster, request: SecretRequest, signal: AbortSignal): Promise<ApiReply> {
  const { namespace, secretName } = request.place;
  if (request.kind === 'read') return cluster.readSecret(namespace, secretName, signal);
  if (request.kind === 'readMetadata') return cluster.readSecretMetadata(namespace, secretName, signal);
  const { body, force, dryRun, fieldManager } = request;
  return cluster.applySecret({ namespace, secretName, body, force, dryRun, fieldManager }, signal);
}

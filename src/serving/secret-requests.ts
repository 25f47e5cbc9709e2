import type { ApiReply } from '../core/api/reply.ts';
import type { Place } from '../core/secret/outcome.ts';
import type { SecretRequest } from '../core/secret/serving.ts';
import type { Cluster } from '../ports.ts';

/** A read of a secret that is ours, whatever its size. */
type Whole = { kind: 'read'; place: Place; mostBytes?: number };

/** Makes the request that serving a namespace takes. */
export function askSecret(cluster: Cluster, request: SecretRequest | Whole, signal: AbortSignal): Promise<ApiReply> {
  const { namespace, secretName } = request.place;
  if (request.kind === 'read') return cluster.readSecret(namespace, secretName, signal, request.mostBytes);
  if (request.kind === 'readMetadata') return cluster.readSecretMetadata(namespace, secretName, signal);
  const { body, force, dryRun, fieldManager } = request;
  return cluster.applySecret({ namespace, secretName, body, force, dryRun, fieldManager }, signal);
}

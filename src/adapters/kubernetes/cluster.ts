import type { ApplyRequest, Cluster, ListQuery } from '../../ports.ts';
import type { Transport } from './requests.ts';

/** The requests of a pass over a transport. */
export function clusterOn(transport: Transport): Cluster {
  const { server } = transport;
  return {
    server,
    listNamespaces: (query, signal) =>
      transport.request({ method: 'GET', path: namespacesPath(query), accept: METADATA_LIST }, signal),
    applySecret: (request, signal) =>
      transport.request(
        {
          method: 'PATCH',
          path: applyPath(request),
          accept: METADATA,
          contentType: 'application/apply-patch+yaml',
          body: request.body,
          isWrite: true,
        },
        signal,
      ),
    readSecret: (namespace, secretName, signal, mostBytes = MOST_SECRET_BYTES) =>
      transport.request({ method: 'GET', path: secretPath(namespace, secretName), mostBytes }, signal),
    readSecretMetadata: (namespace, secretName, signal) =>
      transport.request({ method: 'GET', path: secretPath(namespace, secretName), accept: METADATA }, signal),
  };
}

/** Of a secret with everything in it: a docker config of fifty registries of ECR, in base64. */
const MOST_SECRET_BYTES = 512 * 1024;

/** Metadata alone; the plain form is there for servers that cannot. */
export const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';
export const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';

/** The path of a secret; names are encoded, though Kubernetes allows none that would need it. */
export function secretPath(namespace: string, secretName: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(secretName)}`;
}

function namespacesPath({ labelSelector, name, limit, continueToken }: ListQuery): string {
  const one = name === undefined ? '' : `&fieldSelector=${encodeURIComponent(`metadata.name=${name}`)}`;
  return `/api/v1/namespaces?labelSelector=${encodeURIComponent(labelSelector)}${one}&limit=${limit}${more(continueToken)}`;
}

/** The part of a query that asks for the rest of a list. */
export function more(continueToken: string | undefined): string {
  return continueToken === undefined ? '' : `&continue=${encodeURIComponent(continueToken)}`;
}

function applyPath({ namespace, secretName, fieldManager, force, dryRun }: ApplyRequest): string {
  const query = `fieldManager=${encodeURIComponent(fieldManager)}${force ? '&force=true' : ''}${dryRun ? '&dryRun=All' : ''}`;
  return `${secretPath(namespace, secretName)}?${query}`;
}

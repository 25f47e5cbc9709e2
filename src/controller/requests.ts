import type { ApiReply } from '../core/api/reply.ts';
import type { JobRequest } from '../core/controller/job.ts';
import type { ControllerCluster } from '../ports.ts';
import { askSecret } from '../serving/secret-requests.ts';
import type { Term } from './term.ts';

/** Makes a request while leading: none begins after the term or outlives it. */
export function askFenced(
  request: JobRequest,
  term: Term | undefined,
  labelSelector: string,
  cluster: ControllerCluster,
): Promise<ApiReply> {
  if (term?.isOpen() !== true) return Promise.resolve(notLeading);
  const { fence } = term;
  switch (request.kind) {
    case 'event':
      return cluster.createEvent(request.namespace, request.body, fence);
    case 'labelled': {
      const topic = { kind: 'namespaces', labelSelector, name: request.place.namespace } as const;
      return cluster.listTopic(topic, { limit: 1 }, fence);
    }
    case 'delete':
      return cluster.deleteSecret(request.place, request.still, fence);
    case 'apply':
    case 'read':
    case 'readMetadata':
      return askSecret(cluster, request, fence);
  }
}

const notLeading: ApiReply = { kind: 'broken', cause: 'Aborted', message: 'this replica does not lead any more' };

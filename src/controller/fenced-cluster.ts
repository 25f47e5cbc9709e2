import { isRecord, text, type ApiReply } from '../core/api/reply.ts';
import type { Cluster } from '../ports.ts';
import type { Term } from './leader.ts';

/** The revision at which our last write left a secret. */
export type Trace = { resourceVersion: string | undefined };

/**
 * The cluster as it may be used for one namespace while leading: no request begins after the term or outlives it, and a
 * write is made on the condition that the secret is still the one that was seen, or that there is none. A newer token
 * that another instance put there meanwhile is then found instead of overwritten.
 * @param seen the revision of the secret as known; absent where there is none.
 * @param trace gets what the writes came to.
 */
export function fencedCluster(cluster: Cluster, term: Term, seen: string | undefined, trace: Trace): Cluster {
  let condition: string | undefined = seen ?? neverMet;
  return {
    ...cluster,
    async applySecret(request) {
      if (!term.isOpen()) return notLeading();
      const body = condition === undefined || request.force ? request.body : onCondition(request.body, condition);
      const reply = await cluster.applySecret({ ...request, body }, term.fence);
      // A condition that was not met leads to a look at the secret, and what follows from that has a condition of its own.
      if (reply.kind === 'answer' && reply.status === 409) condition = undefined;
      trace.resourceVersion = writtenRevision(reply) ?? trace.resourceVersion;
      return reply;
    },
    readSecret(namespace, secretName) {
      return term.isOpen() ? cluster.readSecret(namespace, secretName, term.fence) : Promise.resolve(notLeading());
    },
  };
}

/** No object has this revision; where there is no object, the server makes one and does not ask. */
const neverMet = '1';

/** Puts a condition into a serialised apply configuration, which is the same for all namespaces and not parsed for each. */
function onCondition(body: string, resourceVersion: string): string {
  return body.replace('"metadata":{', `"metadata":{"resourceVersion":${JSON.stringify(resourceVersion)},`);
}

function writtenRevision(reply: ApiReply): string | undefined {
  if (reply.kind === 'broken' || reply.status >= 300 || !isRecord(reply.body)) return undefined;
  const { metadata } = reply.body;
  return isRecord(metadata) ? text(metadata['resourceVersion']) || undefined : undefined;
}

function notLeading(): ApiReply {
  return { kind: 'broken', cause: 'Aborted', message: 'this replica does not lead any more' };
}

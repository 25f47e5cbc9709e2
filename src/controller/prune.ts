import { whyNot } from '../core/api/reply.ts';
import { namespaceOf, pageOf } from '../core/api/pages.ts';
import { judgeLeftover } from '../core/secret/leftover.ts';
import type { ControllerCluster } from '../ports.ts';
import type { Term } from './leader.ts';

/** What became of the secret; where it is to be tried again, why. */
export type PruneOutcome =
  | readonly [
      | 'SecretPruned'
      | 'SecretGone'
      | 'SecretNotOurs'
      | 'SecretTouchedByOthers'
      | 'SecretHoldsOtherRegistries'
      | 'NamespaceLabelled',
    ]
  | readonly ['Retry', string];

/**
 * Removes the secret of a namespace that lost its label, where this program made it and nobody else put anything in.
 * The label is looked for once more at the server: a watch's word alone is not enough to delete something.
 */
export async function pruneSecret(
  namespace: string,
  secretName: string,
  labelSelector: string,
  cluster: ControllerCluster,
  term: Term,
): Promise<PruneOutcome> {
  const secret = judgeLeftover(await cluster.readSecret(namespace, secretName, term.fence));
  if (secret[0] === 'keep') return [secret[1]];
  if (secret[0] === 'retry') return ['Retry', secret[1]];
  if (!term.isOpen()) return notLeading;

  const topic = { kind: 'namespaces', labelSelector, name: namespace } as const;
  const listed = await cluster.listTopic(topic, { limit: 1 }, term.fence);
  const page = pageOf(listed, namespaceOf);
  if (page === undefined) return ['Retry', whyNot(listed)];
  if (!term.isOpen()) return notLeading;
  if (page.items.some(({ name }) => name === namespace)) return ['NamespaceLabelled'];

  const reply = await cluster.deleteSecret({ namespace, secretName }, secret[1], term.fence);
  if (reply.kind === 'answer' && reply.status === 404) return ['SecretGone'];
  return reply.kind === 'answer' && reply.status < 300 ? ['SecretPruned'] : ['Retry', whyNot(reply)];
}

const notLeading = ['Retry', 'this replica does not lead any more'] as const;

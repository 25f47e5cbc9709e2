import { factsPage } from '../core/watching.ts';
import { judgeLeftover } from '../core/leftover.ts';
import type { ControllerCluster } from '../ports.ts';
import type { Term } from './election.ts';

export type PruneOutcome =
  | 'SecretPruned'
  | 'SecretGone'
  | 'SecretNotOurs'
  | 'SecretTouchedByOthers'
  | 'SecretHoldsOtherRegistries'
  | 'NamespaceLabelled'
  | 'Retry';

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
  if (secret[0] === 'keep') return secret[1];
  if (secret[0] === 'retry' || !term.isOpen()) return 'Retry';

  const topic = { kind: 'namespaces', labelSelector, name: namespace } as const;
  const page = factsPage(await cluster.listTopic(topic, undefined, term.fence));
  if (page === undefined || !term.isOpen()) return 'Retry';
  if (page.items.some(({ name }) => name === namespace)) return 'NamespaceLabelled';

  const reply = await cluster.deleteSecret({ namespace, secretName }, secret[1], term.fence);
  if (reply.kind === 'broken') return 'Retry';
  if (reply.status === 404) return 'SecretGone';
  return reply.status < 300 ? 'SecretPruned' : 'Retry';
}

import { namespaceOf, pageOf } from '../api/pages.ts';
import type { Machine } from '../api/machine.ts';
import { isDone, type ApiReply } from '../api/reply.ts';
import type { Failure } from '../failures/errors.ts';
import { judgeLeftover, pruneFailure } from '../secret/leftover.ts';
import type { Place } from '../secret/outcome.ts';

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
  | readonly ['Retry', Failure];

type Still = { uid: string; resourceVersion: string };

/** A namespace that lost its label; `still`: the secret as it was read, and whether the label has been looked for since. */
export type Pruning = { place: Place; still?: Still; isUnlabelled?: true };

export type PruneRequest =
  | { kind: 'read'; place: Place }
  /** The namespace, where it carries the label. */
  | { kind: 'labelled'; place: Place }
  | { kind: 'delete'; place: Place; still: Still };

/**
 * Removes the secret of a namespace that lost its label, where this program made it and nobody else put anything in.
 * The label is looked for once more at the server: a watch's word alone is not enough to delete something.
 */
export const prune: Machine<Pruning, PruneRequest, PruneOutcome> = (job, happened) => {
  const { place, still } = job;
  if (happened[0] === 'go') return ['ask', { kind: 'read', place }, job];
  const reply = happened[1];
  if (still === undefined) {
    const [step, detail] = judgeLeftover(reply);
    if (step === 'keep') return ['end', [detail], job];
    if (step === 'retry') return ['end', ['Retry', pruneFailure(detail, place)], job];
    return ['ask', { kind: 'labelled', place }, { place, still: detail }];
  }
  if (job.isUnlabelled === true) return ['end', deleted(reply, place), job];
  const page = pageOf(reply, namespaceOf);
  if (page === undefined) return ['end', ['Retry', pruneFailure(reply, place)], job];
  if (page.items.some(({ name }) => name === place.namespace)) return ['end', ['NamespaceLabelled'], job];
  return ['ask', { kind: 'delete', place, still }, { ...job, isUnlabelled: true }];
};

function deleted(reply: ApiReply, place: Place): PruneOutcome {
  if (reply.kind === 'answer' && reply.status === 404) return ['SecretGone'];
  return isDone(reply) ? ['SecretPruned'] : ['Retry', pruneFailure(reply, place)];
}

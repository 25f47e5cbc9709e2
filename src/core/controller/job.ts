import { persistent, type Trying } from '../api/attempts.ts';
import { contained, partOf, type Machine } from '../api/machine.ts';
import type { ApiReply } from '../api/reply.ts';
import { placed, type Outcome, type Place } from '../secret/outcome.ts';
import { serve, type SecretRequest, type ServingJob } from '../secret/serving.ts';
import type { SafeText } from '../text/sink.ts';
import type { ApplyReason } from './namespace-state.ts';
import { prune, type PruneOutcome, type PruneRequest, type Pruning } from './pruning.ts';

/**
 * What the controller does for a namespace: its secret is applied or removed, something is said on it in an Event, or it is
 * looked for.
 */
export type Job = ServeJob | PruneJob | TellJob | SeekJob;

export type ServeJob = {
  kind: 'serve';
  serving: ServingJob;
  reason: ApplyReason;
  /** The newest revision of the secret that was known when the work began; absent where there was none. */
  before: string | undefined;
  /** The newest revision of anything by then. */
  seen: string;
  /** By the steady clock. */
  beganMs: number;
};

export type PruneJob = { kind: 'prune'; pruning: Pruning };

export type TellJob = { kind: 'tell'; event: Trying<Told> };

/** A namespace that a write did not find: whether it is still there, with its label. */
export type SeekJob = { kind: 'seek'; sought: Trying<Place> };

/** An Event that is on its way. */
export type Told = { namespace: string; body: SafeText };

const tell: Machine<Trying<Told>, JobRequest, ApiReply> = persistent<Told, JobRequest, ApiReply>((event, happened) =>
  happened[0] === 'go' ? ['ask', { kind: 'event', ...event }, event] : ['end', happened[1], event],
);

const seek: Machine<Trying<Place>, JobRequest, ApiReply> = persistent<Place, JobRequest, ApiReply>((place, happened) =>
  happened[0] === 'go' ? ['ask', { kind: 'labelled', place }, place] : ['end', happened[1], place],
);

const pruneOrSay = contained(
  prune,
  ({ place }, bug) => ['Retry', placed('NamespaceBug', place, { why: String(bug) })] as const,
);

export type JobRequest = SecretRequest | PruneRequest | { kind: 'event'; namespace: string; body: SafeText };

export type JobEnd = ['served', Outcome] | ['pruned', PruneOutcome] | ['told', ApiReply] | ['sought', ApiReply];

/** Each kind of work is a machine of its own. */
export const nextOf: Machine<Job, JobRequest, JobEnd> = (job, happened, now, chance) => {
  switch (job.kind) {
    case 'serve': {
      const step = serve(job.serving, happened, now, chance);
      return partOf(
        step,
        (serving): Job => ({ ...job, serving }),
        (end): JobEnd => ['served', end],
      );
    }
    case 'prune': {
      const step = pruneOrSay(job.pruning, happened, now, chance);
      return partOf(
        step,
        (pruning): Job => ({ ...job, pruning }),
        (end): JobEnd => ['pruned', end],
      );
    }
    case 'tell': {
      const step = tell(job.event, happened, now, chance);
      return partOf(
        step,
        (event): Job => ({ ...job, event }),
        (end): JobEnd => ['told', end],
      );
    }
    case 'seek': {
      const step = seek(job.sought, happened, now, chance);
      return partOf(
        step,
        (sought): Job => ({ ...job, sought }),
        (end): JobEnd => ['sought', end],
      );
    }
  }
};

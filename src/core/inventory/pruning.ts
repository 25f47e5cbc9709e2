import { persistent, untried, type Trying } from '../api/attempts.ts';
import { contained, type Machine, type Step } from '../api/machine.ts';
import { firstPage, pageRead, type ListKind, type PageJob, type PageQuery } from '../api/pages.ts';
import { isDone, type ApiReply } from '../api/reply.ts';
import type { Failure } from '../failures/errors.ts';
import { pruneFailure } from '../secret/leftover.ts';
import { placed, type Place } from '../secret/outcome.ts';
import {
  accountsFailure,
  danglingFailure,
  holdsNamespace,
  isOvertaken,
  judgePrunable,
  type PruneOutcome,
} from './prune.ts';
import { namingAccount, type NamingAccount } from './service-account.ts';

export type PruneWish = {
  labelSelector: string;
  /** Labelled namespaces, too. */
  all: boolean;
  dryRun: boolean;
};

type Still = { uid: string; resourceVersion: string };

/** A namespace whose pull secret is being removed, with what was read on the way. */
export type Pruning = {
  place: Place;
  wish: PruneWish;
  doing: 'read' | 'label' | 'list' | 'rehearse' | 'remove' | 'takeOut' | 'listAgain';
  /** The secret as it was read. */
  still: Still;
  /** The page of ServiceAccounts that is being read. */
  page: PageJob;
  /** Those that name the secret, of the pages read so far. */
  found: readonly NamingAccount[];
  /** The same of the first whole list. */
  named: readonly NamingAccount[];
  /** Of these, those whose turn is still to come, the present one first. */
  left: readonly NamingAccount[];
  /** Times that the present one was patched. */
  looks: number;
  /** Why the present one has to be looked for anew. */
  overtaken?: ApiReply;
};

export type PruneRequest = { place: Place } & (
  | { kind: 'read' }
  /** The namespace, where it carries the label. */
  | { kind: 'labelled'; labelSelector: string }
  | { kind: 'accounts'; page: PageQuery }
  | { kind: 'patch'; account: NamingAccount; dryRun: boolean }
  | { kind: 'remove'; still: Still; dryRun: boolean }
);

export type PruneJob = Trying<Pruning>;

/** Times that an entry of a ServiceAccount is patched because the account changed. */
const maxLooks = 3;

/** The beginning of removing the pull secret of one namespace. */
export function pruning(place: Place, wish: PruneWish): PruneJob {
  const nothing = { still: { uid: '', resourceVersion: '' }, found: [], named: [], left: [], looks: 0 };
  return untried({ place, wish, doing: 'read', page: { query: firstPage, resumes: 0 }, ...nothing });
}

/**
 * Removes the pull secret of one namespace, and its entries in the namespace's ServiceAccounts. First it is made sure
 * that all of it can be done; the secret goes before the entries, since an entry without a secret does no harm, and a
 * secret without its entry is a login lost.
 */
export const pruneOne: Machine<PruneJob, PruneRequest, PruneOutcome> = contained(
  persistent<Pruning, PruneRequest, PruneOutcome>((job, happened) =>
    happened[0] === 'go' ? asked(job) : answers[job.doing](job, happened[1]),
  ),
  ({ job: { place } }, bug) => ['failed', placed('NamespaceBug', place, { why: String(bug) })],
);

type PruneStep = Step<Pruning, PruneRequest, PruneOutcome>;

function asked(job: Pruning): PruneStep {
  const { place, wish, doing, still, page, left } = job;
  const [account] = left;
  if (doing === 'read') return ['ask', { kind: 'read', place }, job];
  if (doing === 'label') return ['ask', { kind: 'labelled', place, labelSelector: wish.labelSelector }, job];
  if (doing === 'list' || doing === 'listAgain') return ['ask', { kind: 'accounts', place, page: page.query }, job];
  if (doing === 'remove' || account === undefined) {
    return ['ask', { kind: 'remove', place, still, dryRun: wish.dryRun }, job];
  }
  return ['ask', { kind: 'patch', place, account, dryRun: doing === 'rehearse' }, job];
}

const answers: Readonly<Record<Pruning['doing'], (job: Pruning, reply: ApiReply) => PruneStep>> = {
  read(job, reply) {
    const [step, detail] = judgePrunable(reply);
    if (step === 'retry') return failed(job, pruneFailure(reply, job.place));
    if (step === 'keep') return ended(job, detail === 'SecretGone' ? ['gone'] : ['kept', detail]);
    return asked({ ...job, still: detail, doing: job.wish.all ? 'list' : 'label' });
  },
  /** The list that was read first may be old by now: it is looked at once more before anything is removed. */
  label(job, reply) {
    const carries = holdsNamespace(reply, job.place.namespace);
    if (carries === undefined) return failed(job, pruneFailure(reply, job.place));
    return carries ? ended(job, ['kept', 'NamespaceLabelled']) : asked({ ...job, doing: 'list' });
  },
  list: (job, reply) =>
    listed(job, reply, (accounts, failure) => {
      if (failure !== undefined) return failed(job, failure);
      return rehearsed({ ...job, named: accounts, left: accounts });
    }),
  /** What the server would refuse of the changes to the accounts. */
  rehearse(job, reply) {
    if (!isDone(reply) && !isOvertaken(reply)) return failed(job, accountsFailure(reply, job.place));
    return rehearsed({ ...job, left: job.left.slice(1) });
  },
  remove(job, reply) {
    if (isGone(reply)) return ended(job, ['gone']);
    if (!isDone(reply)) return failed(job, pruneFailure(reply, job.place));
    return cleared({ ...job, left: job.wish.dryRun ? [] : job.named });
  },
  takeOut(job, reply) {
    if (isDone(reply) || isGone(reply)) return cleared({ ...job, left: job.left.slice(1) });
    const looks = job.looks + 1;
    if (!isOvertaken(reply) || looks === maxLooks) return dangling(job, reply);
    const page = { query: firstPage, resumes: 0 };
    return asked({ ...job, doing: 'listAgain', page, looks, overtaken: reply, found: [] });
  },
  listAgain: (job, reply) =>
    listed(job, reply, (found, failure) => {
      if (failure !== undefined) return dangling(job, job.overtaken ?? reply);
      const [present, ...rest] = job.left;
      const again = found.find(({ name }) => name === present?.name);
      if (again === undefined) return cleared({ ...job, left: rest });
      return asked({ ...job, doing: 'takeOut', left: [again, ...rest] });
    }),
};

/** Goes on with the list of ServiceAccounts; `then` gets those that name the secret, or why they cannot be had. */
function listed(
  job: Pruning,
  reply: ApiReply,
  then: (accounts: readonly NamingAccount[], failure?: Failure) => PruneStep,
): PruneStep {
  const { place } = job;
  const list: ListKind<NamingAccount> = {
    itemOf: (item) => namingAccount(item, place.secretName),
    failure: (refusal) => accountsFailure(refusal, place),
  };
  const [step, detail, page] = pageRead(job.page, reply, list);
  if (step === 'ask') return asked({ ...job, page });
  const { result, limit } = detail;
  if (!result.ok) return then([], result.failure);
  const found = [...job.found, ...result.value.items];
  const { continueToken } = result.value;
  if (continueToken === undefined) return then(found);
  return asked({ ...job, found, page: { query: { limit, continueToken }, resumes: 0 } });
}

function rehearsed(job: Pruning): PruneStep {
  return asked({ ...job, doing: job.left.length > 0 ? 'rehearse' : 'remove' });
}

function cleared(job: Pruning): PruneStep {
  if (job.left.length > 0) return asked({ ...job, doing: 'takeOut', looks: 0 });
  return ended(job, ['removed', job.named.map(({ name }) => name)]);
}

/** What a job came to that was given up: something failed for the moment, and was not waited for. */
export function unfinished({ job, last }: PruneJob): PruneOutcome | undefined {
  if (last === undefined) return undefined;
  const isRemoved = job.doing === 'takeOut' || job.doing === 'listAgain';
  return isRemoved ? dangling(job, last)[1] : ['failed', pruneFailure(last, job.place)];
}

function dangling(job: Pruning, reply: ApiReply): PruneEnd {
  return failed(job, danglingFailure(reply, job.place, job.left[0]?.name ?? ''));
}

type PruneEnd = ['end', PruneOutcome, Pruning];

function ended(job: Pruning, outcome: PruneOutcome): PruneEnd {
  return ['end', outcome, job];
}

function failed(job: Pruning, failure: Failure): PruneEnd {
  return ended(job, ['failed', failure]);
}

function isGone(reply: ApiReply): boolean {
  return reply.kind === 'answer' && reply.status === 404;
}

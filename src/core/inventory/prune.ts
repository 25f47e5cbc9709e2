import { apiStatus, whyNot, type ApiReply } from '../api/reply.ts';
import { exitCodeOf, failure, type ExitCode, type Failure } from '../failures/errors.ts';
import { contentManagers, type InventoryEntry } from './inventory.ts';
import { forbiddenVerb, judgeLeftover, pruneFailure, type LeftoverStep } from '../secret/leftover.ts';
import { namespaceOf, pageOf } from '../api/pages.ts';
import type { Place } from '../secret/outcome.ts';
import { fieldManagers } from '../secret/pull-secret.ts';

/** Why a secret stays; the same reasons that the controller gives. */
export const keepReasons = {
  SecretNotOurs: 'others made it',
  SecretTouchedByOthers: 'others made it or put data into it',
  SecretHoldsOtherRegistries: 'it holds logins for other registries',
  NamespaceLabelled: 'its namespace carries the label',
} as const;

export type KeepReason = keyof typeof keepReasons;

/** How one namespace ended up. */
export type PruneOutcome =
  /** With the ServiceAccounts that named it. */
  ['removed', readonly string[]] | ['kept', KeepReason] | ['gone'] | ['failed', Failure];

/** Whether a namespace is to be looked at closer: what its metadata says is enough to leave most alone. */
export function isCandidate({ labelled, secret }: InventoryEntry, all: boolean): boolean {
  if (secret === undefined || secret.terminating) return false;
  // A secret of others that merely has the same name is none of ours where the namespace does not ask for one.
  return labelled ? all : secret.managedByUs;
}

/** Judges the whole secret as read: whether this program made all that is in it. */
export function judgePrunable(reply: ApiReply): LeftoverStep {
  return judgeLeftover(reply, isMadeByUs);
}

/** Who only annotates or labels it has no part in it. */
function isMadeByUs(managedFields: unknown): boolean {
  const own: readonly string[] = Object.values(fieldManagers);
  const managers = contentManagers(managedFields);
  return managers.length > 0 && managers.every((manager) => own.includes(manager));
}

/** The failure of a request for ServiceAccounts, before anything was removed. */
export function accountsFailure(reply: ApiReply, place: Place): Failure {
  const verb = forbiddenVerb(reply);
  if (reply.kind === 'broken' || verb === undefined) return pruneFailure(reply, place);
  const { namespace, secretName } = place;
  const why = apiStatus(reply.body).message;
  return failure('ServiceAccountsForbidden', { where: `${namespace}/${secretName}`, why, verb });
}

/** A ServiceAccount that could not be changed once the secret was gone. */
export function danglingFailure(reply: ApiReply, { namespace, secretName }: Place, account: string): Failure {
  const facts = { where: `${namespace}/${account}`, why: whyNot(reply), namespace, account, secret: secretName };
  return failure('ServiceAccountStillNames', facts);
}

/** Whether a patch's refusal means that the object changed since it was read. */
export function isOvertaken(reply: ApiReply): boolean {
  return reply.kind === 'answer' && (reply.status === 409 || reply.status === 422);
}

/** Whether a list holds a namespace of that name; absent where it is no list. */
export function holdsNamespace(reply: ApiReply, namespace: string): boolean | undefined {
  return pageOf(reply, namespaceOf)?.items.some(({ name }) => name === namespace);
}

export type PruneCounts = { removed: number; kept: number; gone: number; failed: number };

/** 5 where something is left that should be gone; see `docs/errors.md`. */
export function exitCodeOfPrune({ failed }: PruneCounts, ended: Failure | undefined): ExitCode {
  if (ended !== undefined) return exitCodeOf(ended.code);
  return failed > 0 ? 5 : 0;
}

/** What happened to one namespace, as a line for people. */
export function pruneLine({ namespace, secretName }: Place, outcome: PruneOutcome, dryRun: boolean): string {
  const at = `${namespace}/${secretName}`;
  switch (outcome[0]) {
    case 'removed': {
      const names = outcome[1];
      const accounts =
        names.length === 0 ? '' : `, and from ServiceAccount${names.length > 1 ? 's' : ''} ${names.join(', ')}`;
      return `${dryRun ? 'would remove' : 'removed'}  ${at}${accounts}`;
    }
    case 'kept':
      return `kept  ${at}: ${keepReasons[outcome[1]]}`;
    case 'gone':
      return `gone  ${at}`;
    case 'failed':
      return `failed  ${at}: ${outcome[1].why}`;
  }
}

/** The same for machines; keys are never left out. */
export function pruneDocument({ namespace, secretName }: Place, outcome: PruneOutcome) {
  const [kind, detail] = outcome;
  const failed = kind === 'failed' ? outcome[1] : null;
  return {
    namespace,
    secret: secretName,
    outcome: kind,
    reason: failed?.code ?? (kind === 'kept' ? detail : kind === 'gone' ? 'SecretGone' : 'SecretPruned'),
    serviceAccounts: kind === 'removed' ? outcome[1] : [],
    failure: failed,
  };
}

/** What it came to, as lines for people. */
export function pruneClosing({ removed, kept, gone, failed }: PruneCounts, dryRun: boolean, all: boolean): string[] {
  const parts = [
    `${removed} ${dryRun ? 'would be removed' : 'removed'}`,
    ...(kept === 0 ? [] : [`${kept} kept`]),
    ...(gone === 0 ? [] : [`${gone} gone meanwhile`]),
    ...(failed === 0 ? [] : [`${failed} failed`]),
  ];
  const nothing = removed + kept + gone + failed === 0;
  const lines = [nothing ? 'There is nothing to remove' : parts.join(', ')];
  if (dryRun && removed > 0) lines.push('Nothing was removed: that takes --yes.');
  if (all && removed > 0) lines.push('Whatever still runs this program puts them back: stop it first.');
  return lines;
}

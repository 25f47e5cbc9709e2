import { calmAtMs, delayMs, isTooOften, ofTouching, ofUndoing, type Patience, type Streak } from './streak.ts';
import { seemsNewer, type Described, type Wanted } from '../secret/newer.ts';
import type { Moment } from '../api/machine.ts';
import type { Failure, FailureCode } from '../failures/errors.ts';
import { isOlder } from '../api/revision.ts';
import type { Facts } from './watch-events.ts';

/**
 * What is known of one namespace: a few hundred bytes, nothing secret. What few namespaces have takes room only in the states
 * of those, and is set to undefined by `forget`.
 */
export type NamespaceState = {
  /** Of the namespace as it was last seen with its label: another one may come to have the same name. */
  uid: string;
  labelled: boolean;
  terminating: boolean;
  /** It carried the label in the sight of this process. */
  wasLabelled: boolean;
  /** The pull secret as the watch last showed it. */
  secret: SeenSecret | undefined;
  /** What our own last write came to. */
  written: Written | undefined;
  /** How often it was served for what others did, whatever that was. */
  touched: Streak | undefined;
  /** The revision at which there was no secret, where that is the last that was seen of it. */
  goneAt?: string | undefined;
  /** Somebody deleted what we had written. */
  deleted?: true | undefined;
  /** In a row. */
  failures?: number | undefined;
  /** Why it is not served, where it is not. */
  problem?: Failure | undefined;
  /** Since when it is not, by the steady clock. */
  problemSinceMs?: number | undefined;
  /** The revision of the secret that was refused: the same again would be refused again. */
  refusedAt?: string | undefined;
  /** The revision of the secret that was found to hold a newer token: its metadata alone may say so of anything. */
  newerAt?: string | undefined;
  /** How often others have undone our work. */
  undone?: Streak | undefined;
  /** What was last said about it in an event. */
  said?: Said | undefined;
  /** When it was last told to have lost its label and kept its secret, by the steady clock. */
  keptToldMs?: number | undefined;
};

export type SeenSecret = Described & { resourceVersion: string };

export type Written = {
  resourceVersion: string;
  /** Of the token that it holds. */
  expiresAtMs: number;
};

export type Said = {
  code: FailureCode | 'Recovered';
  atMs: number;
  /** Nobody knows whether it was heard. */
  isLost?: true;
  /** Another namespace of the same name was told. */
  isOfAnother?: true;
};

/** A namespace that nothing is known of yet. */
export function unknownNamespace(): NamespaceState {
  return {
    uid: '',
    labelled: false,
    terminating: false,
    wasLabelled: false,
    secret: undefined,
    written: undefined,
    touched: undefined,
  };
}

type Seldom = 'goneAt' | 'deleted' | 'failures' | 'problem' | 'problemSinceMs' | 'refusedAt' | 'newerAt' | 'undone';

/** Sets to undefined what is there; to set what is not would make room for it. */
export function forget(state: NamespaceState, ...names: readonly Seldom[]): void {
  for (const name of names) if (state[name] !== undefined) state[name] = undefined;
}

/** The watch shows the namespace with its label. */
export function labelledIn(state: NamespaceState, facts: Facts): void {
  if (state.uid !== facts.uid && state.said !== undefined) state.said = { ...state.said, isOfAnother: true };
  state.uid = facts.uid;
  state.labelled = true;
  state.wasLabelled = true;
  state.terminating = facts.terminating;
}

/**
 * The label is gone, or the namespace; what was wrong with its secret is nobody's business any more, and is found anew
 * should the label come back. What was said of it was heard.
 */
export function unlabelledIn(state: NamespaceState, terminating: boolean): void {
  state.labelled = false;
  state.terminating = terminating;
  state.written = undefined;
  forget(state, 'undone', 'failures', 'problem', 'problemSinceMs', 'refusedAt', 'newerAt');
}

/** Whether something is wrong with its secret that has not been said. */
export function isUnsaid({ problem, said }: NamespaceState): boolean {
  if (problem === undefined) return false;
  return said?.code !== problem.code || said.isLost === true || said.isOfAnother === true;
}

/**
 * The watch shows the secret; an event that is older than what was seen before says nothing.
 * @param isListed a list is never older, but where the server's own data were restored from a backup.
 */
export function secretSeen(state: NamespaceState, facts: Facts, isListed: boolean): void {
  const { resourceVersion, expiresAtMs, registries, managedByUs } = facts;
  const last = state.secret?.resourceVersion ?? state.goneAt;
  if (!isListed && last !== undefined && isOlder(resourceVersion, last)) return;
  const { written } = state;
  if (written?.resourceVersion === resourceVersion && written.expiresAtMs === expiresAtMs) {
    // What we wrote ourselves: both are the same, and kept once.
    const ours = { resourceVersion, expiresAtMs, registries, managedByUs };
    state.written = ours;
    state.secret = ours;
  } else state.secret = { resourceVersion, expiresAtMs, registries, managedByUs };
  forget(state, 'goneAt');
}

/** The watch shows that the secret was deleted, at this revision. */
export function secretGone(state: NamespaceState, resourceVersion: string): void {
  const last = state.secret?.resourceVersion;
  if (last !== undefined && isOlder(resourceVersion, last)) return;
  // The answer to a write of ours that came before the deletion may still be on its way: it is weighed against this.
  state.goneAt = resourceVersion;
  if (state.written !== undefined && isOlder(resourceVersion, state.written.resourceVersion)) {
    state.secret = undefined;
    return;
  }
  lost(state);
}

/**
 * A whole list of this revision has been seen: what it does not have is not there, and what it has in an older revision
 * than our write is not what we wrote. A write after it is not in it.
 */
export function secretListed(state: NamespaceState, isPresent: boolean, listRevision: string): void {
  const { written, secret } = state;
  const isLater = written !== undefined && isOlder(listRevision, written.resourceVersion);
  if (isPresent) {
    const isOther =
      written !== undefined && secret !== undefined && isOlder(secret.resourceVersion, written.resourceVersion);
    if (isOther && !isLater) state.written = undefined;
    return;
  }
  state.goneAt = listRevision;
  if (isLater) state.secret = undefined;
  else lost(state);
}

function lost(state: NamespaceState): void {
  if (state.written !== undefined) state.deleted = true;
  state.secret = undefined;
  state.written = undefined;
  forget(state, 'refusedAt');
}

/** Our write was answered: the secret is at this revision, unless it was deleted while the answer was on its way. */
export function secretWritten(state: NamespaceState, written: Written | undefined): void {
  forget(state, 'failures', 'refusedAt', 'deleted');
  // A fight is over when it has been calm for a while.
  if (state.problem?.code !== 'SecretContended' || !isContended(state)) forget(state, 'problem');
  const { goneAt } = state;
  const isGone = written !== undefined && goneAt !== undefined && isOlder(written.resourceVersion, goneAt);
  state.written = isGone ? undefined : written;
  if (isGone) state.deleted = true;
}

/** What this process wrote proves nothing any more: another may have written since. All are served anew, for nobody's doing. */
export function doubted(state: NamespaceState): void {
  state.written = undefined;
  state.touched = undefined;
}

/** Whether another party keeps undoing our work. */
export function isContended({ undone }: Pick<NamespaceState, 'undone'>): boolean {
  return isTooOften(undone, ofUndoing);
}

/** Until when it is remembered how often something happened; undefined where nothing did. */
export function streaksUntilMs({ touched, undone }: NamespaceState): number | undefined {
  if (touched === undefined && undone === undefined) return undefined;
  const of = (streak: Streak | undefined, patience: Patience) =>
    streak === undefined ? 0 : calmAtMs(streak, patience);
  return Math.max(of(touched, ofTouching), of(undone, ofUndoing));
}

/** The server's data were restored from a backup: revisions that were noted mean other things now, or nothing. */
export function restored(state: NamespaceState): void {
  state.written = undefined;
  forget(state, 'goneAt', 'refusedAt', 'newerAt');
}

/** Whether nothing is left to be known of it. */
export function isNothing({ labelled, secret, written }: NamespaceState): boolean {
  return !labelled && secret === undefined && written === undefined;
}

/** What to do about one namespace now. */
export type NamespaceStep =
  | ['nothing', NothingReason]
  | ['apply', ApplyReason]
  /** Not before then, by the steady clock. */
  | ['wait', 'SecretContended' | 'TouchedTooOften' | 'TokenExpired', number]
  | ['prune', 'LabelLost'];

export type NothingReason = 'NotLabelled' | 'NamespaceTerminating' | 'NoToken' | SettledReason;
type SettledReason = 'SecretUpToDate' | 'SecretIsNewer' | 'SecretRefused';
export type ApplyReason = 'SecretMissing' | 'SecretUnproven' | 'SecretSeemsNewer' | 'SecretAltered' | 'TokenRenewed';

/** A token that has expired may be one that a wall clock which was set takes for such: it is looked at again so soon. */
const clockPatienceMs = 10_000;

/** Decides from what is known; an apply that turns out to change nothing is harmless. */
export function judgeNamespace(
  state: NamespaceState,
  wanted: Wanted | undefined,
  prune: boolean,
  now: Moment,
): NamespaceStep {
  if (!state.labelled) return prune && isLeftover(state) ? ['prune', 'LabelLost'] : ['nothing', 'NotLabelled'];
  if (state.terminating) return ['nothing', 'NamespaceTerminating'];
  if (wanted === undefined) return ['nothing', 'NoToken'];
  const reason = judgeSecret(state, wanted, now);
  if (isSettled(reason)) return ['nothing', reason];
  if (wanted.expiresAtMs <= now.wallMs) return ['wait', 'TokenExpired', now.steadyMs + clockPatienceMs];
  // What others do is no reason to let a token run out.
  if (reason === 'TokenRenewed') return ['apply', reason];
  const repairMs = dueAfter(state.undone, ofUndoing);
  if (repairMs > now.steadyMs) return ['wait', 'SecretContended', repairMs];
  const touchMs = dueAfter(state.touched, ofTouching);
  return touchMs > now.steadyMs ? ['wait', 'TouchedTooOften', touchMs] : ['apply', reason];
}

function dueAfter(streak: Streak | undefined, patience: Patience): number {
  return streak === undefined ? Number.NEGATIVE_INFINITY : streak.lastMs + delayMs(streak, patience);
}

/** Ours, in a namespace that had the label in the sight of this process and is there to stay. */
function isLeftover({ wasLabelled, terminating, secret, written }: NamespaceState): boolean {
  return wasLabelled && !terminating && (secret === undefined ? written !== undefined : secret.managedByUs);
}

function isSettled(reason: SettledReason | ApplyReason): reason is SettledReason {
  return reason === 'SecretUpToDate' || reason === 'SecretIsNewer' || reason === 'SecretRefused';
}

function judgeSecret(state: NamespaceState, wanted: Wanted, now: Moment): SettledReason | ApplyReason {
  const { secret, written, refusedAt, newerAt } = state;
  const isOther = secret !== undefined && secret.resourceVersion !== written?.resourceVersion;
  if (isOther && refusedAt === secret.resourceVersion) return 'SecretRefused';
  if (isOther && seemsNewer(secret, wanted, now)) {
    return newerAt === secret.resourceVersion ? 'SecretIsNewer' : 'SecretSeemsNewer';
  }
  if (written === undefined) return secret === undefined ? 'SecretMissing' : 'SecretUnproven';
  if (written.expiresAtMs !== wanted.expiresAtMs) return 'TokenRenewed';
  // The watch may still be on its way to our own write.
  if (secret === undefined || isOlder(secret.resourceVersion, written.resourceVersion)) return 'SecretUpToDate';
  return written.resourceVersion === secret.resourceVersion ? 'SecretUpToDate' : 'SecretAltered';
}

/** What a secret's state is called in metrics. */
export type SecretStatus = 'valid' | 'expired' | 'missing' | 'failed' | 'refused' | 'contended';

/** The state of a labelled namespace's secret, the worst that is true of it. */
export function secretStatusOf(state: NamespaceState, nowMs: number): SecretStatus {
  if (state.refusedAt !== undefined) return 'refused';
  if (isContended(state)) return 'contended';
  if (state.secret === undefined && state.written === undefined)
    return state.problem === undefined ? 'missing' : 'failed';
  const expiresAtMs = state.secret?.expiresAtMs ?? state.written?.expiresAtMs ?? 0;
  if (expiresAtMs <= nowMs) return 'expired';
  return state.problem === undefined ? 'valid' : 'failed';
}

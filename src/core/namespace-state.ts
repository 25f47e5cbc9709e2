import type { Contention } from './contention.ts';
import { repairDelayMs } from './contention.ts';
import type { FailureCode } from './errors.ts';

/** What is known of one namespace: a few hundred bytes, nothing secret. */
export type NamespaceState = {
  labelled: boolean;
  terminating: boolean;
  /** It carried the label in the sight of this process. */
  wasLabelled: boolean;
  /** The pull secret as the watch last showed it. */
  secret: SeenSecret | undefined;
  /** What our own last write came to. */
  written: Written | undefined;
  /** In a row. */
  failures: number;
  /** Why it is not served, where it is not. */
  problem: FailureCode | undefined;
  /** The revision of the secret that was refused: the same again would be refused again. */
  refusedAt: string | undefined;
  contention: Contention | undefined;
  /** What was last said about it in an event. */
  said: Said | undefined;
};

export type SeenSecret = { resourceVersion: string; expiresAtMs: number | undefined; managed: boolean };

export type Written = {
  resourceVersion: string;
  /** Of the token that it holds. */
  expiresAtMs: number;
};

export type Said = { code: FailureCode | 'Recovered'; atMs: number };

/** A namespace that nothing is known of yet. */
export function unknownNamespace(): NamespaceState {
  return {
    labelled: false,
    terminating: false,
    wasLabelled: false,
    secret: undefined,
    written: undefined,
    failures: 0,
    problem: undefined,
    refusedAt: undefined,
    contention: undefined,
    said: undefined,
  };
}

/** What to do about one namespace now. */
export type NamespaceStep =
  | ['nothing', 'NotLabelled' | 'NamespaceTerminating' | 'SecretUpToDate' | 'SecretIsNewer' | 'SecretRefused']
  | ['apply', 'SecretMissing' | 'SecretUnproven' | 'SecretAltered' | 'TokenRenewed']
  /** Not before then. */
  | ['wait', 'SecretContended', number]
  /** There is nothing to write yet. */
  | ['nothing', 'NoToken']
  | ['prune', 'LabelLost'];

/** The tokens to be written, as far as decisions rest on them. */
export type Wanted = { expiresAtMs: number };

/** Decides from what is known; an apply that turns out to change nothing is harmless. */
export function judgeNamespace(
  state: NamespaceState,
  wanted: Wanted | undefined,
  prune: boolean,
  nowMs: number,
): NamespaceStep {
  if (!state.labelled) {
    const leftover = prune && state.wasLabelled && !state.terminating && state.secret?.managed === true;
    return leftover ? ['prune', 'LabelLost'] : ['nothing', 'NotLabelled'];
  }
  if (state.terminating) return ['nothing', 'NamespaceTerminating'];
  if (wanted === undefined || wanted.expiresAtMs <= nowMs) return ['nothing', 'NoToken'];
  const reason = reasonToApply(state, wanted);
  if (reason === 'SecretUpToDate' || reason === 'SecretIsNewer' || reason === 'SecretRefused')
    return ['nothing', reason];
  const waitMs = reason === 'TokenRenewed' ? 0 : repairDelayMs(state.contention);
  const dueMs = (state.contention?.lastMs ?? 0) + waitMs;
  return waitMs > 0 && dueMs > nowMs ? ['wait', 'SecretContended', dueMs] : ['apply', reason];
}

function reasonToApply(
  { secret, written, refusedAt }: NamespaceState,
  wanted: Wanted,
):
  | 'SecretUpToDate'
  | 'SecretIsNewer'
  | 'SecretRefused'
  | 'SecretMissing'
  | 'SecretUnproven'
  | 'SecretAltered'
  | 'TokenRenewed' {
  if (secret === undefined) return 'SecretMissing';
  // Another instance of this program, a CronJob perhaps, was here after us: never an older token over a newer one.
  if (secret.managed && (secret.expiresAtMs ?? 0) > wanted.expiresAtMs + 1000) return 'SecretIsNewer';
  if (refusedAt === secret.resourceVersion) return 'SecretRefused';
  if (written === undefined) return 'SecretUnproven';
  if (written.expiresAtMs !== wanted.expiresAtMs) return 'TokenRenewed';
  return written.resourceVersion === secret.resourceVersion ? 'SecretUpToDate' : 'SecretAltered';
}

/** What a secret's state is called in metrics. */
export type SecretStanding = 'valid' | 'expired' | 'missing' | 'failed' | 'refused' | 'contended';

/** The state of a labelled namespace's secret, the worst that is true of it. */
export function standingOf(state: NamespaceState, isContended: boolean, nowMs: number): SecretStanding {
  if (state.refusedAt !== undefined) return 'refused';
  if (isContended) return 'contended';
  if (state.secret === undefined && state.written === undefined)
    return state.problem === undefined ? 'missing' : 'failed';
  const expiresAtMs = state.secret?.expiresAtMs ?? state.written?.expiresAtMs ?? 0;
  if (expiresAtMs <= nowMs) return 'expired';
  return state.problem === undefined ? 'valid' : 'failed';
}

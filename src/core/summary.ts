import { exitCodeOf, type ExitCode, type Failure } from './failures/errors.ts';
import type { Outcome } from './secret/outcome.ts';
import { timestamp } from './secret/pull-secret.ts';
import type { AuthorizationToken } from './secret/token.ts';

/** Problems that a summary names one by one; each was logged when it happened, and memory stays bounded. */
const maxProblems = 100;

export const outcomeKinds = ['applied', 'unchanged', 'adopted', 'skipped', 'refused', 'failed', 'notDone'] as const;
export type Counts = Record<(typeof outcomeKinds)[number], number>;

export type Problem = Failure & { namespace: string };

/** What a pass did. Grows with its problems up to a bound, never with the number of namespaces. */
export type Summary = {
  dryRun: boolean;
  counts: Counts;
  /** Of those that were applied, how many had no pull secret before. */
  created: number;
  /** Whether every namespace was read. */
  complete: boolean;
  tokens: { registries: readonly string[]; expiresAt: string }[];
  problems: Problem[];
  problemsOmitted: number;
  /** What ended the pass, or kept it from starting. */
  failures: Failure[];
};

/** The summary as machines read it. */
export type SummaryDocument = Summary & { exitCode: ExitCode; namespaces: number; durationMs: number };

/** Nothing done yet. */
export function emptySummary(dryRun: boolean): Summary {
  return {
    dryRun,
    counts: { applied: 0, unchanged: 0, adopted: 0, skipped: 0, refused: 0, failed: 0, notDone: 0 },
    created: 0,
    complete: false,
    tokens: [],
    problems: [],
    problemsOmitted: 0,
    failures: [],
  };
}

/** Notes the tokens that this pass writes. */
export function noteTokens(summary: Summary, tokens: readonly AuthorizationToken[]): void {
  summary.tokens = tokens.map((token) => ({ registries: token.hosts, expiresAt: timestamp(token.expiresAtMs) }));
}

/** Counts one namespace. */
export function count(summary: Summary, namespace: string, outcome: Outcome): void {
  const [kind, reason] = outcome;
  summary.counts[kind] += 1;
  if (reason === 'SecretCreated') summary.created += 1;
  if (typeof reason === 'string') return;
  if (summary.problems.length < maxProblems) summary.problems.push({ namespace, ...reason });
  else summary.problemsOmitted += 1;
}

/** How many namespaces were looked at. */
export function namespacesOf(summary: Summary): number {
  return outcomeKinds.reduce((sum, kind) => sum + summary.counts[kind], 0);
}

/** 0 only where every namespace has a valid pull secret; see `docs/errors.md`. */
export function exitCodeOfSummary({ counts, failures }: Summary): ExitCode {
  const ended = failures.map((failure) => exitCodeOf(failure.code));
  // What AWS refused is named first: without a token nothing else matters.
  const first = ended.sort((a, b) => a - b)[0];
  if (first !== undefined) return first;
  return counts.refused + counts.failed + counts.notDone > 0 ? 5 : 0;
}

/** The summary as one document for `--output json`. */
export function summaryDocument(summary: Summary, durationMs: number): SummaryDocument {
  return {
    exitCode: exitCodeOfSummary(summary),
    namespaces: namespacesOf(summary),
    durationMs: Math.round(durationMs),
    ...summary,
  };
}

/** The summary as one or two lines for people. */
export function summaryLines(summary: Summary, durationMs: number): string[] {
  const { counts, created, complete, dryRun, failures } = summary;
  const served = dryRun ? 'would be ' : '';
  const { applied, ...others } = counts;
  const kinds = { created, refreshed: applied - created, ...others };
  const done = Object.entries(kinds)
    .filter(([, many]) => many > 0)
    .map(([kind, many]) => `${many} ${served}${kind === 'notDone' ? 'not done' : kind}`);
  const total = namespacesOf(summary);
  if (total === 0 && failures.length > 0) return ['Nothing was touched'];
  const all = `${total} ${total === 1 ? 'namespace' : 'namespaces'}${complete ? '' : ' and more that were not read'}`;
  const head = `${all} in ${(durationMs / 1000).toFixed(1)} s`;
  const first = done.length === 0 ? head : `${head}: ${done.join(', ')}`;
  const tokens = summary.tokens.map(
    ({ registries, expiresAt }) => `Token for ${registries.join(', ')} expires ${expiresAt}`,
  );
  return [dryRun ? `Dry run, nothing was changed. ${first}` : first, ...tokens];
}

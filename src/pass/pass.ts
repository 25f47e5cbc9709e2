import type { Settings } from '../config/settings.ts';
import { failure } from '../core/failures/errors.ts';
import type { Namespace, Page } from '../core/api/pages.ts';
import type { Outcome } from '../core/secret/outcome.ts';
import { pullSecret, type PullSecret } from '../core/secret/pull-secret.ts';
import { count, emptySummary, namespacesOf, noteTokens, type Summary } from '../core/summary.ts';
import { tokenRequests } from '../core/secret/token.ts';
import { warning } from '../core/failures/warnings.ts';
import type { Clock, Cluster, Log, Progress, Random, TokenSource } from '../ports.ts';
import { applyTo } from '../serving/apply.ts';
import { gatherPage, pageSize, type PageSize } from '../serving/pages.ts';
import { interruption } from '../serving/stopping.ts';
import { gatherTokens } from '../serving/tokens.ts';
import { forEachPaced, type Pace } from '../serving/pool.ts';
import { showDryRun } from './dry-run.ts';
import { report } from '../serving/report.ts';

export type PassSettings = Pick<
  Settings,
  'secretName' | 'labelName' | 'labelValue' | 'registries' | 'region' | 'onConflict' | 'dryRun' | 'concurrency'
>;

export type PassDeps = {
  cluster: Cluster;
  tokens: TokenSource;
  clock: Clock;
  random: Random;
  log: Log;
  progress: Progress;
};

/** Namespaces that a stopped pass names in its summary. */
const maxNamed = 20;

/**
 * Serves every labelled namespace once. Nothing is touched before both the tokens and the first page are here.
 * @param stop ends the pass: what is under way finishes, the rest is reported as not done. Its `reason` is
 * `DeadlinePassed` or the name of a process signal.
 */
export async function pass(settings: PassSettings, deps: PassDeps, stop: AbortSignal): Promise<Summary> {
  const summary = emptySummary(settings.dryRun);
  const labelSelector = `${settings.labelName}=${settings.labelValue}`;
  const size = { limit: pageSize };
  const [page, tokens] = await Promise.all([
    gatherPage({ labelSelector }, deps, stop, size),
    gatherTokens(tokenRequests(settings.registries, settings.region), deps, stop),
  ]);
  if (stop.aborted) {
    // Each names who had not answered.
    const silent = [tokens, page].flatMap((result) => (result.ok ? [] : [result.failure]));
    summary.failures.push(...(silent.length > 0 ? silent : [interruption(stop, deps.cluster.server)]));
    return summary;
  }
  if (!tokens.ok) summary.failures.push(tokens.failure);
  if (!page.ok) summary.failures.push(page.failure);
  if (!tokens.ok || !page.ok) return summary;

  noteTokens(summary, tokens.value);
  const secret = pullSecret(settings.secretName, tokens.value);
  await serve(secret, page.value, size, labelSelector, settings, deps, summary, stop);
  if (namespacesOf(summary) === 0 && summary.failures.length === 0) {
    const noted = warning('NoNamespaces', { where: labelSelector, why: 'the list is empty', label: labelSelector });
    deps.log('warn', noted.what, { warning: noted });
  }
  return summary;
}

async function serve(
  secret: PullSecret,
  first: Page,
  size: PageSize,
  labelSelector: string,
  settings: PassSettings,
  deps: PassDeps,
  summary: Summary,
  stop: AbortSignal,
): Promise<void> {
  const notDone: string[] = [];
  let known = 0;
  let more = true;

  await forEachPaced(namespaces(), settings.concurrency, async (namespace, pace) => {
    const outcome = await serveOne(namespace, secret, settings, deps, pace, stop);
    count(summary, namespace.name, outcome);
    if (outcome[0] === 'notDone' && notDone.length < maxNamed) notDone.push(namespace.name);
    report(deps.log, namespace.name, secret.name, outcome, settings.dryRun);
    deps.progress.update({ done: namespacesOf(summary), known, more });
  });
  deps.progress.end();
  if (stop.aborted && (summary.counts.notDone > 0 || more)) {
    summary.failures.push(interruption(stop, deps.cluster.server, namedRest(notDone, summary.counts.notDone, more)));
  }

  /** The next page is asked for while one is being served, so at most two are held. */
  async function* namespaces(): AsyncGenerator<Namespace, void> {
    for (let page = first; ;) {
      known += page.namespaces.length;
      more = page.continueToken !== undefined;
      const { continueToken } = page;
      const next =
        continueToken === undefined ? undefined : gatherPage({ labelSelector, continueToken }, deps, stop, size);
      yield* page.namespaces;
      if (next === undefined) return;
      const result = await next;
      if (!result.ok) {
        if (!stop.aborted) {
          const why = `${result.failure.what}: ${result.failure.why}`;
          summary.failures.push(failure('ListIncomplete', { where: deps.cluster.server, why }));
        }
        return;
      }
      page = result.value;
    }
  }
}

async function serveOne(
  { name, terminating }: Namespace,
  secret: PullSecret,
  settings: PassSettings,
  deps: PassDeps,
  pace: Pace,
  stop: AbortSignal,
): Promise<Outcome> {
  if (terminating) return ['skipped', 'NamespaceTerminating'];
  if (stop.aborted) return ['notDone', stop.reason === 'DeadlinePassed' ? 'DeadlinePassed' : 'Interrupted'];
  if (settings.dryRun) await showDryRun(name, secret, deps);
  const outcome = await applyTo(name, secret, settings, deps, pace, stop);
  if (outcome[0] !== 'notDone' && outcome[0] !== 'failed') pace.faster();
  return outcome;
}

function namedRest(names: readonly string[], total: number, more: boolean): string {
  const listed =
    total === 0
      ? ''
      : `; not done: ${names.join(', ')}${total > names.length ? ` and ${total - names.length} more` : ''}`;
  return more ? `${listed}; further pages of namespaces were not read` : listed;
}

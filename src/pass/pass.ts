import type { Settings } from '../config/settings.ts';
import { failure, type Failure } from '../core/failures/errors.ts';
import type { Namespace, Page } from '../core/api/pages.ts';
import type { Outcome } from '../core/secret/outcome.ts';
import { pullSecret, type PullSecret } from '../core/secret/pull-secret.ts';
import { serve, serving, type SecretRequest, type ServingJob } from '../core/secret/serving.ts';
import { count, emptySummary, namespacesOf, noteTokens, type Summary } from '../core/summary.ts';
import { tokenRequests } from '../core/secret/token.ts';
import { judgeLives } from '../core/secret/token-life.ts';
import { warning } from '../core/failures/warnings.ts';
import type { Clock, Cluster, Log, Progress, Random, TokenSource } from '../ports.ts';
import { Engine, type Hands } from '../serving/engine.ts';
import { namespaceList, pageReader, pages, type ReadPage } from '../serving/pages.ts';
import { abandonedBy, interruption } from '../serving/stopping.ts';
import { gatherEach } from '../serving/tokens.ts';
import { askSecret } from '../serving/secret-requests.ts';
import { showDryRun } from './dry-run.ts';
import { fewLines } from './few-lines.ts';
import { report } from '../serving/report.ts';
import { momentOf } from '../serving/moment.ts';

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

/** One pass under way. */
type Run = {
  settings: PassSettings;
  deps: PassDeps;
  secret: PullSecret;
  summary: Summary;
  stop: AbortSignal;
};

/**
 * Serves every labelled namespace once. Nothing is touched before there is a token and the first page.
 * @param stop ends the pass: what is under way finishes, the rest is reported as not done. Its `reason` is
 * `DeadlinePassed` or the name of a process signal.
 */
export async function pass(settings: PassSettings, deps: PassDeps, stop: AbortSignal): Promise<Summary> {
  const summary = emptySummary(settings.dryRun);
  const labelSelector = `${settings.labelName}=${settings.labelValue}`;
  const read = pageReader(namespaceList(deps.cluster, { labelSelector }, stop), deps, stop);
  const [first, tokens] = await Promise.all([
    read(),
    gatherEach(tokenRequests(settings.registries, settings.region), deps, stop),
  ]);
  const refused = tokens.refused.map(({ failure }) => failure);
  if (stop.aborted) {
    // Each names who had not answered.
    const silent = [...refused, ...(first.ok ? [] : [first.failure])];
    summary.failures.push(...(silent.length > 0 ? silent : [interruption(stop, deps.cluster.server)]));
    return summary;
  }
  const hasTokens = tokens.issued.length > 0;
  summary.failures.push(...(hasTokens ? refused.map(ofRegion) : refused));
  if (!first.ok) summary.failures.push(first.failure);
  if (!hasTokens || !first.ok) return summary;

  noteTokens(summary, tokens.issued);
  for (const noted of judgeLives(tokens.issued)) deps.log('warn', noted.what, { warning: noted });
  const missing = tokens.refused.flatMap(({ request }) => request.registries.map(({ host }) => host));
  const secret = pullSecret(settings.secretName, tokens.issued, momentOf(deps.clock), missing);
  await serveAll({ settings, deps, secret, summary, stop }, first.value, read);
  if (namespacesOf(summary) === 0 && summary.failures.length === 0) {
    const noted = warning('NoNamespaces', { where: labelSelector, why: 'the list is empty', label: labelSelector });
    deps.log('warn', noted.what, { warning: noted });
  }
  return summary;
}

/** What kept one region from giving a token, where others gave theirs. */
function ofRegion({ where, what, why, fix, requestId }: Failure): Failure {
  return failure('RegionUnserved', { where, why: `${what}: ${why}`, hint: fix, requestId });
}

/** Namespaces that have been read; `more`: others are still to be. */
type Known = { count: number; more: boolean };

async function serveAll(run: Run, first: Page<Namespace>, read: ReadPage<Namespace>): Promise<void> {
  const { settings, deps, secret, summary, stop } = run;
  const notDone: string[] = [];
  const known: Known = { count: 0, more: true };
  const { log, more } = fewLines(deps.log);
  const settle: Settle = (namespace, outcome) => {
    count(summary, namespace, outcome);
    if (outcome[0] === 'notDone' && notDone.length < maxNamed) notDone.push(namespace);
    report(log, namespace, secret.name, outcome, settings.dryRun);
    deps.progress.update({ done: namespacesOf(summary), known: known.count, more: known.more });
  };
  const engine = new Engine(handsOf(run, settle), { concurrency: settings.concurrency, isOpen: () => true }, deps);
  await engine.run(stop, namespaces(run, known, settle, first, read));
  deps.progress.end();
  summary.complete = !known.more;
  more();
  const rest = summary.counts.notDone;
  if (stop.aborted && (rest > 0 || known.more)) {
    summary.failures.push(interruption(stop, deps.cluster.server, namedRest(notDone, rest, known.more)));
  }
}

type Settle = (namespace: string, outcome: Outcome) => void;

function handsOf({ settings, deps, secret, stop }: Run, settle: Settle): Hands<ServingJob, SecretRequest, Outcome> {
  const abandoned = abandonedBy(stop);
  return {
    begin: (namespace) => serving({ namespace, secretName: secret.name }, secret, settings),
    next: serve,
    ask: (request) => askSecret(deps.cluster, request, abandoned),
    ended(namespace, outcome, { job }) {
      showDryRun(job, deps.log);
      settle(namespace, outcome);
      return undefined;
    },
    left: (namespace) => settle(namespace, ['notDone', isLate(stop) ? 'DeadlinePassed' : 'Interrupted']),
    done: () => {},
  };
}

function isLate({ reason }: AbortSignal): boolean {
  return reason === 'DeadlinePassed';
}

/** The namespaces to be served, a page at a time. */
async function* namespaces(
  { deps, summary, stop }: Run,
  known: Known,
  settle: Settle,
  first: Page<Namespace>,
  read: ReadPage<Namespace>,
): AsyncGenerator<string[], void> {
  const ended = ({ what, why }: Failure): void => {
    if (stop.aborted) return;
    summary.failures.push(failure('ListIncomplete', { where: deps.cluster.server, why: `${what}: ${why}` }));
  };
  for await (const page of pages(read, ended, first)) {
    known.count += page.items.length;
    known.more = page.continueToken !== undefined;
    for (const { name, terminating } of page.items) if (terminating) settle(name, ['skipped', 'NamespaceTerminating']);
    yield page.items.filter(({ terminating }) => !terminating).map(({ name }) => name);
  }
}

function namedRest(names: readonly string[], total: number, more: boolean): string {
  const listed =
    total === 0
      ? ''
      : `; not done: ${names.join(', ')}${total > names.length ? ` and ${total - names.length} more` : ''}`;
  return more ? `${listed}; further pages of namespaces were not read` : listed;
}

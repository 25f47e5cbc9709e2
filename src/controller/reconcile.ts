import type { Settings } from '../config/settings.ts';
import { whyNot } from '../core/api/reply.ts';
import { judgeAnnouncement, recoveryEvent, warningEvent } from '../core/controller/announcement.ts';
import { isCalm, isContended, repairDelayMs, undoneAgain } from '../core/controller/contention.ts';
import type { Failure } from '../core/failures/errors.ts';
import {
  judgeNamespace,
  type ApplyReason,
  type Moment,
  type NamespaceState,
} from '../core/controller/namespace-state.ts';
import { placed, type Outcome } from '../core/secret/outcome.ts';
import type { PullSecret } from '../core/secret/pull-secret.ts';
import { backoffMs } from '../core/controller/backoff.ts';
import type { Sink } from '../core/text/sink.ts';
import { isOlder } from '../core/controller/watch-events.ts';
import type { WorkQueue } from '../core/controller/work-queue.ts';
import type { ControllerCluster, Log, Meter, Random, SteadyClock } from '../ports.ts';
import { applyTo } from '../serving/apply.ts';
import type { Term } from './leader.ts';
import type { NamespaceTable } from './namespaces.ts';
import { fencedCluster, type Trace } from './fenced-cluster.ts';
import type { TokenKeeper } from './tokens.ts';
import type { Pace } from '../serving/pool.ts';
import { pruneSecret } from './prune.ts';
import { report } from '../serving/report.ts';

export type ReconcileSettings = Pick<Settings, 'secretName' | 'labelName' | 'labelValue' | 'onConflict'> & {
  prune: boolean;
  /** Who reports, in events. */
  identity: string;
};

export type ReconcileDeps = {
  cluster: ControllerCluster;
  clock: SteadyClock;
  random: Random;
  log: Log;
  meter: Meter;
  sink: Sink;
};

/** What reconciling a namespace needs to know and to change. */
export type Board = {
  table: NamespaceTable;
  queue: WorkQueue;
  keeper: TokenKeeper;
};

/** A namespace that is being brought to what it should be. */
export type Job = {
  namespace: string;
  board: Board;
  settings: ReconcileSettings;
  deps: ReconcileDeps;
  term: Term;
  pace: Pace;
};

type Known = Job & { state: NamespaceState };

/** Does what one namespace needs now, and notes what came of it. */
export async function reconcile(job: Job): Promise<void> {
  const { namespace, board, settings, deps } = job;
  const state = board.table.get(namespace);
  if (state === undefined) return;
  const known = { ...job, state };
  const now = { wallMs: deps.clock.nowMs(), steadyMs: deps.clock.steadyMs() };
  calmDown(state, now);
  const secret = board.keeper.secret();
  const step = judgeNamespace(state, secret, settings.prune, now);
  if (step[0] === 'wait') board.queue.addAt(namespace, step[2]);
  else if (step[0] === 'prune') await prune(known);
  else if (step[0] === 'apply' && secret !== undefined) await apply(known, step[1], secret);
  else if (step[1] === 'SecretIsNewer') board.keeper.hurry();
  await announce(known);
}

/** A fight that is over is forgotten. */
function calmDown(state: NamespaceState, { steadyMs }: Moment): void {
  if (state.contention === undefined || !isCalm(state.contention, steadyMs)) return;
  state.contention = undefined;
  if (state.problem === 'SecretContended') state.problem = undefined;
}

async function apply(job: Known, reason: ApplyReason, secret: PullSecret): Promise<void> {
  const { namespace, state, settings, deps, term, pace } = job;
  const before = newest(state);
  const trace: Trace = { resourceVersion: undefined };
  const beganMs = deps.clock.steadyMs();
  const fenced = { ...deps, cluster: fencedCluster(deps.cluster, term, before, trace) };
  const wish = { onConflict: settings.onConflict, dryRun: false };
  const outcome = precise(await applyTo(namespace, secret, wish, fenced, pace, term.over), state, trace, before);
  // A term that ended meanwhile is no failure of the namespace: whoever leads next serves it.
  if (outcome[0] === 'notDone' || (outcome[0] === 'failed' && !term.isOpen())) return;
  deps.meter.applied(outcome, deps.clock.steadyMs() - beganMs);
  const isNews = typeof outcome[1] !== 'object' || state.problem !== outcome[1].code;
  if (isNews) report(deps.log, namespace, secret.name, outcome, false);
  if (typeof outcome[1] === 'object') return noteFailure(job, outcome[1], outcome[0] === 'refused');
  pace.faster();
  if (outcome[0] === 'skipped') return later(job);
  noteWritten(state, secret, trace);
  if (outcome[0] !== 'unchanged') await noteUndone(job, reason);
  state.deleted = false;
}

/** The newest revision of the secret that is known, by the watch or by our own last write. */
function newest({ secret, written }: NamespaceState): string | undefined {
  if (secret === undefined || written === undefined) return secret?.resourceVersion ?? written?.resourceVersion;
  return isOlder(secret.resourceVersion, written.resourceVersion) ? written.resourceVersion : secret.resourceVersion;
}

/** What an outcome is called by whoever knows what was there before. */
function precise(outcome: Outcome, state: NamespaceState, trace: Trace, before: string | undefined): Outcome {
  const isWrite = outcome[0] === 'applied' || outcome[0] === 'adopted';
  if (isWrite && before !== undefined && trace.resourceVersion === before) return ['unchanged', 'SecretUpToDate'];
  // Our own condition was not met, which is how a look at the secret came about.
  if (outcome[1] === 'SecretAdopted' && state.secret?.managedByUs === true) return ['applied', 'SecretRefreshed'];
  return outcome;
}

function noteWritten(state: NamespaceState, secret: PullSecret, { resourceVersion }: Trace): void {
  state.failures = 0;
  state.refusedAt = undefined;
  if (state.problem !== 'SecretContended') state.problem = undefined;
  state.written = resourceVersion === undefined ? undefined : { resourceVersion, expiresAtMs: secret.expiresAtMs };
}

/** Counts a repair of what others did; a fight is reported once. */
async function noteUndone(job: Known, reason: ApplyReason): Promise<void> {
  const { namespace, state, board, settings, deps } = job;
  const wasUndone = reason === 'SecretAltered' || (reason === 'SecretMissing' && state.deleted);
  if (!wasUndone) return;
  const nowMs = deps.clock.steadyMs();
  const was = isContended(state.contention);
  state.contention = undoneAgain(state.contention, nowMs);
  if (!isContended(state.contention)) return;
  state.problem = 'SecretContended';
  board.queue.addAt(namespace, nowMs + Math.max(10 * 60_000, 3 * repairDelayMs(state.contention)) + 1);
  if (was) return;
  deps.meter.contended();
  const why = `it was changed or deleted ${state.contention.undone} times in a row`;
  const failure = placed('SecretContended', { namespace, secretName: settings.secretName }, { why });
  report(deps.log, namespace, settings.secretName, ['failed', failure], false);
  await announce(job, failure);
}

async function noteFailure(job: Known, failure: Failure, isRefused: boolean): Promise<void> {
  const { state } = job;
  state.problem = failure.code;
  if (isRefused) state.refusedAt = state.secret?.resourceVersion;
  later(job);
  await announce(job, failure);
}

/** Tries again after a while, longer each time. */
function later({ namespace, state, board, deps: { clock, random } }: Known): void {
  state.failures += 1;
  board.queue.addAt(namespace, clock.steadyMs() + backoffMs(state.failures, random()));
}

async function prune(job: Known): Promise<void> {
  const { namespace, state, settings, deps, term } = job;
  const { secretName, labelName, labelValue } = settings;
  const selector = `${labelName}=${labelValue}`;
  const [outcome, why] = await pruneSecret(namespace, secretName, selector, deps.cluster, term);
  // Whoever leads next looks at it.
  if (outcome === 'Retry' && !term.isOpen()) return;
  deps.meter.pruned(outcome);
  if (outcome === 'Retry') {
    const level = state.failures === 0 ? 'warn' : 'debug';
    deps.log(level, 'Pull secret could not be removed, trying again', { namespace, secret: secretName, why });
    return later(job);
  }
  state.failures = 0;
  state.wasLabelled = outcome === 'NamespaceLabelled';
  deps.log('info', 'Namespace lost its label', { namespace, secret: secretName, reason: outcome });
}

/** Says on the namespace what keeps its secret from being written, and when that is over; each once. */
async function announce({ namespace, state, settings, deps, term }: Known, failure?: Failure): Promise<void> {
  const { cluster, clock, log, meter, sink } = deps;
  const what = judgeAnnouncement(state.said, state.problem, state.failures, clock.steadyMs());
  if (what === 'nothing' || !term.isOpen() || !state.labelled) return;
  if (what === 'warn' && failure === undefined) return;
  const where = { namespace, reporter: settings.identity, wallMs: clock.nowMs() };
  const body =
    failure === undefined ? recoveryEvent(where, settings.secretName, sink) : warningEvent(where, failure, sink);
  state.said = { code: failure?.code ?? 'Recovered', atMs: clock.steadyMs() };
  const reply = await cluster.createEvent(namespace, body, term.fence);
  const isAccepted = reply.kind === 'answer' && reply.status < 300;
  if (!isAccepted && !term.isOpen()) return;
  meter.eventSent(isAccepted);
  if (!isAccepted) log('warn', 'Event could not be sent', { namespace, why: whyNot(reply) });
}

import { backoffMs } from '../core/controller/backoff.ts';
import { calmAtMs, isCalm, ofTouching, ofUndoing, onceMore } from '../core/controller/streak.ts';
import type { Job, JobEnd, PruneJob, SeekJob, ServeJob, TellJob } from '../core/controller/job.ts';
import {
  forget,
  isContended,
  judgeNamespace,
  secretWritten,
  unlabelledIn,
  type ApplyReason,
  type NamespaceState,
} from '../core/controller/namespace-state.ts';
import type { PruneOutcome } from '../core/controller/pruning.ts';
import { untried } from '../core/api/attempts.ts';
import { namespaceOf, pageOf } from '../core/api/pages.ts';
import type { ApiReply } from '../core/api/reply.ts';
import { isOlder } from '../core/api/revision.ts';
import { remembered, type Failure } from '../core/failures/errors.ts';
import { placed, type Outcome } from '../core/secret/outcome.ts';
import type { PullSecret } from '../core/secret/pull-secret.ts';
import { serving, type Serving } from '../core/secret/serving.ts';
import { report } from '../serving/report.ts';
import { momentOf } from '../serving/moment.ts';
import type { Board, Known, ReconcileDeps, ReconcileSettings } from './known.ts';
import { announced, noteTold, tellOver, tellWell } from './telling.ts';

export type Reconciler = {
  /** What is to be done for a namespace now; undefined: nothing. */
  readonly begin: (namespace: string) => Job | undefined;
  /** Notes what came of it, and what is to be done for the same namespace at once. */
  readonly ended: (namespace: string, end: JobEnd, job: Job) => Job | undefined;
  /** Notes that nothing will come of it: this replica does not lead any more, and whoever does looks at it anew. */
  readonly left: (namespace: string, job: Job | undefined) => void;
};

/** Decides what a namespace needs and notes what came of it, in its state. */
export function reconciler(settings: ReconcileSettings, deps: ReconcileDeps, board: Board): Reconciler {
  const known = (namespace: string): Known | undefined => {
    const state = board.table.get(namespace);
    return state === undefined ? undefined : { namespace, state, board, settings, deps };
  };
  return {
    begin(namespace) {
      const looked = known(namespace);
      return looked === undefined ? undefined : (begun(looked) ?? announced(looked));
    },
    ended(namespace, [kind, result], job) {
      const looked = known(namespace);
      if (looked === undefined) return undefined;
      if (kind === 'told') return noteTold(looked, result);
      if (kind === 'sought') return noteSought(looked, result);
      if (kind === 'pruned') notePruned(looked, result);
      else if (job.kind === 'serve') return noteServed(looked, result, job) ?? announced(looked);
      return announced(looked);
    },
    left(namespace, job) {
      const said = board.table.get(namespace)?.said;
      if (job?.kind === 'tell' && said !== undefined) said.isLost = true;
    },
  };
}

function begun(known: Known): ServeJob | PruneJob | undefined {
  const { namespace, state, board, settings, deps } = known;
  const now = momentOf(deps.clock);
  calmDown(known, now.steadyMs);
  const secret = board.keeper.secret();
  const [step, reason, dueMs] = judgeNamespace(state, secret, settings.prune, now);
  const place = { namespace, secretName: settings.secretName };
  if (step === 'prune') return { kind: 'prune', pruning: { place } };
  if (step === 'apply' && secret !== undefined) {
    const before = newest(state);
    const wish = { onConflict: settings.onConflict, dryRun: false };
    const job = serving(place, secret, wish, { revision: before, seemsNewer: reason === 'SecretSeemsNewer' });
    const seen = board.horizon.newest();
    return { kind: 'serve', serving: job, reason, before, seen, beganMs: now.steadyMs };
  }
  if (step === 'wait') board.later(namespace, dueMs);
  return undefined;
}

/** What has not happened for a while is forgotten, and a fight that is over is told. */
function calmDown(known: Known, steadyMs: number): void {
  const { state } = known;
  if (state.touched !== undefined && isCalm(state.touched, ofTouching, steadyMs)) state.touched = undefined;
  if (state.undone === undefined || !isCalm(state.undone, ofUndoing, steadyMs)) return;
  forget(state, 'undone');
  if (state.problem?.code === 'SecretContended') tellOver(known);
}

/** The newest revision of the secret that is known, by the watch or by our own last write. */
function newest({ secret, written }: NamespaceState): string | undefined {
  if (secret === undefined || written === undefined) return secret?.resourceVersion ?? written?.resourceVersion;
  return isOlder(secret.resourceVersion, written.resourceVersion) ? written.resourceVersion : secret.resourceVersion;
}

/** @returns what is to be said of it. */
function noteServed(known: Known, came: Outcome, job: ServeJob): TellJob | SeekJob | undefined {
  const { namespace, state, board, deps } = known;
  const { job: served } = job.serving;
  const outcome = precise(came, state, served, job.before);
  // A write that changed nothing is answered with the revision that stood there.
  if (served.written !== undefined && served.written !== served.judged)
    board.horizon.answered(served.written, job.seen);
  // A term that ended meanwhile is no failure of the namespace: whoever leads next serves it.
  if (outcome[0] === 'failed' && !board.isLeading()) return undefined;
  deps.meter.applied(outcome, deps.clock.steadyMs() - job.beganMs);
  countTouch(known, outcome, job);
  const wasUndone = isUndone(job.reason, state) && (outcome[0] === 'applied' || outcome[0] === 'adopted');
  const isTold = typeof outcome[1] === 'object' ? state.problem?.code === outcome[1].code : wasUndone;
  if (!isTold) report(deps.log, namespace, served.secret.name, outcome, false);
  if (typeof outcome[1] === 'object') {
    if (outcome[0] === 'refused') state.refusedAt = served.judged;
    return noteFailure(known, outcome[1]);
  }
  if (outcome[1] === 'NamespaceGone') return { kind: 'seek', sought: untried(served.place) };
  if (outcome[0] === 'skipped') return later(known);
  tellWell(known, wasUndone ? job.reason : undefined);
  if (outcome[1] === 'SecretIsNewer') {
    state.newerAt = served.judged;
    board.onNewer(namespace);
  }
  const written = writtenBy(served, served.secret);
  secretWritten(state, written);
  if (written !== undefined && state.written === undefined) board.later(namespace, deps.clock.steadyMs());
  return wasUndone ? noteUndone(known) : undefined;
}

/**
 * Counts what was done because of something that changed about the namespace. A renewal is ours, and what could not be done
 * for the moment has a wait of its own, unless the secret changed meanwhile.
 */
function countTouch({ state, deps }: Known, [, reason]: Outcome, job: ServeJob): void {
  const isUnserved = typeof reason === 'object' && reason.code === 'NamespaceUnserved';
  if (job.reason === 'TokenRenewed' || (isUnserved && newest(state) === job.before)) return;
  state.touched = onceMore(state.touched, ofTouching, deps.clock.steadyMs());
}

/** What an outcome is called by whoever knows what was there before. */
function precise(outcome: Outcome, state: NamespaceState, { written }: Serving, before: string | undefined): Outcome {
  const isWrite = outcome[0] === 'applied' || outcome[0] === 'adopted';
  if (isWrite && before !== undefined && written === before) return ['unchanged', 'SecretUpToDate'];
  // Our own condition was not met, which is how a look at the secret came about.
  if (outcome[1] === 'SecretAdopted' && state.secret?.managedByUs === true) return ['applied', 'SecretRefreshed'];
  return outcome;
}

function writtenBy({ written }: Serving, { expiresAtMs }: PullSecret): NamespaceState['written'] {
  return written === undefined ? undefined : { resourceVersion: written, expiresAtMs };
}

/** Whether what was put right is a deed of others. */
function isUndone(reason: ApplyReason, state: NamespaceState): boolean {
  if (reason === 'SecretSeemsNewer') return state.written !== undefined;
  return reason === 'SecretAltered' || (reason === 'SecretMissing' && state.deleted === true);
}

/** Counts a repair of what others did; a fight is reported once. */
function noteUndone(known: Known): TellJob | undefined {
  const { namespace, state, board, settings, deps } = known;
  const nowMs = deps.clock.steadyMs();
  const was = isContended(state);
  state.undone = onceMore(state.undone, ofUndoing, nowMs);
  if (!isContended(state)) return undefined;
  const why = `it was changed or deleted ${state.undone.times} times in a row`;
  state.problem = placed('SecretContended', { namespace, secretName: settings.secretName }, { why });
  board.later(namespace, calmAtMs(state.undone, ofUndoing) + 1);
  if (was) return undefined;
  deps.meter.contended();
  state.problemSinceMs ??= nowMs;
  report(deps.log, namespace, settings.secretName, ['failed', state.problem], false);
  return announced(known);
}

function noteFailure(known: Known, failure: Failure): TellJob | undefined {
  const { state, deps } = known;
  state.problem = remembered(failure);
  state.problemSinceMs ??= deps.clock.steadyMs();
  later(known);
  return announced(known, failure);
}

/** The watch may never show that a namespace is gone: after a restored backup of etcd it does not know that there was one. */
function noteSought(known: Known, reply: ApiReply): undefined {
  const page = pageOf(reply, namespaceOf);
  const isGone = page !== undefined && !page.items.some(({ name }) => name === known.namespace);
  if (!isGone) return later(known);
  known.state.secret = undefined;
  unlabelledIn(known.state, true);
}

/** Tries again after a while, longer each time. Nothing is to be said of it. */
function later({ namespace, state, board, deps: { clock, random } }: Known): undefined {
  state.failures = (state.failures ?? 0) + 1;
  board.later(namespace, clock.steadyMs() + backoffMs(state.failures, random()));
}

function notePruned(known: Known, [outcome, failure]: PruneOutcome): void {
  const { namespace, state, board, settings, deps } = known;
  // Whoever leads next looks at it.
  if (outcome === 'Retry' && !board.isLeading()) return;
  deps.meter.pruned(outcome);
  const where = { namespace, secret: settings.secretName };
  if (outcome === 'Retry') {
    const level = failure.code === 'SecretForbidden' ? 'error' : 'warn';
    deps.log(state.failures === undefined ? level : 'debug', 'Pull secret could not be removed, trying again', {
      ...where,
      failure,
    });
    later(known);
    return;
  }
  const message = outcome === 'SecretPruned' ? 'Pull secret was removed' : 'Namespace lost its label';
  deps.log('info', message, { ...where, reason: outcome });
  // The watch has not shown yet that it has the label again, and may never.
  if (outcome === 'NamespaceLabelled') {
    later(known);
    return;
  }
  forget(state, 'failures');
  state.written = undefined;
  // A label that came while the secret was being removed is not forgotten.
  state.wasLabelled = state.labelled;
}

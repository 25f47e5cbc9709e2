import { untried } from '../core/api/attempts.ts';
import { apiStatus, isDone, type ApiReply } from '../core/api/reply.ts';
import { judgeAnnouncement, recoveryEvent, warningEvent } from '../core/controller/announcement.ts';
import type { TellJob } from '../core/controller/job.ts';
import { forget, isContended, type ApplyReason } from '../core/controller/namespace-state.ts';
import type { Failure } from '../core/failures/errors.ts';
import { eventFailure } from '../core/controller/refusals.ts';
import type { Known } from './known.ts';

/**
 * What was wrong is over, or was put right; a fight is not over because of one more repair.
 * @param undone what others had done to it; absent where they had not.
 */
export function tellWell(known: Known, undone: ApplyReason | undefined): void {
  const { namespace, state, settings, deps } = known;
  if (state.problem?.code === 'SecretContended' && isContended(state)) return;
  if (state.problem !== undefined) return tellOver(known);
  if (undone === undefined) return;
  deps.log('info', 'Pull secret was put right', { namespace, secret: settings.secretName, reason: undone });
}

/** What kept the secret from being written is over. */
export function tellOver({ namespace, state, settings, deps }: Known): void {
  const { problem, problemSinceMs = deps.clock.steadyMs() } = state;
  const seconds = Math.round((deps.clock.steadyMs() - problemSinceMs) / 1000);
  deps.log('info', 'Pull secret is valid again', {
    namespace,
    secret: settings.secretName,
    was: problem?.code,
    seconds,
  });
  forget(state, 'problem', 'problemSinceMs');
}

/** What is to be said on the namespace: what keeps its secret from being written, and when that is over; each once. */
export function announced(
  { namespace, state, board, settings, deps }: Known,
  problem: Failure | undefined = state.problem,
): TellJob | undefined {
  const { clock, sink } = deps;
  if (!board.isLeading() || !state.labelled) return undefined;
  const [what, dueMs] = judgeAnnouncement(state.said, problem?.code, state.failures ?? 0, clock.steadyMs());
  if (what === 'later') board.later(namespace, dueMs);
  if (what === 'later' || what === 'nothing') return undefined;
  const where = { namespace, reporter: settings.identity, wallMs: clock.nowMs() };
  const body =
    problem === undefined ? recoveryEvent(where, settings.secretName, sink) : warningEvent(where, problem, sink);
  state.said = { code: problem?.code ?? 'Recovered', atMs: clock.steadyMs() };
  return { kind: 'tell', event: untried({ namespace, body }) };
}

/** One that is there already was sent before, and its answer got lost. */
export function noteTold(known: Known, reply: ApiReply): TellJob | undefined {
  const { namespace, state, board, deps } = known;
  const isThere = reply.kind === 'answer' && apiStatus(reply.body).reason === 'AlreadyExists';
  const isAccepted = isDone(reply) || isThere;
  if (!isAccepted && !board.isLeading()) return undefined;
  deps.meter.eventSent(isAccepted);
  if (isAccepted) {
    deps.events.over();
    return undefined;
  }
  deps.events.met(eventFailure(reply, namespace), { namespace });
  if (state.said === undefined) return undefined;
  state.said = { ...state.said, isLost: true };
  return announced(known);
}

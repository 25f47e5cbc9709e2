import { createHash } from 'node:crypto';
import { failureLine, type Failure, type FailureCode } from '../failures/errors.ts';
import { microTime } from './lease.ts';
import { streaksUntilMs, type NamespaceState, type Said } from './namespace-state.ts';
import type { SafeText, Sink } from '../text/sink.ts';

/** A namespace is spoken of at most so often. */
const quietMs = 10 * 60_000;
/** What the API server could not take may be taken a moment later; it is no news before it has failed so often. */
const toleratedFailures = 3;

/** What is to be said now; or when it may be. Milliseconds by the steady clock. */
export type Saying = ['warn' | 'recovered' | 'nothing'] | ['later', number];

/**
 * Whether to say something on a namespace: one Warning when its secret cannot be written, one Normal when it can again.
 * @param failures in a row.
 */
export function judgeAnnouncement(
  said: Said | undefined,
  problem: FailureCode | undefined,
  failures: number,
  nowMs: number,
): Saying {
  const isHeard = said !== undefined && said.isOfAnother !== true;
  const isBad = isHeard && said.code !== 'Recovered';
  if (problem === undefined && !isBad && said?.isLost !== true) return ['nothing'];
  if (problem !== undefined && isHeard && said.code === problem && said.isLost !== true) return ['nothing'];
  if (problem === undefined && said?.isLost !== true) return ['recovered'];
  if (problem === 'NamespaceUnserved' && failures < toleratedFailures) return ['nothing'];
  if (said !== undefined && nowMs - said.atMs < quietMs) return ['later', said.atMs + quietMs];
  return [problem === undefined ? 'recovered' : 'warn'];
}

/**
 * Until when a namespace of which nothing is left is remembered: for as long as nothing more is to be said of it, and as
 * what happens often would count; undefined where it can be forgotten.
 */
export function rememberedUntilMs(state: NamespaceState): number | undefined {
  const quietUntilMs = state.said === undefined ? undefined : state.said.atMs + quietMs;
  const countsUntilMs = streaksUntilMs(state);
  if (quietUntilMs === undefined || countsUntilMs === undefined) return quietUntilMs ?? countsUntilMs;
  return Math.max(quietUntilMs, countsUntilMs);
}

export type Announcement = { namespace: string; reporter: string; wallMs: number };

/** A Warning with the remedy, on the namespace. */
export function warningEvent(where: Announcement, failure: Failure, sink: Sink): SafeText {
  return eventBody(where, 'Warning', failure.code, failureLine(failure), sink);
}

/** The Normal that ends a Warning. */
export function recoveryEvent(where: Announcement, secretName: string, sink: Sink): SafeText {
  return eventBody(where, 'Normal', 'PullSecretRecovered', `The pull secret ${secretName} is valid again.`, sink);
}

function eventBody(
  { namespace, reporter, wallMs }: Announcement,
  type: string,
  reason: string,
  note: string,
  sink: Sink,
): SafeText {
  return sink.json({
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    // A name of its own: sent twice, since an answer got lost, it is there once.
    metadata: { name: eventName(namespace, reporter, wallMs), namespace },
    eventTime: microTime(wallMs),
    reportingController: 'ecr-cred-helper',
    reportingInstance: reporter.slice(0, 128),
    action: 'ApplyPullSecret',
    type,
    reason,
    note: cut(sink.text(note)),
    // With its own name as namespace: an event about a cluster-wide object could only stand in `default`.
    regarding: { apiVersion: 'v1', kind: 'Namespace', name: namespace, namespace },
  });
}

function eventName(namespace: string, reporter: string, wallMs: number): string {
  const digest = createHash('sha256').update(`${namespace} ${reporter}`).digest('hex').slice(0, 16);
  return `ecr-cred-helper.${Math.max(0, wallMs).toString(16)}.${digest}`;
}

/** The API server takes 1 kB. */
function cut(note: string): string {
  const bytes = Buffer.from(note);
  if (bytes.length <= 1024) return note;
  return `${bytes
    .subarray(0, 1000)
    .toString('utf8')
    .replace(/\uFFFD+$/, '')}…`;
}

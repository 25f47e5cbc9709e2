import { failureLine, type Failure, type FailureCode } from '../failures/errors.ts';
import { microTime } from './lease.ts';
import type { Said } from './namespace-state.ts';
import type { SafeText, Sink } from '../text/sink.ts';

/** A namespace is spoken of at most so often. */
const quietMs = 10 * 60_000;
/** What the API server could not take may be taken a moment later; it is no news before it has failed so often. */
const toleratedFailures = 3;

/**
 * Whether to say something on a namespace: one Warning when its secret cannot be written, one Normal when it can again.
 * @param failures in a row.
 */
export function judgeAnnouncement(
  said: Said | undefined,
  problem: FailureCode | undefined,
  failures: number,
  nowMs: number,
): 'warn' | 'recovered' | 'nothing' {
  const isBad = said !== undefined && said.code !== 'Recovered';
  if (problem === undefined) return isBad ? 'recovered' : 'nothing';
  if (said?.code === problem) return 'nothing';
  if (said !== undefined && nowMs - said.atMs < quietMs) return 'nothing';
  return problem === 'NamespaceUnserved' && failures < toleratedFailures ? 'nothing' : 'warn';
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
    metadata: { generateName: 'ecr-cred-helper-', namespace },
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

/** The API server takes 1 kB. */
function cut(note: string): string {
  const bytes = Buffer.from(note);
  if (bytes.length <= 1024) return note;
  return `${bytes
    .subarray(0, 1000)
    .toString('utf8')
    .replace(/\uFFFD+$/, '')}…`;
}

import { apiStatus, isRecord, text, type ApiReply } from '../api/reply.ts';
import type { Described } from '../secret/newer.ts';
import { pullSecretNotes } from '../secret/pull-secret.ts';

/** What is kept of an object: metadata alone, some hundred bytes. */
export type Facts = Described & {
  name: string;
  namespace: string;
  uid: string;
  resourceVersion: string;
  terminating: boolean;
};

/** What an event of a watch means. */
export type WatchStep =
  | ['put', Facts]
  | ['gone', Facts]
  | ['bookmark', { resourceVersion: string; synced: boolean }]
  /** The revision is too old, or the stream makes no sense: only a new list helps. */
  | ['relist', string]
  /** The server gave up this watch; the next one goes on from the same revision. */
  | ['restart', string];

/** Judges one event as it came over the wire. */
export function judgeEvent(event: unknown): WatchStep {
  if (!isRecord(event) || !isRecord(event['object'])) return ['restart', 'EventUnreadable'];
  const { type, object } = event;
  if (type === 'ERROR') return object['code'] === 410 ? ['relist', 'RevisionTooOld'] : ['restart', 'ServerError'];
  const metadata = isRecord(object['metadata']) ? object['metadata'] : {};
  if (type === 'BOOKMARK') {
    const notes = isRecord(metadata['annotations']) ? metadata['annotations'] : {};
    const synced = notes['k8s.io/initial-events-end'] === 'true';
    return ['bookmark', { resourceVersion: text(metadata['resourceVersion']), synced }];
  }
  const facts = factsOf(metadata);
  if (facts === undefined) return ['restart', 'EventUnreadable'];
  if (type === 'ADDED' || type === 'MODIFIED') return ['put', facts];
  return type === 'DELETED' ? ['gone', facts] : ['restart', 'EventUnreadable'];
}

/** Reads an object of a list, of which metadata alone matter. */
export function factsIn({ metadata }: Record<string, unknown>): Facts | undefined {
  return isRecord(metadata) ? factsOf(metadata) : undefined;
}

/** What a watch request that was refused means. */
export function judgeRefusedWatch(reply: ApiReply): 'relist' | 'cannotStream' | 'retry' {
  if (reply.kind === 'broken') return 'retry';
  if (reply.status === 410) return 'relist';
  // Servers before 1.27, and those with the feature off, find `sendInitialEvents` invalid.
  if (
    (reply.status === 400 || reply.status === 422) &&
    /sendInitialEvents|resourceVersionMatch/.test(apiStatus(reply.body).message)
  )
    return 'cannotStream';
  return 'retry';
}

function factsOf(metadata: Record<string, unknown>): Facts | undefined {
  const name = text(metadata['name']);
  if (name === '') return undefined;
  const { registries, expiresAtMs, managedByUs } = pullSecretNotes(metadata);
  return {
    name,
    namespace: text(metadata['namespace']),
    uid: text(metadata['uid']),
    resourceVersion: text(metadata['resourceVersion']),
    terminating: metadata['deletionTimestamp'] !== undefined,
    registries,
    expiresAtMs,
    managedByUs,
  };
}

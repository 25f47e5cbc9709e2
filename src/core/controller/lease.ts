import { isRecord, text, whyNot, type ApiReply } from '../api/reply.ts';
import { isOlder } from '../api/revision.ts';

/** How long a term lasts and how it is kept; client-go's meaning of each. Milliseconds. */
export type LeaseTimings = {
  /** A standby takes over so long after it has last seen the lease change. */
  durationMs: number;
  /** A leader that could not renew for so long stops writing. */
  renewDeadlineMs: number;
  /** Between two attempts, plus up to a fifth of it. */
  retryMs: number;
};

/** What client-go's own leader election is run with everywhere. */
export const usualLeaseTimings: LeaseTimings = { durationMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2000 };

/** A Lease as far as the election rests on it. */
export type LeaseRecord = {
  /** Empty: nobody, the last holder left properly. */
  holder: string;
  durationMs: number;
  /** Microtime, as written. */
  acquireTime: string;
  renewTime: string;
  transitions: number;
  resourceVersion: string;
  /** What its holder noted of its settings; absent where it noted nothing. */
  settings?: string;
};

/** Where a holder notes its settings. */
const settingsAnnotation = 'ecr-cred-helper/settings';

/** The last record seen, and when by the local clock that never jumps: other machines' clocks are not believed. */
export type Observed = {
  record: LeaseRecord;
  atMs: number;
  /**
   * It is older than what was seen before: the server's data were restored from a backup, and what it says of its holder is
   * worth nothing. Whoever held it by what is gone may lead still; the last one that was seen, empty where nobody can know.
   */
  lastHolder?: string;
};

/** Who looks at a lease. */
export type Looker = { identity: string; timings: LeaseTimings };

/** What a look at the lease leads to. */
export type LeaseStep =
  | ['create', 'LeaseMissing']
  | ['update', 'LeaseExpired' | 'LeaseReleased' | 'LeaseOurs', LeaseRecord]
  /** Another one leads. */
  | ['wait', 'LeaseHeld']
  | ['retry', string];

/** Notes a record; the time of observation stays while nothing about it has changed. */
export function observe(before: Observed | undefined, record: LeaseRecord, nowMs: number): Observed {
  if (before === undefined) return { record, atMs: nowMs };
  if (before.record.resourceVersion === record.resourceVersion) return before;
  if (!isOlder(record.resourceVersion, before.record.resourceVersion)) return { record, atMs: nowMs };
  return { record, atMs: nowMs, lastHolder: before.lastHolder ?? before.record.holder };
}

/**
 * What was seen before the server's data were known to be back from a backup: another may have written it since, in data
 * that are gone, and lead still.
 * @param restoredAtMs when that was known, by the local clock.
 */
export function observedAnew(before: Observed | undefined, restoredAtMs: number): Observed | undefined {
  if (before === undefined || before.atMs >= restoredAtMs) return before;
  return { record: before.record, atMs: restoredAtMs, lastHolder: before.lastHolder ?? '' };
}

/**
 * The server was found to be away: it may come back with data from a backup, in which the same record stands again though
 * its holder renewed it meanwhile. Only what is seen from now on counts.
 */
export function observedAway(before: Observed | undefined, identity: string, nowMs: number): Observed | undefined {
  const isAnothers = before !== undefined && before.record.holder !== '' && before.record.holder !== identity;
  return isAnothers ? { ...before, atMs: nowMs } : before;
}

/** Whether this one may take or keep the lease. */
export function judgeLease(observed: Observed, me: Looker, nowMs: number): LeaseStep {
  const { record, lastHolder } = observed;
  if (lastHolder === undefined && record.holder === me.identity) return ['update', 'LeaseOurs', record];
  if (lastHolder === undefined && record.holder === '') return ['update', 'LeaseReleased', record];
  return runsOutAtMs(observed, me) > nowMs ? ['wait', 'LeaseHeld'] : ['update', 'LeaseExpired', record];
}

/**
 * When a lease may be taken that is not ours, by the clock by which it was seen. Of one that is back from a backup nobody
 * knows how long its holder may still lead: as long as any lease lasts, but where we were the last who held it: any other
 * would write it within its next attempt.
 */
export function runsOutAtMs({ record, atMs, lastHolder }: Observed, { identity, timings }: Looker): number {
  if (lastHolder === undefined) return atMs + record.durationMs;
  return atMs + (lastHolder === identity ? attemptMs(timings) : timings.durationMs);
}

/** An attempt that gets no answer leaves time for another one before the term ends. */
export function attemptMs({ renewDeadlineMs }: LeaseTimings): number {
  return renewDeadlineMs / 2;
}

/** Reads the reply to a GET, POST or PUT of the lease. */
export function leaseOf(
  reply: ApiReply,
): { ok: true; record: LeaseRecord } | { ok: false; status: number; why: string } {
  if (reply.kind === 'broken') return { ok: false, status: 0, why: reply.message };
  const record = reply.status < 300 ? recordOf(reply.body) : undefined;
  if (record !== undefined) return { ok: true, record };
  return { ok: false, status: reply.status, why: whyNot(reply) };
}

/**
 * What an event of a watch of the Lease shows of it. That somebody deleted it does not matter: its holder makes it anew, and
 * who stands by takes it when it would have run out.
 */
export function leaseIn(event: unknown): LeaseRecord | undefined {
  if (!isRecord(event)) return undefined;
  return event['type'] === 'ADDED' || event['type'] === 'MODIFIED' ? recordOf(event['object']) : undefined;
}

function recordOf(body: unknown): LeaseRecord | undefined {
  if (!isRecord(body) || !isRecord(body['metadata'])) return undefined;
  const resourceVersion = text(body['metadata']['resourceVersion']);
  if (resourceVersion === '') return undefined;
  const spec = isRecord(body['spec']) ? body['spec'] : {};
  const annotations = isRecord(body['metadata']['annotations']) ? body['metadata']['annotations'] : {};
  const settings = text(annotations[settingsAnnotation]);
  return {
    ...(settings === '' ? {} : { settings }),
    holder: text(spec['holderIdentity']),
    durationMs: 1000 * wholeOr(spec['leaseDurationSeconds'], 15),
    acquireTime: text(spec['acquireTime']),
    renewTime: text(spec['renewTime']),
    transitions: wholeOr(spec['leaseTransitions'], 0),
    resourceVersion,
  };
}

function wholeOr(value: unknown, fallback: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : fallback;
}

export type LeasePlace = { namespace: string; name: string };

/**
 * The Lease to write in order to hold it.
 * @param before the record that it replaces, on the condition that it is still that one; absent where it is created.
 * @param wallMs the wall clock, for people who read it.
 * @param settings those of this replica, for the others to see.
 */
export function heldLease(
  place: LeasePlace,
  me: string,
  before: LeaseRecord | undefined,
  durationMs: number,
  wallMs: number,
  settings = '',
): string {
  const now = microTime(wallMs);
  const keeps = before?.holder === me;
  const annotations = settings === '' ? {} : { [settingsAnnotation]: settings };
  const spec = {
    holderIdentity: me,
    leaseDurationSeconds: Math.max(1, Math.round(durationMs / 1000)),
    acquireTime: keeps && before.acquireTime !== '' ? before.acquireTime : now,
    renewTime: now,
    leaseTransitions: before === undefined ? 0 : before.transitions + (keeps ? 0 : 1),
  };
  return leaseBody(place, before?.resourceVersion, spec, annotations);
}

/** The Lease to write when its holder leaves: nobody's, so that a standby need not wait. As client-go does it. */
export function releasedLease(place: LeasePlace, before: LeaseRecord, wallMs: number): string {
  const now = microTime(wallMs);
  return leaseBody(place, before.resourceVersion, {
    holderIdentity: '',
    leaseDurationSeconds: 1,
    acquireTime: now,
    renewTime: now,
    leaseTransitions: before.transitions,
  });
}

function leaseBody(
  { namespace, name }: LeasePlace,
  resourceVersion: string | undefined,
  spec: object,
  annotations: object = {},
): string {
  const noted = Object.keys(annotations).length === 0 ? {} : { annotations };
  const metadata = { namespace, name, ...noted, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
  return JSON.stringify({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec });
}

/** RFC 3339 with microseconds, Kubernetes' `MicroTime`. */
export function microTime(atMs: number): string {
  return new Date(atMs).toISOString().replace('Z', '000Z');
}

/** How long until the next attempt. */
export function leaseRetryMs({ retryMs }: LeaseTimings, chance: number): number {
  return Math.floor(retryMs * (1 + 0.2 * chance));
}

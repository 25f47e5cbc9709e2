import {
  heldLease,
  judgeLease,
  leaseOf,
  observe,
  releasedLease,
  type LeasePlace,
  type LeaseRecord,
  type LeaseTimings,
  type Observed,
} from '../core/controller/lease.ts';
import type { Horizon } from '../core/controller/horizon.ts';
import type { Clock, ControllerCluster, Log, Random } from '../ports.ts';

export type LeaderSettings = {
  place: LeasePlace;
  /** Of this process alone. */
  identity: string;
  timings: LeaseTimings;
};

export type LeaderDeps = { cluster: ControllerCluster; clock: Clock; random: Random; log: Log; horizon: Horizon };

/** What an attempt came to: held by us, by another, or nobody knows. */
export type LeaseAttempt = {
  result: 'held' | 'other' | 'failed';
  /** Why it failed; empty where it did not. */
  why: string;
  /** What is known of the Lease by then. */
  observed: Observed | undefined;
};

/**
 * One attempt to get or keep the lease.
 * @param known what is written over without a look: what we wrote last, as it can only have changed if we were thought
 * dead, or what a watch has just shown.
 * @param last what was last seen of it.
 */
export async function attemptLease(
  { place, identity, timings }: LeaderSettings,
  { cluster, clock }: LeaderDeps,
  known: Observed | undefined,
  last: Observed | undefined,
  signal: AbortSignal,
): Promise<LeaseAttempt> {
  let observed = last;
  let before: LeaseRecord | undefined = known?.record;
  if (known === undefined) {
    const seen = leaseOf(await cluster.readLease(place, signal));
    if (!seen.ok && seen.status !== 404) return { result: 'failed', why: seen.why, observed };
    if (seen.ok) {
      const now = clock.steadyMs();
      observed = observe(observed, seen.record, now);
      const step = judgeLease(observed, identity, now);
      if (step[0] === 'wait') return { result: 'other', why: '', observed };
      before = seen.record;
    }
  }
  const body = heldLease(place, identity, before, timings.durationMs, clock.nowMs());
  const reply =
    before === undefined
      ? await cluster.createLease(place, body, signal)
      : await cluster.updateLease(place, body, signal);
  const wrote = leaseOf(reply);
  if (wrote.ok) return { result: 'held', why: '', observed: observe(observed, wrote.record, clock.steadyMs()) };
  if (wrote.status !== 409 && wrote.status !== 404) return { result: 'failed', why: wrote.why, observed };
  return lookAgain(place, identity, cluster, clock, observed, signal);
}

/** The lease was written by somebody else meanwhile, or by an earlier attempt of ours that got no answer. */
async function lookAgain(
  place: LeasePlace,
  identity: string,
  cluster: ControllerCluster,
  clock: Clock,
  observed: Observed | undefined,
  signal: AbortSignal,
): Promise<LeaseAttempt> {
  const seen = leaseOf(await cluster.readLease(place, signal));
  if (!seen.ok) return { result: 'failed', why: seen.why, observed };
  const next = observe(observed, seen.record, clock.steadyMs());
  const isOurs = seen.record.holder === identity;
  return isOurs
    ? { result: 'failed', why: 'an earlier renewal got no answer', observed: next }
    : { result: 'other', why: '', observed: next };
}

/** Gives the Lease back, so that a standby need not wait until it runs out. */
export async function releaseLease(
  place: LeasePlace,
  record: LeaseRecord,
  wallMs: number,
  cluster: ControllerCluster,
  signal: AbortSignal,
): Promise<ReturnType<typeof leaseOf>> {
  return leaseOf(await cluster.updateLease(place, releasedLease(place, record, wallMs), signal));
}

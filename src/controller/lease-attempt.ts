import {
  heldLease,
  judgeLease,
  leaseOf,
  observe,
  observedAway,
  releasedLease,
  runsOutAtMs,
  type LeasePlace,
  type LeaseRecord,
  type LeaseTimings,
  type Observed,
} from '../core/controller/lease.ts';
import { leaseFailure } from '../core/controller/refusals.ts';
import type { Failure } from '../core/failures/errors.ts';
import type { Horizon } from '../core/controller/horizon.ts';
import type { Clock, ControllerCluster, Log, Random } from '../ports.ts';
import type { Pulse } from '../serving/pulse.ts';
import type { Trouble } from './trouble.ts';

export type LeaderSettings = {
  place: LeasePlace;
  /** Of this process alone. */
  identity: string;
  timings: LeaseTimings;
  /** What this replica notes of its settings. */
  note: string;
};

export type LeaderDeps = {
  cluster: ControllerCluster;
  clock: Clock;
  random: Random;
  log: Log;
  horizon: Horizon;
  /** That the Lease can be neither read nor written. */
  trouble: Trouble;
  pulse: Pulse;
};

/** What an attempt came to: held by us, by another, or nobody knows. */
export type LeaseAttempt = {
  result: 'held' | 'other' | 'failed';
  /** Why it failed; absent where it did not. */
  failure?: Failure;
  /** What is known of the Lease by then. */
  observed: Observed | undefined;
};

/** An attempt as it is made. */
export type LeaseTrial = LeaderSettings &
  Pick<LeaderDeps, 'cluster' | 'clock'> & {
    /** Written over without a look: what we wrote last, as it can only have changed if we were thought dead, or what a watch has just shown. */
    known: Observed | undefined;
    /** What was last seen of it. */
    last: Observed | undefined;
    /** What we wrote has not run out: nobody else leads, whatever the server's data were put back to. */
    isLeading: boolean;
    signal: AbortSignal;
  };

/** One attempt to get or keep the lease. */
export async function attemptLease(trial: LeaseTrial): Promise<LeaseAttempt> {
  const { known, last } = trial;
  if (known === undefined) return lookThenWrite(trial, last, false);
  const wrote = await write(trial, known.record);
  if (wrote.ok) return held(trial, wrote.record);
  // Somebody else has written it meanwhile, or an earlier attempt of ours that got no answer, or it is gone.
  if (wrote.status === 409 || wrote.status === 404) return lookThenWrite(trial, last, true);
  return failed(trial, wrote, last);
}

/** @param isSecond what was written did not fit: what is ours by name then is so by an attempt whose answer is missing. */
async function lookThenWrite(trial: LeaseTrial, last: Observed | undefined, isSecond: boolean): Promise<LeaseAttempt> {
  const { cluster, place, identity, clock, isLeading, signal } = trial;
  const seen = leaseOf(await cluster.readLease(place, signal));
  const nowMs = clock.steadyMs();
  if (!seen.ok && seen.status !== 404) return failed(trial, seen, last);
  if (!seen.ok) {
    // Its holder, who may still lead, makes it anew.
    const isAnothers = last !== undefined && last.record.holder !== identity && runsOutAtMs(last, trial) > nowMs;
    if (isAnothers && !isLeading) return { result: 'other', observed: last };
    return written(trial, undefined, undefined);
  }
  const observed = observe(last, seen.record, nowMs);
  const [step] = judgeLease(observed, trial, nowMs);
  const isTaken = isLeading && observed.lastHolder !== undefined;
  if (isTaken) return written(trial, seen.record, observed);
  if (isSecond && seen.record.holder === identity && step === 'update') {
    return { result: 'failed', failure: leaseFailure(0, 'an earlier renewal got no answer', trial.place), observed };
  }
  if (step === 'wait' || isSecond) return { result: 'other', observed };
  return written(trial, seen.record, observed);
}

async function written(
  trial: LeaseTrial,
  before: LeaseRecord | undefined,
  observed: Observed | undefined,
): Promise<LeaseAttempt> {
  const wrote = await write(trial, before);
  if (wrote.ok) return held(trial, wrote.record);
  const isOvertaken = wrote.status === 409 || wrote.status === 404;
  return isOvertaken ? { result: 'other', observed } : failed(trial, wrote, observed);
}

/** @param last what was known of it, by an answer. */
function failed(
  { identity, clock, place }: LeaseTrial,
  { status, why }: { status: number; why: string },
  last: Observed | undefined,
): LeaseAttempt {
  const observed = status === 0 ? observedAway(last, identity, clock.steadyMs()) : last;
  return { result: 'failed', failure: leaseFailure(status, why, place), observed };
}

async function write(
  { cluster, place, identity, timings, note, clock, signal }: LeaseTrial,
  before: LeaseRecord | undefined,
): Promise<ReturnType<typeof leaseOf>> {
  const body = heldLease(place, identity, before, timings.durationMs, clock.nowMs(), note);
  if (before === undefined) return leaseOf(await cluster.createLease(place, body, signal));
  return leaseOf(await cluster.updateLease(place, body, signal));
}

function held({ clock }: LeaseTrial, record: LeaseRecord): LeaseAttempt {
  return { result: 'held', observed: { record, atMs: clock.steadyMs() } };
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

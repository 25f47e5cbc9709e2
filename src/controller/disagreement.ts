import type { LeaseRecord } from '../core/controller/lease.ts';
import { differingSettings } from '../core/controller/shared-settings.ts';
import type { Clock, Log } from '../ports.ts';

/** A rollout has replicas of two kinds for so long at most. */
const patienceMs = 10 * 60_000;

/**
 * Makes a standby say, once, that whoever holds the Lease has other settings: which of them are followed depends on who leads.
 * @param own as this replica notes them.
 * @returns what is shown the Lease of another each time that it is seen.
 */
export function createDisagreement(own: string, clock: Clock, log: Log): (record: LeaseRecord) => void {
  let sinceMs: number | undefined;
  let told = '';
  return ({ holder, settings }) => {
    const differing = differingSettings(own, settings).join(', ');
    if (differing === '') {
      sinceMs = undefined;
      told = '';
      return;
    }
    sinceMs ??= clock.steadyMs();
    if (clock.steadyMs() - sinceMs < patienceMs || told === differing) return;
    told = differing;
    const fix = 'Give all replicas the same settings: apply the manifests again, and look which pods are from before.';
    log('warn', 'Replicas have different settings', { holder, settings: differing, fix });
  };
}

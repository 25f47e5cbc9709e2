import { timestamp } from '../core/secret/pull-secret.ts';
import type { Serving } from '../core/secret/serving.ts';
import type { Log } from '../ports.ts';

/**
 * Logs what a dry run would change in one namespace, from the secret's metadata: what stands there now and what would.
 * Says nothing where there is no secret yet, or where it could not be read.
 */
export function showDryRun({ place, secret, existing }: Serving, log: Log): void {
  if (existing === undefined) return;
  log('info', 'Pull secret as it is and as it would be', {
    namespace: place.namespace,
    secret: secret.name,
    registriesNow: existing.registries.join(','),
    registriesThen: secret.hosts.join(','),
    expiresNow: existing.expiresAtMs === undefined ? 'unknown' : timestamp(existing.expiresAtMs),
    expiresThen: timestamp(secret.expiresAtMs),
  });
}

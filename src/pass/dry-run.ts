import { existingSecret, timestamp, type PullSecret } from '../core/secret/pull-secret.ts';
import type { Cluster, Log } from '../ports.ts';

/**
 * Logs what a dry run would change in one namespace, from the secret's metadata: what stands there now and what would.
 * Says nothing where there is no secret yet, or where it cannot be read; the apply that follows judges that.
 */
export async function showDryRun(
  namespace: string,
  secret: PullSecret,
  { cluster, log }: { cluster: Cluster; log: Log },
): Promise<void> {
  const reply = await cluster.readSecretMetadata(namespace, secret.name, new AbortController().signal);
  if (reply.kind === 'broken' || reply.status !== 200) return;
  const existing = existingSecret(reply.body);
  if (existing === undefined) return;
  log('info', 'Pull secret as it is and as it would be', {
    namespace,
    secret: secret.name,
    registriesNow: existing.registries.join(','),
    registriesThen: secret.hosts.join(','),
    expiresNow: existing.expiresAtMs === undefined ? 'unknown' : timestamp(existing.expiresAtMs),
    expiresThen: timestamp(secret.expiresAtMs),
  });
}

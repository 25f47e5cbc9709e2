import type { ApiReply } from '../core/api/reply.ts';
import { judgeApply, judgeExisting, placed, type Outcome, type Place, type Takeover } from '../core/secret/outcome.ts';
import { fieldManagers, takeoverBody, timestamp, type PullSecret } from '../core/secret/pull-secret.ts';
import type { OnConflict } from '../config/settings.ts';
import type { Clock, Cluster, Random } from '../ports.ts';
import { tried } from './attempts.ts';
import type { Pace } from './pool.ts';
import { abandonedBy } from './stopping.ts';

export type ApplyDeps = { cluster: Cluster; clock: Clock; random: Random };

export type ApplySettings = { onConflict: OnConflict; dryRun: boolean };

/**
 * Brings one namespace's pull secret to what it should be: one apply where nobody else owns it, else a look at what is
 * there and an apply on the condition that it has not changed since.
 * @param stop ends waiting between attempts; a request under way is finished, unless the deadline has passed.
 */
export async function applyTo(
  namespace: string,
  secret: PullSecret,
  settings: ApplySettings,
  deps: ApplyDeps,
  pace: Pace,
  stop: AbortSignal,
): Promise<Outcome> {
  const place = { namespace, secretName: secret.name };
  const abandoned = abandonedBy(stop);
  let takeover: Takeover | undefined;
  for (let looks = 0; ; looks += 1) {
    if (secret.expiresAtMs <= deps.clock.nowMs()) {
      return ['failed', placed('TokenExpired', place, { why: `it expired at ${timestamp(secret.expiresAtMs)}` })];
    }
    const applied = await tried(
      () => write(place, secret, settings, deps.cluster, takeover, abandoned),
      deps,
      stop,
      pace,
    );
    if (applied.stopped) return notDone(stop);
    const wrote = judgeApply(applied.reply, place, takeover, looks);
    if (wrote[0] === 'settle') return wrote[1];
    if (wrote[0] === 'retry') return ['failed', wrote[1]];

    const read = await tried(() => deps.cluster.readSecret(namespace, secret.name, abandoned), deps, stop, pace);
    if (read.stopped) return notDone(stop);
    const found = judgeExisting(read.reply, place, secret, settings.onConflict);
    if (found[0] === 'settle') return found[1];
    if (found[0] === 'retry') return ['failed', found[1]];
    takeover = found[0] === 'takeOver' ? found[1] : undefined;
  }
}

function write(
  { namespace, secretName }: Place,
  secret: PullSecret,
  { dryRun }: ApplySettings,
  cluster: Cluster,
  takeover: Takeover | undefined,
  signal: AbortSignal,
): Promise<ApiReply> {
  return cluster.applySecret(
    {
      namespace,
      secretName,
      dryRun,
      force: takeover !== undefined,
      fieldManager: takeover?.merge === true ? fieldManagers.merge : fieldManagers.own,
      body: takeover === undefined ? secret.body : takeoverBody(secret, takeover.existing, takeover.merge),
    },
    signal,
  );
}

function notDone(stop: AbortSignal): Outcome {
  return ['notDone', stop.reason === 'DeadlinePassed' ? 'DeadlinePassed' : 'Interrupted'];
}

import { failure, type Failure } from '../core/failures/errors.ts';
import type { InventoryEntry } from '../core/inventory/inventory.ts';
import { accountsFailure, isCandidate, type PruneCounts, type PruneOutcome } from '../core/inventory/prune.ts';
import { namingAccount, type NamingAccount } from '../core/inventory/service-account.ts';
import type { Place } from '../core/secret/outcome.ts';
import type { PruneCluster } from '../ports.ts';
import { answered, type Retrying } from '../serving/attempts.ts';
import { pageReader, type PagedList } from '../serving/pages.ts';
import { abandonedBy, interruption } from '../serving/stopping.ts';
import { inventory, type Scope } from './inventory.ts';
import { forEachPaced, type Pace } from '../serving/pool.ts';
import { pruneOne, type PruneHands, type PruneWish } from './prune-one.ts';

export type SweepDeps = Retrying & { cluster: PruneCluster };

export type Swept = { counts: PruneCounts; ended: Failure | undefined };

/**
 * Removes what is left, namespace by namespace; one that fails keeps none of the others.
 * @param tell is told how each ended up.
 * @param stop ends it: what is under way finishes, the rest stays as it is.
 */
export async function sweep(
  scope: Scope,
  wish: PruneWish & { concurrency: number },
  deps: SweepDeps,
  tell: (place: Place, outcome: PruneOutcome) => Promise<void>,
  stop: AbortSignal,
): Promise<Swept> {
  const counts: PruneCounts = { removed: 0, kept: 0, gone: 0, failed: 0 };
  const list = inventory(scope, deps, stop);
  await forEachPaced(candidates(list.entries, wish.all), wish.concurrency, async ({ namespace }, pace) => {
    if (stop.aborted) return;
    const place = { namespace, secretName: scope.secretName };
    const outcome = await pruneOne(place, wish, handsOf(deps, pace, stop));
    if (outcome[0] !== 'failed') pace.faster();
    counts[outcome[0]] += 1;
    await tell(place, outcome);
  });
  return { counts, ended: endOf(list.failure(), counts, deps.cluster.server, stop) };
}

async function* candidates(entries: AsyncIterable<InventoryEntry>, all: boolean): AsyncGenerator<InventoryEntry, void> {
  for await (const entry of entries) if (isCandidate(entry, all)) yield entry;
}

/** A stop ends waiting between attempts; the request is then told as it last ended. */
function handsOf({ cluster, clock, random }: SweepDeps, pace: Pace, stop: AbortSignal): PruneHands {
  const abandoned = abandonedBy(stop);
  return {
    ask: (request) => answered(() => request(cluster, abandoned), { clock, random }, stop, pace),
    accounts: (place) => {
      const list: PagedList<NamingAccount> = {
        server: cluster.server,
        ask: (page) => cluster.listServiceAccounts(place.namespace, page, abandoned),
        itemOf: (item) => namingAccount(item, place.secretName),
        failure: (reply) => accountsFailure(reply, place),
      };
      return pageReader(list, { clock, random }, stop, pace);
    },
  };
}

/** What was read before a list broke off has been done. */
function endOf(
  ended: Failure | undefined,
  { removed, kept, gone, failed }: PruneCounts,
  server: string,
  stop: AbortSignal,
): Failure | undefined {
  if (stop.aborted) return ended ?? interruption(stop, server);
  if (ended === undefined || removed + kept + gone + failed === 0) return ended;
  return failure('ListIncomplete', { where: server, why: `${ended.what}: ${ended.why}` });
}

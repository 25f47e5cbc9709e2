import { failure, type Failure } from '../core/failures/errors.ts';
import type { InventoryEntry } from '../core/inventory/inventory.ts';
import { isCandidate, type PruneCounts, type PruneOutcome } from '../core/inventory/prune.ts';
import {
  pruneOne,
  pruning,
  unfinished,
  type PruneJob,
  type PruneRequest,
  type PruneWish,
} from '../core/inventory/pruning.ts';
import type { Place } from '../core/secret/outcome.ts';
import type { PruneCluster } from '../ports.ts';
import type { Driving } from '../serving/drive.ts';
import { Engine, type Hands } from '../serving/engine.ts';
import { abandonedBy, interruption } from '../serving/stopping.ts';
import { inventory, type Scope } from './inventory.ts';
import { askPrune } from './requests.ts';

export type SweepDeps = Driving & { cluster: PruneCluster };

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
  const { secretName } = scope;
  const list = inventory(scope, deps, stop);
  // Who reads what is told sets the pace: nothing is piled up for them.
  let telling = Promise.resolve();
  const settle = (namespace: string, outcome: PruneOutcome): void => {
    counts[outcome[0]] += 1;
    const before = telling;
    telling = before.then(() => tell({ namespace, secretName }, outcome));
  };
  const abandoned = abandonedBy(stop);
  const hands: Hands<PruneJob, PruneRequest, PruneOutcome> = {
    begin: (namespace) => pruning({ namespace, secretName }, wish),
    next: pruneOne,
    ask: (request) => askPrune(deps.cluster, request, abandoned),
    ended(namespace, outcome) {
      settle(namespace, outcome);
      return undefined;
    },
    left(namespace, job) {
      const outcome = job === undefined ? undefined : unfinished(job);
      if (outcome !== undefined) settle(namespace, outcome);
    },
    done: () => {},
  };
  const engine = new Engine(hands, { concurrency: wish.concurrency, isOpen: () => true }, deps);
  const namespaces = candidates(list.entries, wish.all, () => telling);
  await engine.run(stop, namespaces);
  await telling;
  return { counts, ended: endOf(list.failure(), counts, deps.cluster.server, stop) };
}

async function* candidates(
  entries: AsyncIterable<InventoryEntry>,
  all: boolean,
  told: () => Promise<void>,
): AsyncGenerator<string[], void> {
  for await (const entry of entries) {
    if (!isCandidate(entry, all)) continue;
    await told();
    yield [entry.namespace];
  }
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

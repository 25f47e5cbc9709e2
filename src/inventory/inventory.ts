import { failure, type Failure } from '../core/failures/errors.ts';
import {
  comesBefore,
  nextMerged,
  secretFacts,
  secretOrder,
  type InventoryEntry,
  type SecretFacts,
} from '../core/inventory/inventory.ts';
import { secretsFailure, type Namespace } from '../core/api/pages.ts';
import type { InventoryCluster } from '../ports.ts';
import type { Driving } from '../serving/drive.ts';
import { namespaceList, pageReader, pages, type PagedList, type ReadPage } from '../serving/pages.ts';

/** Which namespaces and which secrets are looked at. */
export type Scope = {
  labelSelector: string;
  secretName: string;
  /** Only this one. */
  namespace?: string | undefined;
};

export type InventoryDeps = Driving & { cluster: InventoryCluster };

export type Inventory = {
  /** In the order of the secrets' keys in etcd, each namespace once. */
  entries: AsyncGenerator<InventoryEntry, void>;
  /** What ended the entries early; absent where they were all there are. */
  failure(): Failure | undefined;
};

/**
 * Every namespace that carries the label, and every other that holds a secret of that name, from metadata alone. The two
 * lists are merged as their pages come: each holds one page and asks for the next, so that memory does not grow with the
 * number of namespaces.
 */
export function inventory(scope: Scope, deps: InventoryDeps, stop: AbortSignal): Inventory {
  const { labelSelector, secretName, namespace } = scope;
  const { cluster } = deps;
  const name = namespace === undefined ? {} : { name: namespace };
  const within = namespace === undefined ? {} : { namespace };
  const secrets: PagedList<SecretFacts> = {
    server: cluster.server,
    ask: (page) => cluster.listSecrets({ secretName, ...within, ...page }, stop),
    itemOf: secretFacts,
    failure: (reply) => secretsFailure(reply, cluster.server, secretName),
  };
  const ended: { failure?: Failure } = {};
  const note = (why: Failure) => (ended.failure ??= why);
  const left = items(pageReader(namespaceList(cluster, { labelSelector, ...name }, stop), deps, stop), note);
  const right = items(pageReader(secrets, deps, stop), note);
  return { entries: merged(reordered(left), right, cluster.server, ended), failure: () => ended.failure };
}

async function* items<Item>(read: ReadPage<Item>, ended: (failure: Failure) => void): AsyncGenerator<Item, void> {
  for await (const page of pages(read, ended)) yield* page.items;
}

async function* reordered(namespaces: AsyncIterable<Namespace>): AsyncGenerator<Namespace, void> {
  const order = secretOrder();
  for await (const namespace of namespaces) yield* order.next(namespace);
  yield* order.end();
}

async function* merged(
  namespaces: AsyncGenerator<Namespace, void>,
  secrets: AsyncGenerator<SecretFacts, void>,
  server: string,
  ended: { failure?: Failure },
): AsyncGenerator<InventoryEntry, void> {
  let [left, right] = await Promise.all([namespaces.next(), secrets.next()]);
  for (let last = ''; ended.failure === undefined;) {
    const next = nextMerged(headOf(left), headOf(right));
    if (next === undefined) return;
    const { entry } = next;
    if (last !== '' && !comesBefore(last, entry.namespace)) {
      ended.failure = disorder(server, last, entry.namespace);
      return;
    }
    yield entry;
    last = entry.namespace;
    if (next.namespace !== undefined) left = await namespaces.next();
    if (next.secret !== undefined) right = await secrets.next();
  }
}

function headOf<Item>(result: IteratorResult<Item, void>): Item | undefined {
  return result.done === true ? undefined : result.value;
}

/** Merging would call secrets missing that are there. */
function disorder(server: string, last: string, next: string): Failure {
  const why = `its lists are not in the order of their keys: "${next}" came after "${last}"`;
  return failure('SecretListFailed', { where: server, why });
}

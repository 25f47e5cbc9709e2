import type { Settings } from '../config/settings.ts';
import type { Screen } from '../core/text/table.ts';
import { impersonating } from './kubernetes/impersonation.ts';
import { inventoryCluster } from './kubernetes/inventory-cluster.ts';
import { connectionOf, transportOf, type ClusterSettings, type Surroundings } from './surroundings.ts';
import { wantsColour } from './terminal/text.ts';

export type InventorySettings = ClusterSettings & Pick<Settings, 'as' | 'asGroups'>;

/** The cluster and the terminal, as `status` and `prune` need them; nothing is sent yet. */
export async function openInventory(settings: InventorySettings, around: Surroundings) {
  const { as, asGroups } = settings;
  const found = await connectionOf(settings, around);
  if (!found.ok) return found;
  const connection = as === undefined ? found.value : impersonating(found.value, as, asGroups);
  const transport = transportOf(connection, settings, around);
  const { env, clock, random, log, sink, stdout, write } = around;
  const isTerminal = stdout.isTTY === true;
  const value = {
    clock,
    random,
    log,
    sink,
    write,
    cluster: inventoryCluster(transport),
    coloured: wantsColour(stdout, env),
    screen: (): Screen => ({
      ...(isTerminal && (stdout.columns ?? 0) > 0 ? { columns: stdout.columns ?? 80 } : {}),
      ...(isTerminal && (stdout.rows ?? 0) > 0 ? { rows: stdout.rows ?? 24 } : {}),
    }),
    isTerminal,
    // `status | head` ends the pipe; that is no fault.
    unread: stdout.unread,
    close: () => transport.close(),
  };
  return { ok: true as const, value };
}

import type { Settings } from '../config/settings.ts';
import type { Result } from '../core/failures/errors.ts';
import type { Screen } from '../core/text/table.ts';
import type { PruneCluster } from '../ports.ts';
import { findConnection, type ConnectionSettings } from './kubernetes/connect.ts';
import { impersonating } from './kubernetes/inspector.ts';
import { inventoryCluster } from './kubernetes/inventory-cluster.ts';
import { createTransport } from './kubernetes/requests.ts';
import type { Outlet } from './terminal/outlet.ts';
import { wantsColour } from './terminal/text.ts';

export type InventoryOptions = Omit<ConnectionSettings, 'kubeconfig' | 'context'> & {
  settings: Pick<Settings, 'kubeconfig' | 'context' | 'as' | 'asGroups' | 'requestTimeoutMs' | 'concurrency'>;
  /** `name/version`. */
  userAgent: string;
  /** Standard output. */
  stream: Outlet;
};

export type InventoryAdapters = {
  cluster: PruneCluster;
  coloured: boolean;
  screen(): Screen;
  isTerminal: boolean;
  /** Aborts when nobody reads any more what is written. */
  unread: AbortSignal;
  close(): void;
};

/** Everything of the deps that `status` and `prune` need; nothing is sent yet. */
export async function openInventory(options: InventoryOptions): Promise<Result<InventoryAdapters>> {
  const { env, settings, userAgent, nowMs, stream } = options;
  const { requestTimeoutMs: timeoutMs, concurrency, kubeconfig, context, as, asGroups } = settings;
  const found = await findConnection({ ...options, kubeconfig, context });
  if (!found.ok) return found;
  const connection = as === undefined ? found.value : impersonating(found.value, as, asGroups);
  const transport = createTransport(connection, { timeoutMs, concurrency, userAgent, nowMs });
  const isTerminal = stream.isTTY === true;
  const screen = (): Screen => ({
    ...(isTerminal && (stream.columns ?? 0) > 0 ? { columns: stream.columns ?? 80 } : {}),
    ...(isTerminal && (stream.rows ?? 0) > 0 ? { rows: stream.rows ?? 24 } : {}),
  });
  const value: InventoryAdapters = {
    cluster: inventoryCluster(transport),
    coloured: wantsColour(stream, env),
    screen,
    isTerminal,
    // `status | head` ends the pipe; that is no fault.
    unread: stream.unread,
    close: () => transport.close(),
  };
  return { ok: true, value };
}

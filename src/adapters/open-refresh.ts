import type { Settings } from '../config/settings.ts';
import type { Result } from '../core/failures/errors.ts';
import type { Log, TokenSource } from '../ports.ts';
import { connectCluster, type ConnectedCluster } from './kubernetes/cluster.ts';
import { findConnection, type ConnectionSettings } from './kubernetes/connect.ts';

export type RefreshOptions = Omit<ConnectionSettings, 'kubeconfig' | 'context'> & {
  settings: Pick<Settings, 'kubeconfig' | 'context' | 'requestTimeoutMs' | 'concurrency'>;
  /** `name/version`. */
  userAgent: string;
  log: Log;
};

export type RefreshAdapters = { cluster: ConnectedCluster; tokens: TokenSource };

/** The cluster and AWS, as a pass and the controller need them; nothing is sent yet. */
export async function openRefresh(options: RefreshOptions): Promise<Result<RefreshAdapters>> {
  const { env, settings, userAgent, nowMs, log, learn } = options;
  const { kubeconfig, context, requestTimeoutMs: timeoutMs, concurrency } = settings;
  // In a file of its own, since doctor loads it, too.
  const { createTokenSource } = await import('./aws/ecr.ts');
  const connection = await findConnection({ ...options, kubeconfig, context });
  if (!connection.ok) return connection;
  const tokens = createTokenSource({ env, requestTimeoutMs: timeoutMs, userAgent, log, learn });
  if (!tokens.ok) return tokens;
  const cluster = connectCluster(connection.value, { timeoutMs, concurrency, userAgent, nowMs });
  return { ok: true, value: { cluster, tokens: tokens.value } };
}

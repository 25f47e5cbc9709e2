import { clusterOn } from './kubernetes/cluster.ts';
import { isCollected } from './terminal/text.ts';
import { createTokenSource } from './aws/tokens.ts';
import { connectionOf, transportOf, type ClusterSettings, type Surroundings } from './surroundings.ts';

/** The cluster and AWS, as a pass needs them; nothing is sent yet. */
export async function openRefresh(settings: ClusterSettings, around: Surroundings) {
  const connection = await connectionOf(settings, around);
  if (!connection.ok) return connection;
  const tokens = createTokenSource({ ...around, requestTimeoutMs: settings.requestTimeoutMs });
  if (!tokens.ok) return tokens;
  const transport = transportOf(connection.value, settings, around);
  const { env, clock, random, log, progress, sink, stdout, write } = around;
  const value = {
    clock,
    random,
    log,
    progress,
    sink,
    write,
    cluster: clusterOn(transport),
    tokens: tokens.value,
    transport,
    isCollected: isCollected(stdout, env),
    screen: stdout.isTTY === true && (stdout.columns ?? 0) > 0 ? { columns: stdout.columns ?? 80 } : {},
    close: () => transport.close(),
  };
  return { ok: true as const, value };
}

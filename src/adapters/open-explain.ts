import type { Settings } from '../config/settings.ts';
import type { Cluster, Inspector } from '../ports.ts';
import { createRegistryProbe } from './doctor/registry-probe.ts';
import { clusterOn } from './kubernetes/cluster.ts';
import type { Connection } from './kubernetes/connection.ts';
import { impersonating } from './kubernetes/impersonation.ts';
import { podNamespace } from './kubernetes/in-cluster.ts';
import { inspectorOn } from './kubernetes/inspector.ts';
import type { Transport } from './kubernetes/requests.ts';
import { connectionOf, transportOf, type ClusterSettings, type Surroundings } from './surroundings.ts';
import type { Outlet } from './terminal/outlet.ts';
import { wantsColour } from './terminal/text.ts';

export type ExplainSettings = ClusterSettings & Pick<Settings, 'as' | 'asGroups'>;

/** Everything that `explain` asks, on behalf of whoever `--as` names; see {@link openLook}. */
export async function openExplain(settings: ExplainSettings, around: Surroundings) {
  const { as, asGroups } = settings;
  return openLook(settings, around, (found) => (as === undefined ? found : impersonating(found, as, asGroups)));
}

/**
 * The cluster, registries and a screen to tell on; nothing is sent yet. What cannot be made is told, and stops nothing else.
 * @param ourselves as whom the cluster is asked where nobody else is meant.
 */
export async function openLook(
  settings: ClusterSettings,
  around: Surroundings,
  ourselves: (found: Connection) => Connection = (found) => found,
) {
  const { requestTimeoutMs } = settings;
  const { env, userAgent, version, clock, random, log, sink, stdout, write, learn, serviceAccountDirectory } = around;
  const { nowMs } = clock;
  const connection = await connectionOf(settings, around);
  const transports: Transport[] = [];
  const asked = (of: Connection): Cluster & Inspector => {
    const transport = transportOf(of, settings, around);
    transports.push(transport);
    return { ...clusterOn(transport), ...inspectorOn(transport) };
  };
  const cluster = (found: Connection) => ({
    own: asked(ourselves(found)),
    isPod: found.isOfPod === true,
    as: (user: string) => asked(impersonating(found, user)),
  });
  const ofContext = connection.ok ? connection.value.namespace : undefined;
  const ofPod = connection.ok && connection.value.isOfPod === true ? podNamespace(serviceAccountDirectory) : undefined;
  const value = {
    clock,
    random,
    version,
    log,
    sink,
    write,
    env,
    learn,
    namespace: ofContext ?? ofPod ?? 'default',
    registries: createRegistryProbe({ env, requestTimeoutMs, userAgent, nowMs }),
    cluster: connection.ok ? { ok: true as const, value: cluster(connection.value) } : connection,
    coloured: wantsColour(stdout, env),
    screen: screenOf(stdout, env),
    close: () => {
      for (const transport of transports) transport.close();
    },
  };
  return { ok: true as const, value };
}

/** As wide as the terminal; elsewhere as wide as somebody says it is. */
function screenOf({ isTTY, columns = 0 }: Outlet, env: Surroundings['env']): { width?: number } {
  const width = isTTY === true ? columns : Number(env['COLUMNS'] ?? 0);
  return Number.isInteger(width) && width > 0 ? { width } : {};
}

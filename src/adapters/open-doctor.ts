import type { StaticKey } from '../config/aws/static-key.ts';
import type { Cluster, Inspector } from '../ports.ts';
import { createRegistryProbe } from './doctor/registry-probe.ts';
import { clusterOn } from './kubernetes/cluster.ts';
import type { Connection } from './kubernetes/connection.ts';
import { impersonating } from './kubernetes/impersonation.ts';
import { inspectorOn } from './kubernetes/inspector.ts';
import type { Transport } from './kubernetes/requests.ts';
import { connectionOf, transportOf, type ClusterSettings, type Surroundings } from './surroundings.ts';
import type { Outlet } from './terminal/outlet.ts';
import { wantsColour } from './terminal/text.ts';

/** As wide as the terminal; elsewhere as wide as somebody says it is. */
function screenOf({ isTTY, columns = 0 }: Outlet, env: Surroundings['env']): { width?: number } {
  const width = isTTY === true ? columns : Number(env['COLUMNS'] ?? 0);
  return Number.isInteger(width) && width > 0 ? { width } : {};
}

/** Everything that `doctor` asks; nothing is sent yet. What cannot be made is told, and stops nothing else. */
export async function openDoctor(settings: ClusterSettings, around: Surroundings) {
  const { requestTimeoutMs } = settings;
  // The STS client brings packages of its own; they are in a file that nothing else loads.
  const [{ createIdentitySource }, { createTokenSource }] = await Promise.all([
    import('./aws/identity.ts'),
    import('./aws/ecr.ts'),
  ]);
  const { env, userAgent, version, clock, random, log, sink, stdout, write, learn } = around;
  const { nowMs } = clock;
  const connection = await connectionOf(settings, around);
  const transports: Transport[] = [];
  const asked = (of: Connection): Cluster & Inspector => {
    const transport = transportOf(of, settings, around);
    transports.push(transport);
    return { ...clusterOn(transport), ...inspectorOn(transport) };
  };
  const cluster = (found: Connection) => ({
    own: asked(found),
    isPod: found.isOfPod === true,
    as: (user: string) => asked(impersonating(found, user)),
  });
  const aws = (key?: StaticKey) => {
    const call = { ...around, requestTimeoutMs, ...(key === undefined ? {} : { key }) };
    return { tokens: createTokenSource(call), identity: createIdentitySource({ ...call, nowMs }) };
  };
  const value = {
    clock,
    random,
    version,
    log,
    sink,
    write,
    env,
    aws,
    learn,
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

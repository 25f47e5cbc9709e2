import type { Settings } from '../config/settings.ts';
import type { Cluster, Inspector } from '../ports.ts';
import { createRegistryProbe } from './doctor/registry-probe.ts';
import { clusterOn } from './kubernetes/cluster.ts';
import type { Connection } from './kubernetes/connection.ts';
import { impersonating } from './kubernetes/impersonation.ts';
import { inspectorOn } from './kubernetes/inspector.ts';
import type { Transport } from './kubernetes/requests.ts';
import { connectionOf, transportOf, type ClusterSettings, type Surroundings } from './surroundings.ts';
import { wantsColour } from './terminal/text.ts';

export type DoctorSettings = ClusterSettings & Pick<Settings, 'as'>;

/** Everything that `doctor` asks; nothing is sent yet. What cannot be made is told, and stops nothing else. */
export async function openDoctor(settings: DoctorSettings, around: Surroundings) {
  const { requestTimeoutMs, as } = settings;
  // The STS client brings packages of its own; they are in a file that nothing else loads.
  const [{ createIdentitySource }, { createTokenSource }] = await Promise.all([
    import('./aws/identity.ts'),
    import('./aws/ecr.ts'),
  ]);
  const connection = await connectionOf(settings, around);
  const transports: Transport[] = [];
  const asked = (of: Connection): Cluster & Inspector => {
    const transport = transportOf(of, settings, around);
    transports.push(transport);
    return { ...clusterOn(transport), ...inspectorOn(transport) };
  };
  const clusters = (found: Connection) => {
    const own = asked(found);
    return { own, asked: as === undefined ? own : asked(impersonating(found, as)) };
  };
  const { env, userAgent, clock, random, log, sink, stdout, write } = around;
  const { nowMs } = clock;
  const value = {
    clock,
    random,
    log,
    sink,
    write,
    env,
    tokens: createTokenSource({ ...around, requestTimeoutMs }),
    identity: createIdentitySource({ ...around, requestTimeoutMs, nowMs }),
    registries: createRegistryProbe({ env, requestTimeoutMs, userAgent, nowMs }),
    cluster: connection.ok ? { ok: true as const, value: clusters(connection.value) } : connection,
    coloured: wantsColour(stdout, env),
    screen: stdout.isTTY === true && (stdout.columns ?? 0) > 0 ? { width: stdout.columns ?? 0 } : {},
    close: () => {
      for (const transport of transports) transport.close();
    },
  };
  return { ok: true as const, value };
}

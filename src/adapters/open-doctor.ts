import type { Settings } from '../config/settings.ts';
import type { Result } from '../core/failures/errors.ts';
import type { Cluster, IdentitySource, Inspector, RegistryProbe, TokenSource } from '../ports.ts';
import { clusterOn } from './kubernetes/cluster.ts';
import { findConnection, type ConnectionSettings } from './kubernetes/connect.ts';
import { impersonating, inspectorOn } from './kubernetes/inspector.ts';
import { createTransport, type Transport } from './kubernetes/requests.ts';
import { createRegistryProbe } from './doctor/registry-probe.ts';

export type DoctorOptions = Omit<ConnectionSettings, 'kubeconfig' | 'context'> & {
  settings: Pick<Settings, 'kubeconfig' | 'context' | 'requestTimeoutMs' | 'concurrency'> & { as?: string };
  /** `name/version`. */
  userAgent: string;
  tokens: Result<TokenSource>;
};

type Asked = Cluster & Inspector;

export type DoctorAdapters = {
  tokens: Result<TokenSource>;
  identity: IdentitySource;
  registries: RegistryProbe;
  cluster: Result<{ own: Asked; asked: Asked }>;
  close(): void;
};

/** Everything of the deps that `doctor` asks; nothing is sent yet. What cannot be made is told, and stops nothing else. */
export async function openDoctor(options: DoctorOptions): Promise<DoctorAdapters> {
  const { env, settings, userAgent, nowMs, tokens, learn } = options;
  const { requestTimeoutMs, concurrency, kubeconfig, context, as } = settings;
  // The STS client brings packages of its own; they are in a file that nothing else loads.
  const { createIdentitySource } = await import('./aws/identity.ts');
  const connection = await findConnection({ ...options, kubeconfig, context });
  const transports: Transport[] = [];
  const asked = (of: Parameters<typeof createTransport>[0]): Asked => {
    const transport = createTransport(of, { timeoutMs: requestTimeoutMs, concurrency, userAgent, nowMs });
    transports.push(transport);
    return { ...clusterOn(transport), ...inspectorOn(transport) };
  };
  const clusters = (own: Asked): { own: Asked; asked: Asked } =>
    connection.ok && as !== undefined
      ? { own, asked: asked(impersonating(connection.value, as)) }
      : { own, asked: own };
  return {
    tokens,
    identity: createIdentitySource({ env, requestTimeoutMs, userAgent, nowMs, learn }),
    registries: createRegistryProbe({ env, requestTimeoutMs, userAgent, nowMs }),
    cluster: connection.ok ? { ok: true, value: clusters(asked(connection.value)) } : connection,
    close: () => {
      for (const transport of transports) transport.close();
    },
  };
}

import type { Result } from '../../core/failures/errors.ts';
import { failure } from '../../core/failures/errors.ts';
import type { Connection, Credentials } from './connection.ts';
import type { Learn } from '../../core/text/secrets.ts';
import type { ChildHost } from '../run-child.ts';
import { inClusterConnection, isInCluster, type InClusterEnv } from './in-cluster.ts';

export type ConnectionSettings = {
  /** `--kubeconfig` or `KUBECONFIG`: a list of files, separated as the platform separates paths. */
  kubeconfig?: string | undefined;
  context?: string | undefined;
  /** The process's environment; exec plugins inherit it. */
  env: InClusterEnv & Readonly<Record<string, string | undefined>>;
  homeDirectory: string;
  /** `SERVICE_ACCOUNT_DIRECTORY` but in tests. */
  serviceAccountDirectory: string;
  readonly nowMs: () => number;
  /** Hears of each secret that is read. */
  readonly learn: Learn;
} & Omit<ChildHost, 'env'>;

/**
 * Finds the cluster: the kubeconfig that is named, else the pod's service account, else `~/.kube/config`. A context
 * without a kubeconfig means the latter, in a pod too.
 * @returns `KubeconfigInvalid`, `ClusterNotConfigured`, `CertificatesUnreadable` or `ProxyInvalid`.
 */
export async function findConnection(settings: ConnectionSettings): Promise<Result<Connection>> {
  const found = await foundConnection(settings);
  return found.ok ? { ok: true, value: telling(found.value, settings.learn) } : found;
}

/** Everything that goes to the server to prove who we are is a secret from then on. */
function telling(connection: Connection, learn: Learn): Connection {
  let last: Credentials | undefined;
  const told = <T extends Credentials | undefined>(credentials: T): T => {
    if (credentials === undefined || credentials === last) return credentials;
    last = credentials;
    const { headers, tls } = credentials;
    for (const header of [headers['authorization']].flat()) learn(header?.replace(/^(?:Bearer|Basic) /, ''));
    if (typeof tls.key === 'string') learn(tls.key);
    return credentials;
  };
  return {
    ...connection,
    credentials: () => {
      const found = connection.credentials();
      return found instanceof Promise ? found.then(told) : told(found);
    },
    renewed: (used) => connection.renewed(used).then(told),
  };
}

async function foundConnection(settings: ConnectionSettings): Promise<Result<Connection>> {
  const { env, serviceAccountDirectory, nowMs } = settings;
  const isNamed = (settings.kubeconfig ?? '') !== '' || (settings.context ?? '') !== '';
  if (!isNamed && isInCluster(env, serviceAccountDirectory)) {
    return inClusterConnection(env, serviceAccountDirectory, nowMs);
  }
  // Reading kubeconfigs costs many times what a pass in a pod costs; there it is never loaded.
  const { defaultKubeconfig, kubeconfigConnection } = await import('./kubeconfig/kubeconfig.ts');
  const paths = settings.kubeconfig || defaultKubeconfig(settings.homeDirectory);
  if (paths !== undefined) return kubeconfigConnection(paths, settings);
  return {
    ok: false,
    failure: failure('ClusterNotConfigured', {
      where: 'KUBECONFIG',
      why: `there is no service account in ${serviceAccountDirectory} and no kubeconfig in the home directory`,
    }),
  };
}

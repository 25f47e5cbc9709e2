import type { Result } from '../../core/errors.ts';
import { failure } from '../../core/errors.ts';
import type { Connection } from './connection.ts';
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
};

/**
 * Finds the cluster: the kubeconfig that is named, else the pod's service account, else `~/.kube/config`. A context
 * without a kubeconfig means the latter, in a pod too.
 * @returns `KubeconfigInvalid`, `ClusterNotConfigured`, `CertificatesUnreadable` or `ProxyInvalid`.
 */
export async function findConnection(settings: ConnectionSettings): Promise<Result<Connection>> {
  const { env, serviceAccountDirectory, nowMs } = settings;
  const isNamed = (settings.kubeconfig ?? '') !== '' || (settings.context ?? '') !== '';
  if (!isNamed && isInCluster(env, serviceAccountDirectory)) {
    return inClusterConnection(env, serviceAccountDirectory, nowMs);
  }
  // Reading kubeconfigs costs many times what a pass in a pod costs; there it is never loaded.
  const { defaultKubeconfig, kubeconfigConnection } = await import('./kubeconfig.ts');
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

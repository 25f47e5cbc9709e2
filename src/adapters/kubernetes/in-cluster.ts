import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { failure, type Result } from '../../core/failures/errors.ts';
import { proxyFor, type ProxyEnv } from '../http/proxy.ts';
import type { TlsOptions } from '../http/dial.ts';
import { REREAD_AFTER_MS, sendable, type Connection, type Credentials } from './connection.ts';

/** What the kubelet sets in every container. */
export type InClusterEnv = ProxyEnv & {
  readonly KUBERNETES_SERVICE_HOST?: string | undefined;
  readonly KUBERNETES_SERVICE_PORT?: string | undefined;
};

/** Where the kubelet mounts a pod's service account: `token`, `ca.crt`, `namespace`. */
export const SERVICE_ACCOUNT_DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount';

/** True in a pod that has a service account mounted, though nobody may be let look at it. */
export function isInCluster(env: InClusterEnv, directory: string): boolean {
  return (env.KUBERNETES_SERVICE_HOST ?? '') !== '' && isThere(join(directory, 'token'));
}

/**
 * The connection of a pod's service account. Token and CA are read again as the kubelet rotates them.
 * @param nowMs any monotonic or wall clock.
 * @returns `ClusterNotConfigured` where the pod has no token or address, `CertificatesUnreadable` without a usable CA,
 *   `ProxyInvalid`.
 */
export function inClusterConnection(env: InClusterEnv, directory: string, nowMs: () => number): Result<Connection> {
  const server = serverOf(env);
  if (server === undefined) return notConfigured('KUBERNETES_SERVICE_HOST', 'it holds no address of an API server');
  const proxy = proxyFor(server, env);
  if (!proxy.ok) return proxy;

  const files = serviceAccountFiles(directory, nowMs);
  try {
    files.ca();
  } catch (error) {
    const name = join(directory, 'ca.crt');
    return { ok: false, failure: failure('CertificatesUnreadable', { where: name, why: whyOf(error), name }) };
  }
  try {
    files.credentials();
  } catch (error) {
    return notConfigured(directory, whyOf(error));
  }
  const { credentials, renewed } = files;
  return { ok: true, value: { server, proxy: proxy.value, isOfPod: true, credentials, renewed } };
}

/** The namespace this pod runs in, where it is mounted. */
export function podNamespace(directory: string): string | undefined {
  try {
    return readFileSync(join(directory, 'namespace'), 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

function serverOf(env: InClusterEnv): URL | undefined {
  const host = env.KUBERNETES_SERVICE_HOST ?? '';
  if (host === '') return undefined;
  // Node's isIPv6 compiles a pattern for 4 ms at its first call.
  const isIPv6 = host.includes(':') && !host.startsWith('[');
  return URL.parse(`https://${isIPv6 ? `[${host}]` : host}:${env.KUBERNETES_SERVICE_PORT || '443'}`) ?? undefined;
}

function serviceAccountFiles(directory: string, nowMs: () => number) {
  const tokenFile = join(directory, 'token');
  const caFile = join(directory, 'ca.crt');
  let readAtMs = Number.NEGATIVE_INFINITY;
  let caModifiedAtMs: number | undefined;
  let tls: TlsOptions | undefined;
  let current: Credentials | undefined;

  const ca = (): TlsOptions => {
    const modified = modifiedAtMs(caFile);
    if (tls !== undefined && (modified === undefined || modified === caModifiedAtMs)) return tls;
    const pem = readFileSync(caFile, 'utf8');
    if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new Error(`${caFile} holds no PEM certificate`);
    if (tls?.ca === pem) return tls;
    tls = { ca: pem };
    caModifiedAtMs = modified;
    return tls;
  };

  const read = (): Credentials => {
    const token = readFileSync(tokenFile, 'utf8').trim();
    if (token === '') throw new Error(`${tokenFile} is empty`);
    const next = { headers: { authorization: `Bearer ${sendable(token, tokenFile)}` }, tls: ca() };
    readAtMs = nowMs();
    if (current?.tls === next.tls && current.headers.authorization === next.headers.authorization) return current;
    current = next;
    return next;
  };

  return {
    ca,
    credentials: (): Credentials => {
      if (current === undefined) return read();
      if (nowMs() - readAtMs < REREAD_AFTER_MS) return current;
      try {
        return read();
      } catch {
        // The last token is good as long as the server takes it; when it does not, what is wrong with the file is said.
        return current;
      }
    },
    renewed: async (refused: Credentials): Promise<Credentials | undefined> => {
      const next = current === refused ? read() : current;
      return next === refused ? undefined : next;
    },
  };
}

function isThere(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // Whoever reads it says why it cannot be.
    return true;
  }
}

/** Undefined where it cannot be looked at. */
function modifiedAtMs(file: string): number | undefined {
  try {
    return statSync(file).mtimeMs;
  } catch {
    return undefined;
  }
}

function notConfigured(where: string, why: string): Result<Connection> {
  return { ok: false, failure: failure('ClusterNotConfigured', { where, why }) };
}

function whyOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

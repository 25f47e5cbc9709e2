import { KubeConfig } from '@kubernetes/client-node';
import { existsSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { delimiter, join } from 'node:path';
import { failure, type Result } from '../../core/errors.ts';
import { proxyFor, type ProxyEnv } from '../../core/proxy.ts';
import { REREAD_AFTER_MS, type Connection, type Credentials } from './connection.ts';

/** The file kubectl reads where nothing else is named, if it is there. */
export function defaultKubeconfig(homeDirectory: string): string | undefined {
  const path = join(homeDirectory, '.kube', 'config');
  return existsSync(path) ? path : undefined;
}

export type KubeconfigSettings = { context?: string | undefined; env: ProxyEnv; nowMs: () => number };

/**
 * The connection of a kubeconfig's context. `paths` is a list as in `KUBECONFIG`; files that are not there are passed over,
 * as kubectl does. Reading, merging, exec plugins and client certificates are `@kubernetes/client-node`'s.
 * @returns `KubeconfigInvalid` or `ProxyInvalid`.
 */
export function kubeconfigConnection(paths: string, settings: KubeconfigSettings): Result<Connection> {
  const invalid = (why: string): Result<never> => ({
    ok: false,
    failure: failure('KubeconfigInvalid', { where: paths, why }),
  });
  const loaded = loadedFrom(paths, settings.context);
  if (!loaded.ok) return invalid(loaded.why);
  const cluster = loaded.config.getCurrentCluster();
  if (cluster === null)
    return invalid(`the context ${loaded.config.getCurrentContext()} names no cluster that is in it`);
  if (loaded.config.getCurrentUser() === null)
    return invalid(`the context ${loaded.config.getCurrentContext()} names no user that is in it`);
  const server = URL.parse(cluster.server);
  if (server === null) return invalid(`the server ${cluster.server} is no URL`);
  const proxy = cluster.proxyUrl === undefined ? proxyFor(server, settings.env) : proxyOf(cluster.proxyUrl);
  if (!proxy.ok) return proxy;
  return { ok: true, value: { server, proxy: proxy.value, ...credentialsOf(loaded.config, settings.nowMs) } };
}

function loadedFrom(
  paths: string,
  context: string | undefined,
): { ok: true; config: KubeConfig } | { ok: false; why: string } {
  const files = paths.split(delimiter).filter((path) => path !== '' && existsSync(path));
  const [first, ...others] = files;
  if (first === undefined) return { ok: false, why: 'there is no such file' };
  const config = new KubeConfig();
  try {
    config.loadFromFile(first);
    for (const path of others) {
      const other = new KubeConfig();
      other.loadFromFile(path);
      config.mergeConfig(other, config.currentContext !== '');
    }
  } catch (error) {
    return { ok: false, why: firstLine(error) };
  }
  if (context !== undefined && context !== '') config.setCurrentContext(context);
  const current = config.getCurrentContext();
  if (config.getContextObject(current) !== null) return { ok: true, config };
  const known = config.getContexts().map(({ name }) => name);
  return {
    ok: false,
    why: `it has no context named ${current || '(none is set)'}; it has ${known.join(', ') || 'none'}`,
  };
}

function proxyOf(value: string): Result<URL | undefined> {
  const url = URL.parse(value);
  if (url !== null) return { ok: true, value: url };
  return {
    ok: false,
    failure: failure('ProxyInvalid', { where: 'proxy-url', why: 'it is no URL', name: 'proxy-url' }),
  };
}

/** Asked again after a while and when refused: token files rotate, and plugins issue tokens for a time. */
function credentialsOf(config: KubeConfig, nowMs: () => number): Pick<Connection, 'credentials' | 'renewed'> {
  let current: Credentials | undefined;
  let readAtMs = Number.NEGATIVE_INFINITY;
  const read = async (): Promise<Credentials> => {
    const next = await credentialsNow(config);
    readAtMs = nowMs();
    if (current === undefined || JSON.stringify(next) !== JSON.stringify(current)) current = next;
    return current;
  };
  return {
    credentials: () => (current !== undefined && nowMs() - readAtMs < REREAD_AFTER_MS ? current : read()),
    async renewed(refused) {
      const next = current === refused ? await read() : current;
      return next === refused ? undefined : next;
    },
  };
}

async function credentialsNow(config: KubeConfig): Promise<Credentials> {
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    throw new Error(`the user ${config.getCurrentUser()?.name ?? ''} of the kubeconfig: ${firstLine(error)}`, {
      cause: error,
    });
  }
  const { ca, cert, key, servername, rejectUnauthorized, auth, headers } = options;
  const basic = typeof auth === 'string' ? { authorization: `Basic ${Buffer.from(auth).toString('base64')}` } : {};
  return {
    headers: { ...lowerCased(headers), ...basic, ...impersonation(config) },
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(servername === undefined ? {} : { servername }),
      ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
    },
  };
}

function lowerCased(headers: RequestOptions['headers']): Record<string, string | string[]> {
  const entries = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)] as const);
  return Object.fromEntries(entries);
}

function impersonation(config: KubeConfig): Record<string, string> {
  const user = config.getCurrentUser()?.impersonateUser;
  return user === undefined ? {} : { 'impersonate-user': user };
}

/** Of a plugin's or the parser's complaint; the rest may quote the file. */
function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split('\n', 1)[0] ?? '').slice(0, 300);
}

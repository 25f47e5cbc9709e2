import http from 'node:http';
import https from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import { proxyFor, type ProxyEnv } from '../core/proxy.ts';
import type { Result } from '../core/errors.ts';

/** How the target's certificate is judged, and what we show of our own. */
export type TlsOptions = Pick<SecureContextOptions, 'ca' | 'cert' | 'key'> & {
  /** The name that the target's certificate must carry, where it is not the host asked for. */
  servername?: string;
  rejectUnauthorized?: boolean;
};

export type AgentLimits = {
  maxSockets: number;
  /** Closes connections that nobody uses for so long, and tunnels that take longer to open. */
  idleTimeoutMs?: number;
};

/**
 * A keep-alive agent for requests to `target`, through the proxy that `env` sets for it.
 * @returns `ProxyInvalid` when that proxy's setting cannot be used.
 */
export function agentFor(
  target: URL,
  env: ProxyEnv,
  tls: TlsOptions,
  limits: AgentLimits,
): Result<https.Agent | http.Agent> {
  const proxy = proxyFor(target, env);
  return proxy.ok ? { ok: true, value: agentThrough(proxy.value, target, tls, limits) } : proxy;
}

/**
 * A keep-alive agent for requests to `target`, direct or through `proxy`. It opens as few connections as it can: the
 * one used last is used next.
 *
 * Node's own `proxyEnv` makes the tunnel (CONNECT, with the URL's user and password). The certificate of an `https:`
 * proxy is judged by Node's store and `NODE_EXTRA_CA_CERTS`, not by `tls`, which is the target's alone.
 */
export function agentThrough(
  proxy: URL | undefined,
  target: URL,
  tls: TlsOptions,
  limits: AgentLimits,
): https.Agent | http.Agent {
  const options = {
    keepAlive: true,
    scheduling: 'lifo',
    maxSockets: limits.maxSockets,
    maxFreeSockets: limits.maxSockets,
    ...(limits.idleTimeoutMs === undefined ? {} : { timeout: limits.idleTimeoutMs }),
  } as const;
  if (target.protocol === 'https:') {
    return new https.Agent({
      ...options,
      ...tls,
      ...(proxy === undefined ? {} : { proxyEnv: { HTTPS_PROXY: proxy.href } }),
    });
  }
  return new http.Agent({ ...options, ...(proxy === undefined ? {} : { proxyEnv: { HTTP_PROXY: proxy.href } }) });
}

import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import { proxyFor, type ProxyEnv } from './proxy.ts';
import type { Result } from '../../core/failures/errors.ts';

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
 * The certificate of an `https:` proxy is judged by Node's store and `NODE_EXTRA_CA_CERTS`, not by `tls`, which is the
 * target's alone.
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
  const timeoutMs = limits.idleTimeoutMs ?? TUNNEL_TIMEOUT_MS;
  const isSocks = proxy?.protocol.startsWith('socks5') === true;
  if (target.protocol === 'https:') {
    const agent = secured(forOne(new https.Agent({ ...options, ...judging(tls) })), tls);
    if (proxy === undefined) return agent;
    return isSocks ? overSocks(agent, proxy, timeoutMs) : tunnelling(agent, proxy, timeoutMs);
  }
  if (isSocks) return overSocks(forOne(new http.Agent(options)), proxy, timeoutMs);
  return new http.Agent({ ...options, ...(proxy === undefined ? {} : { proxyEnv: { HTTP_PROXY: proxy.href } }) });
}

/** It has one target, and its connections are all alike. Node writes all that could make one differ into its name, three times for each request. */
function forOne<T extends http.Agent>(agent: T): T {
  agent.getName = () => 'target';
  return agent;
}

function judging({ servername, rejectUnauthorized }: TlsOptions): TlsOptions {
  return {
    ...(servername === undefined ? {} : { servername }),
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
  };
}

const contexts = new WeakMap<TlsOptions, SecureContext>();

/** Has the certificates read with the first connection, once for all; Node's agent would read them for each. */
function secured(agent: https.Agent, tls: TlsOptions): https.Agent {
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const secureContext = contexts.get(tls) ?? createSecureContext(certificates(tls));
    contexts.set(tls, secureContext);
    // Node's types know of it only where a socket is opened.
    const given: http.ClientRequestArgs & { secureContext: SecureContext } = { ...options, secureContext };
    return connect(given, callback);
  };
  return agent;
}

function certificates({ ca, cert, key }: TlsOptions): SecureContextOptions {
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

const TUNNEL_TIMEOUT_MS = 30_000;

/**
 * The agent, its connections made through the proxy. Not by Node's own `proxyEnv`: that keeps whatever the proxy sends
 * before the end of its answer's head, without a bound; here Node's parser reads it, which takes 16 KiB.
 */
function tunnelling(agent: https.Agent, proxy: URL, timeoutMs: number): https.Agent {
  const secured = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const request = connectRequest(proxy, `${bracketed(options.host ?? '')}:${options.port ?? 443}`, timeoutMs);
    const fail = (why: string, code: string) => {
      // Node's types want a socket beside an error.
      const failed = callback as ((error: Error) => void) | undefined;
      failed?.(Object.assign(new Error(`the proxy ${proxy.host}: ${why}`), { code }));
    };
    request.once('connect', ({ statusCode, statusMessage }, socket) => {
      if (statusCode === 200) {
        // A TLS client takes a connection that is there, though Node's types know only of sockets that it makes.
        const over: http.ClientRequestArgs & { socket: Duplex } = { ...options, socket };
        callback?.(null, secured(over) ?? socket);
        return;
      }
      socket.destroy();
      fail(`it answered CONNECT with HTTP ${statusCode} ${statusMessage}`, 'ERR_PROXY_TUNNEL');
    });
    request.once('timeout', () => {
      request.destroy(Object.assign(new Error('it did not answer CONNECT'), { code: 'ETIMEDOUT' }));
    });
    request.once('error', (error) => fail(error.message, 'code' in error ? String(error.code) : 'ERR_PROXY_TUNNEL'));
    request.end();
    return undefined;
  };
  return agent;
}

/** The agent, its connections made through a SOCKS proxy. */
function overSocks<T extends http.Agent>(agent: T, proxy: URL, timeoutMs: number): T {
  const secured = agent instanceof https.Agent ? agent.createConnection.bind(agent) : undefined;
  agent.createConnection = (options, callback) => {
    // Node's types want a socket beside an error.
    const failed = callback as ((error: Error) => void) | undefined;
    const target = { host: (options.host ?? '').replace(/^\[|\]$/g, ''), port: Number(options.port) };
    const connect = async () => {
      const { throughSocks } = await import('./socks.ts');
      const socket = await throughSocks(proxy, target, timeoutMs);
      const over: http.ClientRequestArgs & { socket: Duplex } = { ...options, socket };
      callback?.(null, secured?.(over) ?? socket);
    };
    void connect().catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      failed?.(Object.assign(new Error(`the proxy ${proxy.host}: ${why}`), { code: 'ERR_PROXY_TUNNEL' }));
    });
    return undefined;
  };
  return agent;
}

function connectRequest(proxy: URL, target: string, timeoutMs: number): http.ClientRequest {
  const isSecure = proxy.protocol === 'https:';
  const login = [proxy.username, proxy.password].map(decodeURIComponent).join(':');
  const authorization =
    login === ':' ? {} : { 'proxy-authorization': `Basic ${Buffer.from(login).toString('base64')}` };
  return (isSecure ? https : http).request({
    host: proxy.hostname.replace(/^\[|\]$/g, ''),
    port: proxy.port || (isSecure ? 443 : 80),
    method: 'CONNECT',
    path: target,
    headers: { host: target, ...authorization },
    agent: false,
    timeout: timeoutMs,
  });
}

function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

import net from 'node:net';
import tls, { type SecureContextOptions } from 'node:tls';
import { AnswerParser, type Head } from './answer-parser.ts';
import { codeOf, messageOf } from './network-error.ts';

/** How the target's certificate is judged, and what we show of our own. */
export type TlsOptions = Pick<SecureContextOptions, 'ca' | 'cert' | 'key'> & {
  /** The name that the target's certificate must carry, where it is not the host asked for. */
  servername?: string;
  rejectUnauthorized?: boolean;
};

export type Target = {
  isSecure: boolean;
  /** A name or an address, an IPv6 address without brackets. */
  host: string;
  port: number;
};

/** How to come to a target. */
export type Way = {
  target: Target;
  /** The target is asked for through it. */
  proxy: URL | undefined;
  /**
   * Of the target alone: the certificate of an `https:` proxy is judged by Node's store and `NODE_EXTRA_CA_CERTS`.
   */
  tls: TlsOptions;
  /** For a proxy, to open the way. */
  timeoutMs: number;
};

/** What TLS keeps of a connection, so that the next is agreed upon sooner. */
export type TlsMemory = { context?: tls.SecureContext; session?: Buffer };

/** Reads the target of a URL. */
export function targetOf(url: URL): Target {
  const isSecure = url.protocol === 'https:';
  return { isSecure, host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port) || (isSecure ? 443 : 80) };
}

/** The host as it stands in a request: with brackets where it is an IPv6 address, and with the port where it is not the usual one. */
export function authorityOf({ isSecure, host, port }: Target): string {
  const usual = isSecure ? 443 : 80;
  return port === usual ? bracketed(host) : `${bracketed(host)}:${port}`;
}

/** The proxy that is sent the requests themselves, with the whole URL of each; undefined where none is. */
export function forwarderOf({ proxy, target }: Way): URL | undefined {
  return proxy === undefined || target.isSecure || isSocks(proxy) ? undefined : proxy;
}

/** What a proxy is told of who asks. */
export function proxyHeaders(proxy: URL): Readonly<Record<string, string>> {
  const login = [proxy.username, proxy.password].map(decodeURIComponent).join(':');
  return login === ':' ? {} : { 'proxy-authorization': `Basic ${Buffer.from(login).toString('base64')}` };
}

/**
 * Makes a connection over which requests can be sent: connected, and agreed on TLS.
 * @throws what connecting fails with; the signal's reason.
 */
export async function dial(way: Way, memory: TlsMemory, signal: AbortSignal): Promise<net.Socket> {
  const { proxy, target } = way;
  if (proxy === undefined) return target.isSecure ? secured(way, memory, undefined, signal) : opened(target, signal);
  const over = await throughProxy(proxy, way, signal);
  return target.isSecure ? secured(way, memory, over, signal) : over;
}

const KEEP_ALIVE_MS = 1000;
const socketOptions = { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS } as const;

function opened({ host, port }: Pick<Target, 'host' | 'port'>, signal: AbortSignal): Promise<net.Socket> {
  return made(net.connect({ host, port, ...socketOptions }), 'connect', signal);
}

function secured(
  { target: { host, port }, tls: options }: Way,
  memory: TlsMemory,
  over: net.Socket | undefined,
  signal: AbortSignal,
): Promise<net.Socket> {
  // The certificates are read once for all connections.
  memory.context ??= tls.createSecureContext(certificates(options));
  const { servername = net.isIP(host) === 0 ? host : '', rejectUnauthorized } = options;
  const socket = tls.connect({
    ...(over === undefined ? { host, port, ...socketOptions } : { host, socket: over }),
    secureContext: memory.context,
    servername,
    ALPNProtocols: ['http/1.1'],
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
    ...(memory.session === undefined ? {} : { session: memory.session }),
  });
  socket.on('session', (session) => (memory.session = session));
  return made(socket, 'secureConnect', signal).catch((error: unknown) => {
    delete memory.session;
    throw error;
  });
}

function certificates({ ca, cert, key }: TlsOptions): SecureContextOptions {
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

/** The socket, once the event came. */
function made(socket: net.Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<net.Socket> {
  return ready(socket, signal, (done) => {
    socket.once(event, done);
    return () => socket.off(event, done);
  });
}

/** Begins something with a socket; `done` and `fail` may be called later. @returns ends listening. */
type Begin = (done: () => void, fail: (error: Error) => void) => () => unknown;

/** The socket, once what is begun with it is done; closed where it fails, ends, or is given up before. */
function ready(socket: net.Socket, signal: AbortSignal, begin: Begin): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      leave();
      socket.destroy();
      reject(error);
    };
    const onClose = () => fail(hangUp());
    const onAbort = () => fail(reasonOf(signal));
    const leave = () => {
      end();
      socket.off('error', fail).off('close', onClose).off('end', onClose);
      // Whoever takes it hears of its errors; until then nobody does.
      socket.on('error', () => undefined);
      signal.removeEventListener('abort', onAbort);
    };
    const end = begin(() => {
      leave();
      resolve(socket);
    }, fail);
    socket.once('error', fail).once('close', onClose).once('end', onClose);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
  });
}

async function throughProxy(proxy: URL, way: Way, signal: AbortSignal): Promise<net.Socket> {
  try {
    if (isSocks(proxy)) {
      const { throughSocks } = await import('./socks.ts');
      const socket = await throughSocks(proxy, way.target, way.timeoutMs);
      socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
      socket.on('error', () => undefined);
      if (signal.aborted) socket.destroy();
      signal.throwIfAborted();
      return socket;
    }
    const toProxy = { target: targetOf(proxy), proxy: undefined, tls: {}, timeoutMs: way.timeoutMs };
    const socket = await dial(toProxy, {}, signal);
    return forwarderOf(way) === undefined ? await tunnel(socket, proxy, way, signal) : socket;
  } catch (error) {
    signal.throwIfAborted();
    const failed = asError(error);
    const code = codeOf(failed) || 'ERR_PROXY_TUNNEL';
    throw Object.assign(new Error(`the proxy ${proxy.host}: ${messageOf(failed)}`, { cause: error }), { code });
  }
}

/** Has the proxy connect the socket with the target. */
function tunnel(socket: net.Socket, proxy: URL, way: Way, signal: AbortSignal): Promise<net.Socket> {
  return ready(socket, signal, (done, fail) => {
    const head = ({ status, reason }: Head) => {
      if (status !== 200) throw new Error(`it answered CONNECT with HTTP ${status} ${reason}`);
    };
    const parser = new AnswerParser({ head, data: () => undefined, end: done }, false);
    const onData = (chunk: Buffer) => {
      try {
        parser.read(chunk);
      } catch (error) {
        fail(asError(error));
      }
    };
    const late = () => fail(Object.assign(new Error('it did not answer CONNECT'), { code: 'ETIMEDOUT' }));
    const timer = setTimeout(late, way.timeoutMs);
    socket.on('data', onData);
    const authority = `${bracketed(way.target.host)}:${way.target.port}`;
    const login = Object.entries(proxyHeaders(proxy)).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${login.join('')}\r\n`, 'latin1');
    return () => {
      clearTimeout(timer);
      socket.off('data', onData);
    };
  });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function hangUp(): Error {
  return Object.assign(new Error('the connection was closed before it was made'), { code: 'ECONNRESET' });
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('given up');
}

function isSocks(proxy: URL): boolean {
  return proxy.protocol.startsWith('socks5');
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

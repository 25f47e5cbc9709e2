import { BlockList, isIP } from 'node:net';
import { failure, type Result } from '../../core/failures/errors.ts';

/** The variables a proxy is set with; the upper-case name wins where both are set. */
export type ProxyEnv = {
  readonly HTTPS_PROXY?: string | undefined;
  readonly https_proxy?: string | undefined;
  readonly HTTP_PROXY?: string | undefined;
  readonly http_proxy?: string | undefined;
  readonly NO_PROXY?: string | undefined;
  readonly no_proxy?: string | undefined;
};

/**
 * The proxy for requests to `target`, or `undefined` where it is asked directly. Decides as Go's `httpproxy` does,
 * since kubectl and most else in a cluster reads the same variables so.
 * @returns `ProxyInvalid` when the variable that applies holds no usable URL.
 */
export function proxyFor(target: URL, env: ProxyEnv): Result<URL | undefined> {
  const names = target.protocol === 'https:' ? httpsNames : httpNames;
  const name = names.find((name) => (env[name] ?? '') !== '');
  if (name === undefined || isExempt(target, env.NO_PROXY || env.no_proxy || '')) {
    return { ok: true, value: undefined };
  }
  return parseProxy(env[name] ?? '', name);
}

const httpsNames = ['HTTPS_PROXY', 'https_proxy'] as const;
const httpNames = ['HTTP_PROXY', 'http_proxy'] as const;

/**
 * Reads the URL of a proxy; a value without a scheme is taken as `http://`.
 * @param name the variable or field that holds it, for the message.
 * @returns `ProxyInvalid`, which never repeats the user and password of the URL.
 */
export function parseProxy(value: string, name: string): Result<URL> {
  const trimmed = value.trim();
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`);
  const shown = withoutUserInfo(trimmed);
  if (url === null || url.hostname === '') return invalid(name, `"${shown}" is not a URL`);
  if (!['http:', 'https:', 'socks5:', 'socks5h:'].includes(url.protocol)) {
    return invalid(name, `"${shown}" is a ${url.protocol.slice(0, -1)} proxy; http, https and socks5 are supported`);
  }
  if (!isDecodable(url.username) || !isDecodable(url.password)) {
    return invalid(name, `the user or the password of "${shown}" holds a "%" that begins no escape: write %25`);
  }
  return { ok: true, value: url };
}

function isDecodable(text: string): boolean {
  try {
    return decodeURIComponent(text) !== undefined;
  } catch {
    return false;
  }
}

function invalid(name: string, why: string): Result<URL> {
  return { ok: false, failure: failure('ProxyInvalid', { where: name, why, name }) };
}

/** Greedy up to the last `@`: a password may hold any character, and the URL may be too broken to be parsed. */
function withoutUserInfo(value: string): string {
  return value.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1…@');
}

function isExempt(target: URL, noProxy: string): boolean {
  const host = target.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (host === 'localhost' || isLoopback(host) || isOfNode(host)) return true;
  const port = target.port || (target.protocol === 'https:' ? '443' : '80');
  return noProxy.split(',').some((entry) => matches(entry.trim().toLowerCase(), host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === '') return false;
  if (entry === '*') return true;
  if (entry.includes('/')) return isInSubnet(host, entry);
  const named = splitPort(entry);
  if (named.host === '' || (named.port !== '' && named.port !== port)) return false;
  if (isIP(named.host) !== 0) return isSameAddress(named.host, host);
  return isSameDomain(named.host, host);
}

/** `example.com` covers itself and what is below it; `.example.com` and `*.example.com` only what is below. */
function isSameDomain(named: string, host: string): boolean {
  if (named.startsWith('*.')) return host.endsWith(named.slice(1));
  if (named.startsWith('.')) return host.endsWith(named);
  return host === named || host.endsWith(`.${named}`);
}

function splitPort(entry: string): { host: string; port: string } {
  if (isIP(entry) !== 0) return { host: entry, port: '' };
  const match = /^(?:\[(?<v6>[^\]]*)\]|(?<name>[^:]*))(?::(?<port>\d+))?$/.exec(entry);
  const groups = match?.groups ?? {};
  return { host: groups['v6'] ?? groups['name'] ?? '', port: groups['port'] ?? '' };
}

function isLoopback(host: string): boolean {
  return isInSubnet(host, '127.0.0.0/8') || isInSubnet(host, '::1/128');
}

/** Link-local addresses, and those of AWS: what answers there is on this machine, which no proxy reaches. */
function isOfNode(host: string): boolean {
  return ['169.254.0.0/16', 'fe80::/10', 'fd00:ec2::/32'].some((subnet) => isInSubnet(host, subnet));
}

function isSameAddress(named: string, host: string): boolean {
  return isInSubnet(host, `${named}/${isIP(named) === 4 ? 32 : 128}`);
}

/** False for a host that is a name, and for an entry that is no subnet: Go passes over those too. */
function isInSubnet(host: string, cidr: string): boolean {
  const [network = '', length = ''] = cidr.split('/');
  const family = isIP(network);
  const ofHost = isIP(host);
  if (family === 0 || ofHost === 0 || !/^\d{1,3}$/.test(length)) return false;
  if (Number(length) > (family === 4 ? 32 : 128)) return false;
  const subnet = new BlockList();
  subnet.addSubnet(network, Number(length), family === 4 ? 'ipv4' : 'ipv6');
  return subnet.check(host, ofHost === 4 ? 'ipv4' : 'ipv6');
}

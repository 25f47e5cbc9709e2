import { getCACertificates } from 'node:tls';
import { failure, type Result } from '../../../core/failures/errors.ts';
import { parseProxy, proxyFor, type ProxyEnv } from '../../http/proxy.ts';
import type { TlsOptions } from '../../http/dial.ts';
import { flagIn, pemIn, textIn, titleOf, type Entry } from './entry.ts';
import { judgeAuthority } from './pem.ts';

const authority = 'certificate-authority';
const insecure = 'insecure-skip-tls-verify';

/**
 * Where a cluster's server is. Without a scheme or a host it is `https://` for whoever names an authority, a client
 * certificate or the insecure flag, else `http://` (client-go: `DefaultServerURL`, which kubectl asks before it has read
 * these, and so never speaks TLS there).
 * @throws for what is no URL of HTTP, and for one with a user or a password.
 */
export function serverIn(cluster: Entry, user: Entry): URL {
  const text = textIn(cluster, 'server');
  if (text === '') throw new Error(`${titleOf(cluster)} names no server`);
  const shown = text.replace(/^([^/]*\/\/)?.*@/s, '$1…@');
  const scheme = /^([a-z][a-z0-9+.-]*):\/\/[^/]/i.exec(text)?.[1]?.toLowerCase();
  // A scheme alone (`https:`, `https://`) would be taken for the name of a host.
  if (scheme === undefined && !/^[^/\s]*[^/\s:]\/?$/.test(text)) throw new Error(noUrl(shown));
  const url = URL.parse(scheme === undefined ? `${speaksTls(cluster, user) ? 'https' : 'http'}://${text}` : text);
  if (url === null) throw new Error(noUrl(shown));
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new Error(`the server ${shown} speaks ${scheme}, and only https and http are spoken here`);
  }
  if (url.username + url.password !== '') throw new Error(`the server ${shown} holds a user or a password`);
  return url;
}

function noUrl(shown: string): string {
  return `the server ${shown} is no URL`;
}

function speaksTls(cluster: Entry, user: Entry): boolean {
  const named = (entry: Entry, field: string) => textIn(entry, field) + textIn(entry, `${field}-data`) !== '';
  return flagIn(cluster, insecure) || named(cluster, authority) || named(user, 'client-certificate');
}

/**
 * The proxy on the way to the server: the cluster's own, which has to name its protocol (client-go: `parseProxyURL`), else
 * the environment's.
 */
export function proxyIn(cluster: Entry, server: URL, env: ProxyEnv): Result<URL | undefined> {
  const text = textIn(cluster, 'proxy-url');
  if (text === '') return proxyFor(server, env);
  const name = `proxy-url of ${titleOf(cluster)}`;
  if (/^(?:https?|socks5):\/\//i.test(text)) return parseProxy(text, name);
  const why = `"${text.replace(/^.*@/s, '…@')}" does not begin with http://, https:// or socks5://`;
  return { ok: false, failure: failure('ProxyInvalid', { where: cluster.file, why: `${name}: ${why}`, name }) };
}

/**
 * How the server's certificate is judged.
 * @throws for an authority that cannot be read, and for one beside the flag not to look (client-go: `TLSConfigFor`).
 */
export function trustIn(cluster: Entry): TlsOptions {
  const servername = textIn(cluster, 'tls-server-name');
  const named = servername === '' ? {} : { servername };
  const ca = pemIn(cluster, authority);
  if (!flagIn(cluster, insecure)) return { ...named, ...trusting(ca === undefined ? undefined : judged(ca)) };
  if (ca === undefined) return { ...named, rejectUnauthorized: false };
  throw new Error(`${titleOf(cluster)} has a ${authority} and ${insecure}, which says not to look at it`);
}

function judged(ca: NonNullable<ReturnType<typeof pemIn>>): string {
  judgeAuthority(ca);
  return ca.text;
}

function trusting(ca: string | undefined): TlsOptions {
  const trusted = ca ?? machines();
  return trusted === undefined ? {} : { ca: trusted };
}

let known: { authorities: string[] | undefined } | undefined;

/** Go takes the machine's authorities, Node its own; undefined where the machine has no others. */
function machines(): string[] | undefined {
  known ??= { authorities: withOthers(getCACertificates('default')) };
  return known.authorities;
}

function withOthers(own: string[]): string[] | undefined {
  const others = getCACertificates('system').filter((each) => !own.includes(each));
  return others.length === 0 ? undefined : [...own, ...others];
}

import type { Exchange } from './exchange.ts';
import type { User } from './rbac.ts';
import { StatusError } from './status.ts';
import type { Tokens } from './tokens.ts';

export const administrator: User = { name: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };
const anonymous: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

function unauthorized(): StatusError {
  return new StatusError(401, 'Unauthorized', { reason: 'Unauthorized' });
}

/**
 * Who the request's credentials belong to: a bearer token goes before a client certificate, none at all is anonymous.
 *
 * @throws StatusError 401 for a token that is not known or has expired, and for a certificate that the CA did not sign or
 *   that has expired
 */
export function authenticate(exchange: Exchange, adminToken: string, tokens: Tokens): User {
  const header = exchange.header('authorization');
  if (header !== undefined) {
    const token = /^bearer (.+)$/i.exec(header)?.[1] ?? '';
    const user = token === adminToken ? administrator : tokens.authenticate(token);
    if (user === undefined) throw unauthorized();
    return user;
  }
  const shown = exchange.clientCertificate();
  if (shown === 'untrusted') throw unauthorized();
  return shown ?? anonymous;
}

/** The user whom the impersonation headers name; undefined where there are none. */
export function impersonated(exchange: Exchange): User | undefined {
  const name = utf8(exchange.header('impersonate-user'));
  if (name === undefined) return undefined;
  const groups = exchange.headerValues('impersonate-group').map(utf8);
  const all = groups.length > 0 ? groups : impliedGroups(name);
  const known = all.includes('system:unauthenticated') || all.includes('system:authenticated');
  const uid = utf8(exchange.header('impersonate-uid'));
  const extra = impersonatedExtra(exchange);
  return {
    name,
    groups: known || name === anonymous.name ? all : [...all, 'system:authenticated'],
    ...(uid === undefined ? {} : { uid }),
    ...(extra === undefined ? {} : { extra }),
  };
}

/** Keys come in lower case, with percent signs for what a header's name cannot hold. */
function impersonatedExtra(exchange: Exchange): Record<string, string[]> | undefined {
  const prefix = 'impersonate-extra-';
  const names = exchange.headerNames().filter((name) => name.startsWith(prefix));
  if (names.length === 0) return undefined;
  const entries = names.map((name) => [
    decodeURIComponent(name.slice(prefix.length)),
    exchange.headerValues(name).map(utf8),
  ]);
  return Object.fromEntries(entries);
}

function impliedGroups(name: string): string[] {
  if (name === anonymous.name) return [...anonymous.groups];
  const [, , namespace] = name.startsWith('system:serviceaccount:') ? name.split(':') : [];
  return namespace === undefined ? [] : ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
}

/** Go takes a header's bytes for UTF-8; Node for a character each. */
function utf8<T extends string | undefined>(header: T): T {
  return (header === undefined ? undefined : Buffer.from(header, 'latin1').toString('utf8')) as T; // undefined as before
}

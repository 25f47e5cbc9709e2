import { isRecord, text } from '../api/reply.ts';
import { parseBounded, type Parsed } from '../text/bounded-json.ts';
import type { AuthorizationToken } from './token.ts';

/**
 * One login of a docker config; secret. Every client decodes `auth`; a user and a password beside it would make a secret half as
 * large again, and nobody would read them (docs/decisions/0008-cost.md).
 */
export type Login = { auth: string };

/**
 * The docker config for a set of tokens: bare hosts as keys, since clients other than the kubelet know no others, and
 * keys sorted so that equal logins give equal bytes.
 */
export function dockerConfig(tokens: readonly AuthorizationToken[]): { auths: Record<string, Login> } {
  const logins = tokens.flatMap((token) => token.hosts.map((host) => [host, loginOf(token)] as const));
  return { auths: Object.fromEntries(logins.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

function loginOf(token: AuthorizationToken): Login {
  return { auth: Buffer.from(`AWS:${token.password}`).toString('base64') };
}

/** What an existing `.dockerconfigjson` holds beside our own logins. */
export type Foreign = {
  /** Registries of others, as their keys are written. */
  registries: readonly string[];
  /** Top-level keys other than `auths` that say something, such as `credHelpers`. */
  settings: readonly string[];
  /**
   * Those among them that no kubelet can read, which then uses no login at all: it decodes a docker config as a whole
   * (`pkg/credentialprovider/config.go`). Absent where there are none.
   */
  unreadable?: readonly string[];
  /** Why nobody can tell: it is more than is looked at. */
  tooMuch?: string;
};

/**
 * What would be lost if `ours` replaced the config in `data`. Nothing is lost of a config that no client can read.
 * @param data base64, as in the secret's `data`.
 */
export function foreignContents(data: string | undefined, ours: readonly string[]): Foreign {
  const read = parsed(data);
  if (read.kind === 'tooMuch') return { registries: [], settings: [], tooMuch: read.why };
  const config = configIn(read);
  const auths = isRecord(config['auths']) ? config['auths'] : {};
  const registries = Object.keys(auths).filter((key) => !ours.includes(bareHost(key)));
  const settings = Object.keys(config).filter((key) => key !== 'auths' && !isEmpty(config[key]));
  const unreadable = unreadableIn(config, registries);
  return { registries, settings, ...(unreadable.length === 0 ? {} : { unreadable }) };
}

/** Whether nothing would be lost. */
export function isNothing({ registries, settings, tooMuch }: Foreign): boolean {
  return registries.length === 0 && settings.length === 0 && tooMuch === undefined;
}

/**
 * The existing config with our logins in place of any older ones for the same hosts; the rest is kept as it is, behind ours:
 * deploy/fence knows a docker config that is not blank by how it begins.
 * @param data of which all is known that is foreign in it.
 */
export function mergedConfig(data: string | undefined, tokens: readonly AuthorizationToken[]): Record<string, unknown> {
  const config = configIn(parsed(data));
  const ours = dockerConfig(tokens).auths;
  const theirs = Object.entries(isRecord(config['auths']) ? config['auths'] : {});
  const kept = theirs.filter(([key]) => !Object.hasOwn(ours, bareHost(key)));
  const others = Object.entries(config).filter(([key]) => key !== 'auths');
  return { auths: { ...ours, ...Object.fromEntries(kept) }, ...Object.fromEntries(others) };
}

/** What no kubelet can read, under the names it has. */
function unreadableIn(config: Record<string, unknown>, registries: readonly string[]): string[] {
  const auths = isRecord(config['auths']) ? config['auths'] : {};
  // Go finds a field whatever its case.
  const headers = Object.keys(config).filter((key) => /^httpheaders$/i.test(key) && !isOfTexts(config[key]));
  return [...registries.filter((key) => !isReadable(auths[key])), ...headers];
}

function isReadable(login: unknown): boolean {
  if (login === null) return true;
  if (!isRecord(login)) return false;
  const fields = ['username', 'password', 'email', 'auth'].map((name) => login[name] ?? '');
  return fields.every((field) => typeof field === 'string') && isReadableAuth(text(login['auth']));
}

/** With padding or without it, but not with one that is too short; line breaks are passed over. */
function isReadableAuth(auth: string): boolean {
  if (auth === '') return true;
  const plain = auth.replaceAll(/[\r\n]/g, '');
  const isPadded = plain.endsWith('=');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(plain) || (isPadded ? plain.length % 4 !== 0 : plain.length % 4 === 1))
    return false;
  return Buffer.from(plain, 'base64').includes(':');
}

function isOfTexts(value: unknown): boolean {
  return (
    value === null ||
    (isRecord(value) && Object.values(value).every((each) => each === null || typeof each === 'string'))
  );
}

/**
 * Whether a config holds a login that a client can use for each of these hosts.
 * @param data base64, as in the secret's `data`.
 */
export function holdsLogins(data: string | undefined, hosts: readonly string[]): boolean {
  const { auths } = configIn(parsed(data));
  const usable = Object.entries(isRecord(auths) ? auths : {}).filter(([, login]) => isUsable(login));
  const held = new Set(usable.map(([key]) => bareHost(key)));
  return hosts.every((host) => held.has(host));
}

/**
 * The passwords of the logins that a config holds for these hosts, by host; secret.
 * @param data base64, as in the secret's `data`.
 */
export function passwordsIn(data: string | undefined, hosts: readonly string[]): Map<string, string> {
  const { auths } = configIn(parsed(data));
  const held = Object.entries(isRecord(auths) ? auths : {}).map(([key, login]) => [bareHost(key), login] as const);
  const wanted = held.filter(([host]) => hosts.includes(host));
  return new Map(
    wanted.flatMap(([host, login]) => {
      const password = passwordOf(login);
      return password === undefined ? [] : [[host, password] as const];
    }),
  );
}

function isUsable(login: unknown): boolean {
  return passwordOf(login) !== undefined;
}

/** Of a login of ECR, as the kubelet reads it: `auth` before the other two. */
function passwordOf(login: unknown): string | undefined {
  if (!isRecord(login)) return undefined;
  const { auth, username, password } = login;
  if (typeof auth === 'string' && auth !== '') {
    return /^AWS:(.+)$/s.exec(Buffer.from(auth, 'base64').toString('utf8'))?.[1];
  }
  return username === 'AWS' && typeof password === 'string' && password !== '' ? password : undefined;
}

/** A key of `auths` without the scheme, version path and trailing slash that some tools write. */
export function bareHost(key: string): string {
  return key
    .replace(/^https?:\/\//, '')
    .replace(/\/(v[12]\/?)?$/, '')
    .toLowerCase();
}

/**
 * Hosts for which a config holds something that looks like a login; undefined where it is no docker config.
 * @param data base64, as in the secret's `data`.
 */
export function loginHosts(data: string | undefined): string[] | undefined {
  const { auths } = configIn(parsed(data));
  if (!isRecord(auths)) return undefined;
  return Object.entries(auths).flatMap(([key, login]) => (isLogin(login) ? [bareHost(key)] : []));
}

function isLogin(login: unknown): boolean {
  if (!isRecord(login)) return false;
  return text(login['auth']) !== '' || (text(login['username']) !== '' && text(login['password']) !== '');
}

/** Nobody nests a docker config deeper, or puts more into one: a hundred times the logins of a large one. */
const bounds = { depth: 32, values: 10_000 };

function parsed(data: string | undefined): Parsed {
  return parseBounded(Buffer.from(data ?? '', 'base64').toString('utf8'), bounds);
}

function configIn(read: Parsed): Record<string, unknown> {
  return read.kind === 'json' && isRecord(read.value) ? read.value : {};
}

function isEmpty(value: unknown): boolean {
  return value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
}

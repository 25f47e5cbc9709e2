import { createSecureContext } from 'node:tls';
import { isRecord } from '../../../core/api/reply.ts';
import type { Learn } from '../../../core/text/secrets.ts';
import type { TlsOptions } from '../../http/dial.ts';
import type { ChildHost } from '../../run-child.ts';
import { asHeader, sendable } from '../connection.ts';
import { trustIn } from './cluster.ts';
import type { Obtain, Obtained } from './credential-cache.ts';
import { fileIn, pathIn, pemIn, textIn, textsIn, titleOf, type Entry } from './entry.ts';
import { execPlugin, type ExecCredential } from './exec-plugin.ts';
import { parseExec } from './exec.ts';
import type { Chosen } from './file.ts';
import { judgePair } from './pem.ts';

/** What plugins and providers need of the process. */
export type Surroundings = ChildHost & { nowMs: () => number; learn: Learn };

export type User = {
  read: Obtain;
  /** Who issues the credentials, where somebody has to be asked. */
  issuer?: string;
  /** Why there are none. */
  anonymous?: string;
};

/**
 * How requests of a context are authenticated; files are read and judged once here, plugins are not run. What goes before
 * what is client-go's (`getUserIdentificationPartialConfig`, `validateAuthInfo`, and the transport's wrappers): a token, or
 * a certificate, keeps a plugin from being run, a token a provider from being asked; over plain HTTP nothing is sent.
 * @throws for what client-go refuses, and for what could not be sent or would only be refused.
 */
export async function userOf(chosen: Chosen, server: URL, surroundings: Surroundings): Promise<User> {
  const { cluster, user, isWithoutUser } = chosen;
  refuseContradictions(user);
  if (server.protocol === 'http:') {
    const why = 'kubeconfigs send none over http://';
    return { read: async () => ({ credentials: { headers: {}, tls: {} } }), anonymous: why };
  }
  const fixed = (): Fixed => ({
    headers: { ...authorizationOf(user), ...impersonationOf(user) },
    tls: { ...trustIn(cluster), ...certificateOf(user, surroundings.nowMs()) },
  });
  const { headers, tls } = fixed();
  createSecureContext(tls);
  const own = async (): Promise<Obtained> => ({ credentials: fixed() });
  const hasToken = headers['authorization'] !== undefined;
  if (isRecord(user.fields['auth-provider']) && !hasToken) {
    return withProvider(user.fields['auth-provider'], user, fixed, surroundings);
  }
  if (isRecord(user.fields['exec'])) {
    const exec = parseExec(user.fields['exec'], chosen, surroundings.hasTerminal);
    if (hasToken || tls.cert !== undefined) return { read: own };
    const plugin = execPlugin(exec, surroundings);
    const issuer = `${exec.command}, the plugin of ${titleOf(user)},`;
    return { issuer, read: async (isRefused) => withExec(fixed(), await plugin(isRefused)) };
  }
  if (hasToken || tls.cert !== undefined) return { read: own };
  const why = isWithoutUser ? `${titleOf(user)} names no user` : `${titleOf(user)} has no token, certificate or plugin`;
  return { read: own, anonymous: why };
}

type Fixed = { headers: Record<string, string | string[]>; tls: TlsOptions };

function refuseContradictions(user: Entry): void {
  const of = titleOf(user);
  const { exec, 'auth-provider': provider } = user.fields;
  if (exec !== undefined && exec !== null && !isRecord(exec)) throw new Error(`exec of ${of} is no map`);
  if (isRecord(exec) && isRecord(provider)) throw new Error(`${of} has both an exec plugin and an auth-provider`);
  if (textIn(user, 'username') + textIn(user, 'password') !== '') {
    throw new Error(`${of} has username and password, which API servers take no more since Kubernetes 1.19`);
  }
  if (textIn(user, 'as') !== '') return;
  const alone = ['as-uid', 'as-groups', 'as-user-extra'].find((field) => isSomething(user.fields[field]));
  if (alone !== undefined) throw new Error(`${of} has ${alone} without as`);
}

function isSomething(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && Object.keys(value).length > 0;
}

function withExec({ headers, tls }: Fixed, { token, cert, key, expiresAtMs }: ExecCredential): Obtained {
  return {
    credentials: {
      headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      tls: { ...tls, ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) },
    },
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
  };
}

/** What to use in place of the auth-providers that kubectl has dropped. */
const successors: ReadonlyMap<string, string> = new Map([
  ['gcp', 'gke-gcloud-auth-plugin'],
  ['azure', 'kubelogin'],
  ['openstack', 'client-keystone-auth'],
]);

async function withProvider(
  provider: Record<string, unknown>,
  user: Entry,
  fixed: () => Fixed,
  surroundings: Surroundings,
): Promise<User> {
  const name = textIn({ ...user, fields: provider }, 'name');
  if (name !== 'oidc') {
    const instead = successors.get(name) ?? 'an exec plugin';
    throw new Error(`kubectl has no auth-provider ${name} any more; ${titleOf(user)} needs ${instead}`);
  }
  const { oidcToken } = await import('./oidc.ts');
  const config: Entry = { ...user, fields: isRecord(provider['config']) ? provider['config'] : {} };
  const ca = pemIn(config, 'idp-certificate-authority')?.text;
  const token = oidcToken(config, { ...surroundings, userName: user.name, ca });
  return {
    issuer: `the OIDC provider of ${titleOf(user)}`,
    read: async () => {
      const { headers, tls } = fixed();
      const authorization = `Bearer ${sendable(await token(), `the id-token of ${titleOf(user)}`)}`;
      return { credentials: { headers: { ...headers, authorization }, tls } };
    },
  };
}

/**
 * The token file goes before the token, and is trimmed; where it cannot be read, the token stands (client-go:
 * `NewBearerAuthWithRefreshRoundTripper`). A token that stands in the kubeconfig is taken as it stands.
 */
function authorizationOf(user: Entry): { authorization?: string } {
  const token = tokenOf(user);
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

function tokenOf(user: Entry): string | undefined {
  const token = textIn(user, 'token');
  const path = textIn(user, 'tokenFile');
  if (path === '') return token === '' ? undefined : sendable(token, `the token of ${titleOf(user)}`);
  const file = pathIn(user, path);
  try {
    const read = fileIn(user, 'tokenFile').trim();
    if (read === '') throw new Error(`tokenFile ${file} is empty`);
    return sendable(read, file);
  } catch (error) {
    if (token === '') throw error;
    return sendable(token, `the token of ${titleOf(user)}`);
  }
}

function impersonationOf(user: Entry): Record<string, string | string[]> {
  const as = textIn(user, 'as');
  if (as === '') return {};
  const named = (value: string, field: string): string => {
    if (/\p{Cc}/u.test(value)) throw new Error(`${field} of ${titleOf(user)} holds a line break or the like`);
    return asHeader(value);
  };
  const uid = textIn(user, 'as-uid');
  const groups = textsIn(user, 'as-groups').map((group) => named(group, 'as-groups'));
  const extra = isRecord(user.fields['as-user-extra']) ? user.fields['as-user-extra'] : {};
  const ofExtra = Object.keys(extra).map((key) => [
    `impersonate-extra-${escaped(key)}`,
    textsIn({ ...user, fields: extra }, key).map((value) => named(value, 'as-user-extra')),
  ]);
  return {
    'impersonate-user': named(as, 'as'),
    ...(uid === '' ? {} : { 'impersonate-uid': named(uid, 'as-uid') }),
    ...(groups.length === 0 ? {} : { 'impersonate-group': groups }),
    ...Object.fromEntries(ofExtra),
  };
}

/** What the name of a header cannot hold stands there in percent signs (client-go: `headerKeyEscape`). */
function escaped(key: string): string {
  return encodeURIComponent(key).replaceAll('(', '%28').replaceAll(')', '%29').toLowerCase();
}

function certificateOf(user: Entry, nowMs: number): TlsOptions {
  const [cert, key] = [pemIn(user, 'client-certificate'), pemIn(user, 'client-key')];
  const of = titleOf(user);
  if (cert !== undefined && key === undefined) throw new Error(`${of} has a client certificate and no client-key`);
  if (cert === undefined && key !== undefined) throw new Error(`${of} has a client key and no client-certificate`);
  if (cert === undefined || key === undefined) return {};
  judgePair(cert, key, of, nowMs);
  return { cert: cert.text, key: key.text };
}

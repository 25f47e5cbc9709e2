import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { isRecord, text } from '../../../core/api/reply.ts';
import type { Learn } from '../../../core/text/secrets.ts';
import type { TlsOptions } from '../../http/proxied-agent.ts';
import { asHeader } from '../connection.ts';
import type { Obtain, Obtained } from './credential-cache.ts';
import { execPlugin, parseExec, type ExecCredential, type ProcessEnv } from './exec-plugin.ts';
import { pathIn, type Chosen, type Entry } from './file.ts';

/** What plugins and providers need of the process. */
export type Surroundings = { env: ProcessEnv; nowMs: () => number; learn: Learn };

export type User = { ok: true; read: Obtain; issuer?: string } | { ok: false; why: string };

/** How requests of a context are authenticated; files are read and judged once here, plugins are not run. */
export async function userOf(chosen: Chosen, surroundings: Surroundings): Promise<User> {
  const { user } = chosen;
  const fixed = () => ({ headers: fixedHeaders(user), tls: fixedTls(chosen) });
  try {
    createSecureContext(fixed().tls);
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) };
  }
  const provider = user.fields['auth-provider'];
  if (isRecord(provider)) return withProvider(provider, user, fixed, surroundings);
  if (!isRecord(user.fields['exec'])) return { ok: true, read: async () => ({ credentials: fixed() }) };

  const exec = parseExec(user.fields['exec'], chosen);
  if (!exec.ok) return exec;
  const plugin = execPlugin(exec.value, surroundings);
  const issuer = `${exec.value.command}, the plugin of the user ${user.name},`;
  return { ok: true, issuer, read: async (isRefused) => withExec(fixed(), await plugin(isRefused)) };
}

type Fixed = { headers: Record<string, string | string[]>; tls: TlsOptions };

/** The token of a plugin gives way to one that stands in the file, as with kubectl. */
function withExec({ headers, tls }: Fixed, { token, cert, key, expiresAtMs }: ExecCredential): Obtained {
  const authorization = headers['authorization'] ?? (token === undefined ? undefined : `Bearer ${token}`);
  return {
    credentials: {
      headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
      tls: { ...tls, ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) },
    },
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
  };
}

async function withProvider(
  provider: Record<string, unknown>,
  user: Entry,
  fixed: () => Fixed,
  surroundings: Surroundings,
): Promise<User> {
  if (provider['name'] !== 'oidc') {
    return {
      ok: false,
      why: `its auth-provider ${text(provider['name'])} is one that kubectl has dropped; use its exec plugin`,
    };
  }
  const { oidcToken } = await import('./oidc.ts');
  const config = isRecord(provider['config']) ? provider['config'] : {};
  const ca = pem({ ...user, fields: config }, 'idp-certificate-authority');
  const token = oidcToken(config, { ...surroundings, userName: user.name, ca });
  return {
    ok: true,
    issuer: `the OIDC provider of the user ${user.name}`,
    read: async () => {
      const { headers, tls } = fixed();
      return { credentials: { headers: { ...headers, authorization: `Bearer ${await token()}` }, tls } };
    },
  };
}

function fixedHeaders(user: Entry): Record<string, string | string[]> {
  const authorization = authorizationOf(user);
  return { ...(authorization === undefined ? {} : { authorization }), ...impersonationOf(user.fields) };
}

/** A token file wins over a token, as in client-go, whose tokens in both places are the same but for their age. */
function authorizationOf(user: Entry): string | undefined {
  const { fields } = user;
  const file = text(fields['tokenFile']);
  const token = file === '' ? text(fields['token']) : readText(pathIn(user, file), 'tokenFile').trim();
  if (token !== '' && !/^[\x21-\x7e]+$/.test(token))
    throw new Error(`${file === '' ? 'token' : file} holds more than one token`);
  if (token !== '') return `Bearer ${token}`;
  if (file !== '') throw new Error(`tokenFile ${pathIn(user, file)} is empty`);
  const username = text(fields['username']);
  if (username === '') return undefined;
  return `Basic ${Buffer.from(`${username}:${text(fields['password'])}`).toString('base64')}`;
}

function impersonationOf(fields: Entry['fields']): Record<string, string | string[]> {
  const user = text(fields['as']);
  if (user === '') return {};
  const uid = text(fields['as-uid']);
  const groups = strings(fields['as-groups']);
  const extra = isRecord(fields['as-user-extra']) ? Object.entries(fields['as-user-extra']) : [];
  return {
    'impersonate-user': asHeader(user),
    ...(uid === '' ? {} : { 'impersonate-uid': asHeader(uid) }),
    ...(groups.length === 0 ? {} : { 'impersonate-group': groups.map(asHeader) }),
    ...Object.fromEntries(
      extra.map(([key, values]) => [
        `impersonate-extra-${encodeURIComponent(key).toLowerCase()}`,
        strings(values).map(asHeader),
      ]),
    ),
  };
}

function fixedTls({ cluster, user }: Chosen): TlsOptions {
  const isInsecure = cluster.fields['insecure-skip-tls-verify'] === true;
  const servername = text(cluster.fields['tls-server-name']);
  const ca = isInsecure ? undefined : pem(cluster, 'certificate-authority');
  const cert = pem(user, 'client-certificate');
  const key = pem(user, 'client-key');
  if ((cert === undefined) !== (key === undefined)) {
    throw new Error(`the user ${user.name} has only one of client-certificate and client-key`);
  }
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(servername === '' ? {} : { servername }),
    ...(isInsecure ? { rejectUnauthorized: false } : {}),
  };
}

/** `field-data` in base64, else the file that `field` names. */
function pem(entry: Entry, field: string): string | undefined {
  const data = text(entry.fields[`${field}-data`]);
  const path = text(entry.fields[field]);
  if (data === '' && path === '') return undefined;
  const content = data === '' ? readText(pathIn(entry, path), field) : Buffer.from(data, 'base64').toString('utf8');
  if (content.includes('-----BEGIN ')) return content;
  throw new Error(
    data === '' ? `${field} ${pathIn(entry, path)} holds no PEM` : `${field}-data of ${entry.name} is no PEM in base64`,
  );
}

function readText(path: string, field: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`${field}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

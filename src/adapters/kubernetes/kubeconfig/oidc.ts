import { customFetch, discovery, refreshTokenGrant, type Configuration, type CustomFetch } from 'openid-client';
import { isRecord, text } from '../../../core/api/reply.ts';
import { proxyFor, type ProxyEnv } from '../../http/proxy.ts';
import type { Learn } from '../../../core/text/secrets.ts';
import { Connections } from '../../http/connections.ts';
import { targetOf } from '../../http/dial.ts';
import { answerReader } from '../answer.ts';
import { exchange } from '../../http/exchange.ts';
import { valueOf } from '../broken.ts';
import { textIn, titleOf, type Entry } from './entry.ts';

const TIMEOUT_S = 30;

/** What an `oidc` auth provider of a kubeconfig comes with, beside its `config`. */
export type OidcOptions = {
  userName: string;
  /** The provider's authority, PEM; absent: Node's own store. */
  ca: string | undefined;
  env: ProxyEnv;
  nowMs: () => number;
  learn: Learn;
};

/**
 * The id-token of an `oidc` auth provider, refreshed as it expires. Refreshed tokens are not written back to the file.
 * @param config what stands in it, as an entry of its own.
 * @returns a function that rejects when there is no token to be had.
 * @throws where it does not say who issues tokens, and to whom (client-go: `newOIDCAuthProvider`).
 */
export function oidcToken(config: Entry, options: OidcOptions): () => Promise<string> {
  const { userName, nowMs, learn } = options;
  const missing = ['idp-issuer-url', 'client-id'].find((field) => textIn(config, field) === '');
  if (missing !== undefined) throw new Error(`the auth-provider of ${titleOf(config)} has no ${missing}`);
  let idToken = textIn(config, 'id-token');
  let refreshToken = textIn(config, 'refresh-token');
  return async () => {
    if (idToken !== '' && nowMs() < expiresAtMs(idToken)) return idToken;
    if (refreshToken === '') {
      throw new Error(`the user ${userName}: its OIDC id-token has expired and has no refresh-token`);
    }
    try {
      const issued = await refreshTokenGrant(await discovered(config, options), refreshToken);
      idToken = issued.id_token ?? '';
      refreshToken = issued.refresh_token ?? refreshToken;
      for (const secret of [idToken, refreshToken, issued.access_token]) learn(secret);
    } catch (error) {
      const why = `its OIDC token could not be refreshed: ${innermost(error)}`;
      throw new Error(`the user ${userName}: ${why}`, { cause: error });
    }
    if (idToken === '') throw new Error(`the user ${userName}: its OIDC provider issued no id-token`);
    return idToken;
  };
}

function discovered(config: Entry, options: OidcOptions): Promise<Configuration> {
  const issuer = URL.parse(textIn(config, 'idp-issuer-url'));
  if (issuer === null) throw new Error('idp-issuer-url is no URL');
  const secret = textIn(config, 'client-secret') || undefined;
  return discovery(issuer, textIn(config, 'client-id'), secret, undefined, {
    timeout: TIMEOUT_S,
    [customFetch]: fetchWith(options),
  });
}

/** `fetch` through the proxy that is set, with the provider's authority, and with a bounded answer. */
function fetchWith({ ca, env, nowMs }: OidcOptions): CustomFetch {
  return async (address, { method, headers, body, signal }) => {
    const url = new URL(address);
    const proxy = proxyFor(url, env);
    if (!proxy.ok) throw new Error(proxy.failure.why);
    const timeoutMs = TIMEOUT_S * 1000;
    const way = { target: targetOf(url), proxy: proxy.value, tls: ca === undefined ? {} : { ca }, timeoutMs };
    const connections = new Connections(way, { most: 1, idleTimeoutMs: timeoutMs });
    // The grant's form; a discovery has none.
    const form = body instanceof URLSearchParams ? Buffer.from(body.toString()) : undefined;
    const outgoing = {
      connections,
      wanted: { method, path: url.pathname + url.search, headers, body: form },
      timeoutMs,
    };
    try {
      const outcome = await exchange(outgoing, signal ?? new AbortController().signal, answerReader(nowMs));
      const reply = valueOf(outcome, timeoutMs);
      if (reply.kind === 'answer') return Response.json(reply.body, { status: reply.status });
      throw new Error(`${url.host}: ${reply.message}`);
    } finally {
      connections.close();
    }
  };
}

/** When a JSON Web Token expires; 0 for what is none. Whether it is genuine is the API server's to judge. */
function expiresAtMs(token: string): number {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return isRecord(claims) && typeof claims['exp'] === 'number' ? claims['exp'] * 1000 : 0;
  } catch {
    return 0;
  }
}

/** The library says "something went wrong" around what did. */
function innermost(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return innermost(error.cause);
  const described = 'error_description' in error ? text(error.error_description) : '';
  return described || error.message;
}

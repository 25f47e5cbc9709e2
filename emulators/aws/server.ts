import { randomUUID } from 'node:crypto';
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { setTimeout as delay } from 'node:timers/promises';

import { accessDenied, awsError } from './errors.ts';
import { Faults, type Effect } from './faults.ts';
import { readRequest, type Reply } from './http.ts';
import { localCertificates } from '../certificates.ts';
import { MetadataEndpoints } from './metadata.ts';
import { nonsense } from './nonsense.ts';
import { Principals, type Principal, type Role, type UserOptions } from './principals.ts';
import { dispatch, type Dispatch, type Services } from './services.ts';
import { signatureExpired, signatureNotYetCurrent } from './sigv4.ts';
import { Stats } from './stats.ts';
import { Tokens, type IssuedToken } from './tokens.ts';
import { WebIdentities, type Registered } from './web-identity.ts';

export type AwsOptions = {
  port?: number;
  /** The emulator's clock, in epoch milliseconds; it also sets the `Date` header that SDKs correct their own clock by. */
  now?: () => number;
  /** How long an authorization token lives; twelve hours where it is absent. */
  tokenLifeMs?: number;
  /** Serves HTTPS, with the certificate that the emulators share or with another one (PEM). */
  tls?: true | { cert: string; key: string };
};

export type AwsEmulator = {
  url: string;
  /** A user and a role that may do everything, and what else a client needs to be one of them. */
  defaults: {
    accessKeyId: string;
    secretAccessKey: string;
    account: string;
    userArn: string;
    roleArn: string;
    podIdentityToken: string;
    containerCredentialsUrl: string;
  };
  addUser: (user: UserOptions) => Principal;
  removeUser: (accessKeyId: string) => void;
  addRole: (role: Role) => void;
  /** Makes a string that is no JWT a valid web identity token. */
  addWebIdentity: (token: string, identity: Registered) => void;
  faults: Faults;
  stats: Stats;
  issuedTokens: readonly IssuedToken[];
  isTokenValid: (password: string, nowMs?: number) => boolean;
  revokeTokens: () => void;
  /** Tokens that are issued from now on live so long. */
  liveFor: (lifeMs: number) => void;
  close: () => Promise<void>;
};

const ACCOUNT = '123456789012';
const USER = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  account: ACCOUNT,
};
const ROLE: Role = { arn: `arn:aws:iam::${ACCOUNT}:role/ecr-cred-helper` };
const POD_IDENTITY_TOKEN = 'pod-identity-token-of-the-emulator';

/** Starts ECR, ECR Public, STS, the Pod Identity agent and IMDSv2 on one port of 127.0.0.1. */
export async function startAws(options: AwsOptions = {}): Promise<AwsEmulator> {
  const now = options.now ?? Date.now;
  const principals = new Principals();
  const metadata = { podIdentityToken: POD_IDENTITY_TOKEN, roleArn: ROLE.arn, region: 'us-east-1' };
  const services: Services = {
    principals,
    tokens: new Tokens(options.tokenLifeMs),
    identities: new WebIdentities(),
    metadata: new MetadataEndpoints(principals, metadata, now),
    now,
  };
  const user = principals.addUser(USER);
  principals.addRole(ROLE);
  const faults = new Faults();
  const stats = new Stats();
  const closing = new AbortController();
  const state: State = { services, faults, stats, closing: closing.signal };
  const server = await listener(options, (message, response) => {
    serve(state, message, response).catch(() => message.socket.destroy());
  });
  const url = await listen(server, options);
  return {
    url,
    defaults: {
      ...USER,
      userArn: user.arn,
      roleArn: ROLE.arn,
      podIdentityToken: POD_IDENTITY_TOKEN,
      containerCredentialsUrl: `${url}/v1/credentials`,
    },
    addUser: (added) => principals.addUser(added),
    removeUser: (accessKeyId) => principals.removeUser(accessKeyId),
    addRole: (role) => principals.addRole(role),
    addWebIdentity: (token, identity) => services.identities.register(token, identity),
    faults,
    stats,
    issuedTokens: services.tokens.issued,
    isTokenValid: (password, nowMs = now()) => services.tokens.isValid(password, nowMs),
    revokeTokens: () => services.tokens.revokeAll(),
    liveFor: (lifeMs) => {
      services.tokens.lifeMs = lifeMs;
    },
    close: () => {
      closing.abort();
      return close(server);
    },
  };
}

type State = { services: Services; faults: Faults; stats: Stats; closing: AbortSignal };

async function serve(state: State, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const { services, faults, stats, closing } = state;
  const request = await readRequest(message);
  const requestId = randomUUID();
  const call = dispatch(services, request, requestId);
  const effect = faults.take(call.site);
  const record = (status: number) => stats.record({ ...call.site, accessKeyId: call.accessKeyId, status });
  if (effect !== undefined && 'hang' in effect) return record(0);
  if (effect !== undefined && 'reset' in effect) {
    record(0);
    return breakConnection(message, response, effect.reset);
  }
  if (effect !== undefined && 'delayMs' in effect) await delay(effect.delayMs, undefined, { signal: closing });
  const reply = replyTo(services, call, effect);
  record(reply.status);
  send(response, reply, requestId, services.now());
}

function replyTo(services: Services, call: Dispatch, effect: Effect | undefined): Reply {
  if (effect === undefined) return call.answer();
  const nowMs = services.now();
  if ('error' in effect)
    return call.fail(awsError(effect.error, effect.message ?? refusalFor(services, call, effect.error)));
  if ('skew' in effect) {
    const refuse = effect.skew === 'expired' ? signatureExpired : signatureNotYetCurrent;
    const hourMs = (effect.skew === 'expired' ? -1 : 1) * 60 * 60_000;
    return call.fail(refuse(call.site.service, nowMs + hourMs, nowMs));
  }
  if ('status' in effect) return { contentType: 'text/plain', body: '', ...effect };
  if ('nonsense' in effect) return nonsense(effect.nonsense, { account: ACCOUNT, region: call.site.region, nowMs });
  return call.answer();
}

// Only the denial names who was denied what.
function refusalFor(services: Services, { site, accessKeyId }: Dispatch, error: string): string | undefined {
  if (error !== 'AccessDeniedException') return undefined;
  const arn = services.principals.find(accessKeyId)?.arn ?? `arn:aws:iam::${ACCOUNT}:user/unknown`;
  return accessDenied(arn, `${site.service}:${site.action}`, '*').message;
}

function breakConnection(message: IncomingMessage, response: ServerResponse, when: true | 'midBody'): void {
  const { socket } = message;
  if (when === true) {
    // Only a bare TCP connection can be reset.
    if (socket instanceof TLSSocket) socket.destroy();
    else socket.resetAndDestroy();
    return;
  }
  response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1', 'content-length': 4096 });
  response.write('{"authorizationData":[{"authorizationToken":"QVdT', () => socket.destroy());
}

function send(response: ServerResponse, reply: Reply, requestId: string, nowMs: number): void {
  const body = Buffer.from(reply.body);
  response.writeHead(reply.status, {
    'x-amzn-requestid': requestId,
    date: new Date(nowMs).toUTCString(),
    'content-type': reply.contentType,
    'content-length': body.length,
    ...reply.headers,
  });
  response.end(body);
}

async function listener(
  { tls }: AwsOptions,
  handle: (message: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  if (tls === undefined) return createHttpServer(handle);
  return createHttpsServer(tls === true ? (await localCertificates()).server : tls, handle);
}

async function listen(server: Server, { port = 0, tls }: AwsOptions): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  // A server that listens on a TCP port has an address of this kind.
  const address = server.address() as AddressInfo;
  return `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${address.port}`;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

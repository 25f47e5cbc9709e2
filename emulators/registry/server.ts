import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

import { localCertificates } from '../certificates.ts';
import { readLogin, refusalOf } from './auth.ts';
import { lookUp, type Found, type NamedImage } from './content.ts';
import { buildImage } from './image.ts';
import { passOn } from './upstream.ts';

export type RegistryOptions = {
  /** Whether a login opens this registry; for ECR the user is always `AWS` and the password a token that still lives. */
  accepts: (user: string, password: string) => boolean;
  /** A registry without authentication (`http://…`) that everything is passed on to; without it, one built-in image. */
  upstream?: string;
  port?: number;
  /** Serves HTTPS, with the certificate that the emulators share or with another one (PEM). */
  tls?: true | { cert: string; key: string };
};

/** One request as it was answered; the user is absent where no login came. */
type Pull = { method: string; path: string; status: number; user: string | undefined };

export type Registry = {
  url: string;
  /** Host and port: the key of this registry in a docker config. */
  host: string;
  /** What can be pulled from the built-in registry, as `<host>/<repository>:<tag>`; empty before an upstream. */
  images: readonly { reference: string; digest: string }[];
  stats: { requests: readonly Pull[]; count: (status: number) => number; reset: () => void };
  close: () => Promise<void>;
};

const BUILT_IN: NamedImage = {
  repository: 'demo/hello',
  tag: '1.0',
  image: buildImage('hello.txt', 'Pulled with the secret that ecr-cred-helper wrote.\n'),
};
const KEPT = 10_000;

/** Starts a registry on 127.0.0.1 that asks for a login as ECR does. */
export async function startRegistry(options: RegistryOptions): Promise<Registry> {
  const requests: Pull[] = [];
  const scheme = options.tls === undefined ? 'http' : 'https';
  const server = await listener(options, (message, response) => {
    const login = readLogin(message.headers.authorization);
    const record = (status: number) => {
      requests.push({ method: message.method ?? 'GET', path: message.url ?? '/', status, user: login?.user });
      if (requests.length > KEPT) requests.shift();
    };
    serve(options, scheme, message, response).then(record, () => message.socket.destroy());
  });
  const host = await listen(server, options.port ?? 0);
  const held = options.upstream === undefined ? [BUILT_IN] : [];
  return {
    url: `${scheme}://${host}`,
    host,
    images: held.map(({ repository, tag, image }) => ({
      reference: `${host}/${repository}:${tag}`,
      digest: image.manifest.digest,
    })),
    stats: {
      requests,
      count: (status) => requests.filter((request) => request.status === status).length,
      reset: () => requests.splice(0),
    },
    close: () => close(server),
  };
}

async function serve(
  options: RegistryOptions,
  scheme: 'http' | 'https',
  message: IncomingMessage,
  response: ServerResponse,
): Promise<number> {
  response.setHeader('docker-distribution-api-version', 'registry/2.0');
  const login = readLogin(message.headers.authorization);
  if (login === undefined || !options.accepts(login.user, login.password)) {
    message.resume();
    return send(message, response, refusalOf(login, `${scheme}://${message.headers.host ?? ''}`));
  }
  if (options.upstream !== undefined) return passOn(new URL(options.upstream), scheme, message, response);
  message.resume();
  const [path = '/'] = (message.url ?? '/').split('?', 1);
  return send(message, response, lookUp([BUILT_IN], path));
}

function send(message: IncomingMessage, response: ServerResponse, { status, headers, body }: Found): number {
  const bytes = Buffer.from(body);
  response.writeHead(status, { ...headers, 'content-length': bytes.length });
  response.end(message.method === 'HEAD' ? undefined : bytes);
  return status;
}

async function listener(
  { tls }: RegistryOptions,
  handle: (message: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  if (tls === undefined) return createHttpServer(handle);
  return createHttpsServer(tls === true ? (await localCertificates()).server : tls, handle);
}

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  // A server that listens on a TCP port has an address of this kind.
  const address = server.address() as AddressInfo;
  return `127.0.0.1:${address.port}`;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

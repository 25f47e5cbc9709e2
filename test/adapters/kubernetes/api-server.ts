import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { after, before, beforeEach } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { localCertificates } from '../../../emulators/certificates.ts';
import type { Connection, Credentials } from '../../../src/adapters/kubernetes/connection.ts';

/** The certificates of the emulators. */
export const certificates = await localCertificates();

export type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void;

/** A TLS server on 127.0.0.1 that answers as a test says and counts its connections. */
export type ApiServer = {
  url: string;
  port: number;
  connections: number;
  /** Of the requests that came in whole, in order. */
  requests: { method: string; url: string; headers: http.IncomingHttpHeaders; clientName: string | undefined }[];
  handler: Handler;
  /** Cuts every open connection. */
  cut(): void;
  close(): Promise<void>;
};

export async function startApiServer(
  handler: Handler = json({ kind: 'Status' }),
  { plain = false } = {},
): Promise<ApiServer> {
  const sockets = new Set<Socket>();
  const answer: Handler = (request, response) => {
    request.resume();
    request.on('end', () => {
      const { method = '', url = '', headers, socket } = request;
      api.requests.push({ method, url, headers, clientName: clientName(socket) });
      api.handler(request, response);
    });
  };
  const options = { ...certificates.server, ca: certificates.ca, requestCert: true, rejectUnauthorized: false };
  const server = plain ? http.createServer(answer) : https.createServer(options, answer);
  server.on(plain ? 'connection' : 'secureConnection', (socket: Socket) => {
    api.connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server's
  const api: ApiServer = {
    url: `${plain ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    connections: 0,
    requests: [],
    handler,
    cut: () => sockets.forEach((socket) => socket.destroy()),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return api;
}

/** A server for a suite, which is before each of its tests as it was at first; to be asked for while they run. */
export function serverOfSuite(): () => ApiServer {
  let api: ApiServer;
  before(async () => {
    api = await startApiServer();
  });
  after(() => api.close());
  beforeEach(() => {
    api.requests.length = 0;
    api.connections = 0;
    api.handler = json({ kind: 'Status' });
  });
  return () => api;
}

/** Answers every request with this JSON. */
export function json(body: unknown, status = 200, headers: http.OutgoingHttpHeaders = {}): Handler {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

/** A connection whose credentials stay as they are. */
export function fixedConnection(url: string, credentials: Partial<Credentials> = {}, proxy?: URL): Connection {
  const given = { headers: {}, tls: { ca: certificates.ca }, ...credentials };
  return { server: new URL(url), proxy, credentials: () => given, renewed: async () => undefined };
}

function clientName(socket: Socket): string | undefined {
  if (!('getPeerCertificate' in socket)) return undefined;
  const certificate = (socket as TLSSocket).getPeerCertificate(); // told by the method
  return certificate.subject?.CN as string | undefined; // one CN in the fixtures
}

import type { AddressInfo, Socket } from 'node:net';
import { createServer, TLSSocket } from 'node:tls';
import { localCertificates, type Certificate } from '../certificates.ts';
import type { Exchange } from './exchange.ts';
import { http1Server } from './http1.ts';
import { serveHttp2 } from './http2.ts';
import type { User } from './rbac.ts';

/** The listening side: TLS with ALPN, then HTTP/2 or HTTP/1.1 as agreed. */
export interface Connections {
  port: number;
  /** Breaks every open connection at once. */
  drop: () => void;
  /** Stops listening and breaks what is open; {@link Connections.listen} starts again on the same port. */
  stop: () => Promise<void>;
  listen: () => Promise<void>;
  /** New connections get this certificate from now on. */
  certify: (certificate: Certificate) => void;
}

/** Listens on 127.0.0.1. `port` 0 takes any free one. `onConnection` is told of every TLS connection that is accepted. */
export async function listen(
  port: number,
  handle: (exchange: Exchange) => void,
  onConnection: () => void,
): Promise<Connections> {
  const open = new Set<Socket>();
  const { ca, server: own } = await localCertificates();
  const http1 = http1Server(handle, certificateOf);
  const server = createServer({
    ...own,
    ca,
    requestCert: true,
    rejectUnauthorized: false,
    ALPNProtocols: ['h2', 'http/1.1'],
  });
  // From the first packet on: one that is in the midst of its handshake would keep a server from stopping.
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.on('secureConnection', (socket) => {
    onConnection();
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    if (socket.alpnProtocol === 'h2') serveHttp2(socket, handle, certificateOf);
    else http1.emit('connection', socket);
  });
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  const start = (at: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(at, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  await start(port);
  const bound = (server.address() as AddressInfo).port; // listening on TCP
  const drop = (): void => {
    for (const socket of open) socket.destroy();
  };
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      drop();
    });
  const certify = ({ cert, key }: Certificate): void => server.setSecureContext({ cert, key, ca });
  return { port: bound, drop, stop, listen: () => start(bound), certify };
}

/** The user in a client certificate: its common name, with its organizations as groups. */
function certificateOf(socket: Socket): User | 'untrusted' | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const subject = socket.getPeerCertificate().subject as unknown as { CN?: string; O?: string | string[] } | undefined; // O repeats
  if (subject?.CN === undefined) return undefined;
  if (!socket.authorized) return 'untrusted';
  const organizations = subject.O === undefined ? [] : [subject.O].flat();
  return { name: subject.CN, groups: [...organizations, 'system:authenticated'] };
}

import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export type ConnectProxyOptions = {
  /** Where a tunnel really leads, as `host:port`; nothing refuses it. Both names are as in the `CONNECT` request. */
  route: (target: string) => string | undefined;
};

export type ConnectProxy = {
  /** What `HTTPS_PROXY` is set to. */
  url: string;
  /** The targets that were asked for, as `host:port`, the oldest first. */
  tunnels: readonly string[];
  close: () => Promise<void>;
};

const KEPT = 10_000;

/**
 * Starts an HTTP proxy on 127.0.0.1 that only tunnels. By it a client that knows nothing of emulators reaches one under
 * the name that the real service has.
 */
export async function startConnectProxy({ route }: ConnectProxyOptions): Promise<ConnectProxy> {
  const tunnels: string[] = [];
  const open = new Set<Duplex>();
  const server = createServer((_, response) => response.writeHead(405).end('only CONNECT\n'));
  server.on('connect', (message: IncomingMessage, client: Duplex, head: Buffer) => {
    const target = message.url ?? '';
    tunnels.push(target);
    if (tunnels.length > KEPT) tunnels.shift();
    const routed = route(target);
    if (routed === undefined) {
      client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    const upstream = tunnel(client, routed, head);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  // A server that listens on a TCP port has an address of this kind.
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of open) socket.destroy();
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, tunnels, close };
}

function tunnel(client: Duplex, target: string, head: Buffer): Socket {
  const { hostname, port } = new URL(`tcp://${target}`);
  const upstream = connect(Number(port), hostname, () => {
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    upstream.write(head);
    upstream.pipe(client).pipe(upstream);
  });
  upstream.on('error', () => client.destroy());
  client.on('error', () => upstream.destroy());
  client.on('close', () => upstream.destroy());
  return upstream;
}

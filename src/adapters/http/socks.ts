import type { Socket } from 'node:net';
import { SocksClient } from 'socks';

/**
 * A connection to a host through a SOCKS 5 proxy, which looks up the host's name.
 * @param proxy `socks5:` with host, and port and user and password where it has them.
 * @throws where the proxy is not there, or does not connect.
 */
export async function throughSocks(
  proxy: URL,
  { host, port }: { host: string; port: number },
  timeoutMs: number,
): Promise<Socket> {
  const [userId, password] = [proxy.username, proxy.password].map(decodeURIComponent);
  const { socket } = await SocksClient.createConnection({
    command: 'connect',
    proxy: {
      type: 5,
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: Number(proxy.port || 1080),
      ...(userId ? { userId, password: password ?? '' } : {}),
    },
    destination: { host, port },
    timeout: timeoutMs,
  });
  return socket;
}

import { once } from 'node:events';
import net, { type Server, type Socket } from 'node:net';

/**
 * Of RFC 1928, what a client needs; with user and password (RFC 1929) for who offers them.
 * @param asked is given each name or address that is asked for, with its port.
 * @param there is connected to instead, on the same port.
 */
export async function startSocksProxy(asked: string[] = [], there?: string): Promise<Server> {
  const server = net.createServer((client) => {
    client.on('error', () => client.destroy());
    void served(client).catch(() => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;

  async function served(client: Socket): Promise<void> {
    const next = async (): Promise<Buffer> => ((await once(client, 'data')) as [Buffer])[0];
    const offered = (await next()).subarray(2);
    const method = offered.includes(2) ? 2 : 0;
    client.write(Buffer.from([5, method]));
    if (method === 2) {
      const login = (await next()).toString('latin1');
      client.write(Buffer.from([1, login === '\x01\x02me\x06secret' ? 0 : 1]));
    }
    const request = await next();
    const address = request[3] === 1 ? request.subarray(4, 8).join('.') : request.subarray(5, -2).toString();
    const port = request.readUInt16BE(request.length - 2);
    asked.push(`${address}:${port}`);
    const target = net.connect(port, there ?? address, () => {
      client.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
      client.pipe(target).pipe(client);
    });
    target.on('error', () => client.destroy());
  }
}

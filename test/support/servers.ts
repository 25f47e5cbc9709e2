import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

/** Servers of a test that answer as no server should; closed together, whatever is open. */
export function troubledServers() {
  const closing: (() => unknown)[] = [];
  const open = new Map<number, Set<Socket>>();

  /** Listens on a free port of 127.0.0.1, which it gives back. */
  async function listen(server: Server): Promise<number> {
    const sockets = new Set<Socket>();
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const { port } = server.address() as AddressInfo; // on TCP
    open.set(port, sockets);
    return port;
  }

  /** Breaks every connection that was made to a port. */
  function breakOff(port: number): void {
    for (const socket of open.get(port) ?? []) socket.destroy();
  }

  /** A port whose queue of connections is full: who connects waits for ever. */
  async function unaccepting(): Promise<number> {
    const code = `
      const { parentPort, workerData } = require('node:worker_threads');
      const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
        parentPort.postMessage(server.address().port);
        setImmediate(() => Atomics.wait(new Int32Array(workerData), 0, 0));
      });`;
    const shared = new SharedArrayBuffer(4);
    const worker = new Worker(code, { eval: true, workerData: shared });
    const [port] = (await once(worker, 'message')) as [number]; // what the worker posts
    const filling = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
    // That the kernel's queue is full shows in nothing but a connection that does not come.
    await new Promise((resolve) => setTimeout(resolve, 100));
    closing.push(() => {
      for (const socket of filling) socket.destroy();
      Atomics.notify(new Int32Array(shared), 0);
      return worker.terminate();
    });
    return port;
  }

  return {
    listen,
    unaccepting,
    breakOff,
    closing: (close: () => unknown) => void closing.push(close),
    async close(): Promise<void> {
      for (const close of closing) await close();
    },
  };
}

/** Writes a kubeconfig with one context. @returns its path. */
export async function writeKubeconfig(path: string, server: string, user: object, ca: string): Promise<string> {
  const config = {
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    users: [{ name: 'u', user }],
  };
  await writeFile(path, JSON.stringify(config));
  return path;
}

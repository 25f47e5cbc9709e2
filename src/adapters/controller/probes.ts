import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { failure, type Result } from '../../core/failures/errors.ts';
import type { ProbeAnswers, Probes } from '../../ports.ts';

/** A request is a line; who is slower than this to send it is not served. */
const REQUEST_TIMEOUT_MS = 5000;
/** Each time, an idle process wakes up for it; who is too slow is in nobody's way. */
const CHECKED_EVERY_MS = 15_000;
/** Of those beyond, the one goes that has come first: whoever asks is answered, however many connect and say nothing. */
const MAX_CONNECTIONS = 100;

/**
 * Serves `/metrics`, `/healthz` and `/readyz`, and nothing else.
 * @param address `:8080`, `127.0.0.1:0` or `[::1]:8080`.
 * @returns `ListenFailed` where the address cannot be listened on.
 */
export function serveProbes(address: { host?: string; port: number }, answers: ProbeAnswers): Promise<Result<Probes>> {
  const limits = {
    requestTimeout: REQUEST_TIMEOUT_MS,
    headersTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: CHECKED_EVERY_MS,
  };
  const server = createServer(limits, (request, response) => void answer(request, response, answers));
  server.on('connection', boundTo(MAX_CONNECTIONS));
  const { promise, resolve } = Promise.withResolvers<Result<Probes>>();
  const where = `${address.host ?? ''}:${address.port}`;
  // Once it listens, what fails is one connection, as when the process has no file left for it; others may be taken later.
  server.on('error', (error) => {
    resolve({ ok: false, failure: failure('ListenFailed', { where, why: error.message }) });
  });
  server.listen(address.port, address.host, () => {
    // Listening on TCP, it has an address of this form.
    const { port } = server.address() as AddressInfo;
    resolve({ ok: true, value: { port, close: () => closed(server) } });
  });
  return promise;
}

async function answer(request: IncomingMessage, response: ServerResponse, answers: ProbeAnswers): Promise<void> {
  const path = request.url?.split('?', 1)[0];
  if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, 'method not allowed\n');
  if (path === '/healthz') return send(response, ...judged(answers.health()));
  if (path === '/readyz') return send(response, ...explained(judged(answers.readiness()), request.url, answers));
  if (path !== '/metrics') return send(response, 404, 'not found\n');
  send(response, 200, await answers.metrics(), 'text/plain; version=0.0.4; charset=utf-8');
}

function boundTo(most: number): (socket: Socket) => void {
  const open = new Set<Socket>();
  return (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    const [first] = open;
    if (open.size > most) first?.destroy();
  };
}

function judged(why: string | undefined): [number, string] {
  return why === undefined ? [200, 'ok\n'] : [503, `${why}\n`];
}

/** With `?verbose`, as an API server has it. */
function explained(answer: [number, string], url: string | undefined, answers: ProbeAnswers): [number, string] {
  const [, query = ''] = url?.split('?') ?? [];
  return new URLSearchParams(query).has('verbose') ? [answer[0], `${answers.explanation()}${answer[1]}`] : answer;
}

function send(response: ServerResponse, status: number, body: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

function closed(server: ReturnType<typeof createServer>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

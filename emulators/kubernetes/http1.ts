import { createServer, STATUS_CODES } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Answer, Exchange, Headers, Stream } from './exchange.ts';
import { isProtobuf } from './protobuf.ts';

/** The text that Go's server answers to bytes that are no request. */
const notARequest =
  'HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request';

type Handler = (exchange: Exchange) => void;

/** An HTTP/1.1 server without a port of its own: it is handed sockets that TLS is done with. */
export function http1Server(
  handle: Handler,
  certificateOf: (socket: Socket) => ReturnType<Exchange['clientCertificate']>,
): Server {
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () =>
      handle(
        http1Exchange(
          request,
          response,
          text(chunks, isProtobuf(request.headers['content-type']) ? 'latin1' : 'utf8'),
          certificateOf,
        ),
      ),
    );
  });
  const answering = new WeakSet<Socket>();
  server.on('request', (_request: IncomingMessage, response: ServerResponse) => {
    const { socket } = response;
    if (socket === null) return;
    answering.add(socket);
    response.once('finish', () => answering.delete(socket));
  });
  server.on('clientError', (_error: Error, socket: Socket) => {
    // Go reads on only when it has answered: stray bytes behind a request spoil the next request, not this one.
    if (answering.has(socket)) return;
    if (socket.writable) socket.end(notARequest);
    else socket.destroy();
  });
  return server;
}

function text(chunks: Buffer[], encoding: 'latin1' | 'utf8'): string {
  const [only] = chunks;
  if (only === undefined) return '';
  return (chunks.length === 1 ? only : Buffer.concat(chunks)).toString(encoding);
}

function http1Exchange(
  request: IncomingMessage,
  response: ServerResponse,
  body: string,
  certificateOf: (socket: Socket) => ReturnType<Exchange['clientCertificate']>,
): Exchange {
  const { socket } = request;
  return {
    method: request.method ?? 'GET',
    url: request.url ?? '/',
    body,
    header: (name) => {
      const value = request.headers[name];
      return Array.isArray(value) ? value.join(',') : value;
    },
    headerValues: (name) => request.headersDistinct[name] ?? [],
    headerNames: () => Object.keys(request.headersDistinct),
    clientCertificate: () => certificateOf(socket),
    send: ({ status, headers, body: content, encoding }) => {
      response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(content, encoding ?? 'utf8') });
      response.end(content, encoding ?? 'utf8');
    },
    sendCut: (answer, bytes, end) => sendCut(socket, answer, bytes, end),
    stream: (status, headers) => openStream(response, status, headers),
    onClose: (listener) => response.once('close', listener),
  };
}

function sendCut(socket: Socket, answer: Answer, bytes: number, end: 'break' | 'hang'): void {
  const lines = Object.entries({ ...answer.headers, 'content-length': String(Buffer.byteLength(answer.body)) });
  const head = `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ''}\r\n`;
  const whole = `${head}${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${answer.body}`;
  const part = Buffer.from(whole).subarray(0, bytes);
  if (end === 'hang') socket.write(part);
  else if (part.length === 0) socket.destroy();
  else socket.write(part, () => socket.destroy());
}

function openStream(response: ServerResponse, status: number, headers: Headers): Stream {
  response.writeHead(status, headers);
  response.flushHeaders();
  return {
    write: (line) => void response.write(line),
    end: () => void response.end(),
    destroy: () => void response.socket?.destroy(),
  };
}

import { constants, performServerHandshake } from 'node:http2';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Answer, Exchange, Headers, Stream } from './exchange.ts';
import { isProtobuf } from './protobuf.ts';

const settings = { maxConcurrentStreams: 250, initialWindowSize: 1024 * 1024 };

/** Speaks HTTP/2 on a socket whose TLS handshake agreed on it. */
export function serveHttp2(
  socket: TLSSocket,
  handle: (exchange: Exchange) => void,
  certificateOf: (socket: TLSSocket) => ReturnType<Exchange['clientCertificate']>,
): void {
  const session = performServerHandshake(socket, { settings });
  session.on('error', () => session.destroy());
  session.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    let body = '';
    stream.setEncoding(isProtobuf(headers['content-type']) ? 'latin1' : 'utf8');
    stream.on('error', () => stream.destroy());
    stream.on('data', (chunk: string) => (body += chunk));
    stream.on('end', () => {
      if (stream.destroyed) return;
      handle(http2Exchange(stream, headers, body, () => certificateOf(socket), socket));
    });
  });
}

function http2Exchange(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  body: string,
  clientCertificate: Exchange['clientCertificate'],
  socket: TLSSocket,
): Exchange {
  return {
    method: headers[':method'] ?? 'GET',
    url: headers[':path'] ?? '/',
    body,
    header: (name) => {
      const value = headers[name];
      return Array.isArray(value) ? value.join(',') : value;
    },
    headerValues: (name) => {
      const value = headers[name];
      // Repeated headers of HTTP/2 arrive joined.
      return value === undefined ? [] : String(value).split(/,\s*/);
    },
    headerNames: () => Object.keys(headers),
    clientCertificate,
    send: ({ status, headers: fields, body: content, encoding }) => {
      if (stream.destroyed) return;
      stream.respond({
        ':status': status,
        ...fields,
        'content-length': Buffer.byteLength(content, encoding ?? 'utf8'),
      });
      stream.end(content, encoding ?? 'utf8');
    },
    sendCut: (answer, bytes, end) =>
      sendCut(stream, answer, bytes, () => (end === 'break' ? socket.destroy() : undefined)),
    stream: (status, fields) => openStream(stream, status, fields, socket),
    onClose: (listener) => stream.once('close', listener),
  };
}

/** Frames have no bytes of their own to cut at: the head counts as it would in HTTP/1.1 and comes whole or not at all. */
function sendCut(stream: ServerHttp2Stream, answer: Answer, bytes: number, end: () => void): void {
  const fields = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const headLength = `HTTP/1.1 ${answer.status}\r\n${fields.join('')}\r\n`.length;
  if (bytes < headLength || stream.destroyed) {
    end();
    return;
  }
  stream.respond({ ':status': answer.status, ...answer.headers, 'content-length': Buffer.byteLength(answer.body) });
  stream.write(Buffer.from(answer.body).subarray(0, bytes - headLength), () => setImmediate(end));
}

function openStream(stream: ServerHttp2Stream, status: number, headers: Headers, socket: TLSSocket): Stream {
  if (!stream.destroyed) stream.respond({ ':status': status, ...headers });
  return {
    write: (line) => {
      if (!stream.destroyed) stream.write(line);
    },
    end: () => {
      if (!stream.destroyed) stream.end();
    },
    destroy: () => {
      stream.close(constants.NGHTTP2_CANCEL);
      socket.destroy();
    },
  };
}

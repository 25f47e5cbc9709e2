import type { ApiReply } from '../../core/api/reply.ts';
import { Connections } from '../http/connections.ts';
import { targetOf } from '../http/dial.ts';
import { answerReader, isSuccess } from './answer.ts';
import { valueOf } from './broken.ts';
import type { Connection, Credentials } from './connection.ts';
import { withCredentials, type OpenStream } from './credentialed.ts';
import { createTurns } from './turns.ts';
import { exchange, type Outgoing } from '../http/exchange.ts';

export type ApiRequest = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its query: `/api/v1/namespaces?limit=500`. */
  path: string;
  /** `application/json` where absent. */
  accept?: string;
  /**
   * JSON text. A kept connection can be found closed, and then the request is sent once more: it must be harmless to
   * send twice.
   */
  body?: string;
  /** Of the body; `application/json` where absent. */
  contentType?: string;
  /** A success may be no larger; 2 MiB where absent. */
  mostBytes?: number;
  /** Of a success, nothing is wanted but the revision at which it left the object. */
  isWrite?: boolean;
};

export type TransportOptions = {
  /** For one request, from connecting to the last byte of its answer; for a stream, to its headers. */
  timeoutMs: number;
  /** Most connections at once; further requests wait. */
  concurrency: number;
  /** `ecr-cred-helper/2.0.0 (linux/x64)`. */
  userAgent: string;
  readonly nowMs: () => number;
};

/** Requests to one API server over a few kept connections. */
export type Transport = {
  /** `https://10.0.0.1:443`, for messages. */
  readonly server: string;
  /** One request and its whole answer. Never rejects. */
  request(request: ApiRequest, signal: AbortSignal): Promise<ApiReply>;
  /**
   * One request on a connection of its own. A 2xx is a stream that the caller reads and destroys; anything else is
   * read to its end here. `signal` holds until the response's headers. Never rejects.
   */
  open(request: ApiRequest, signal: AbortSignal): Promise<OpenStream | ApiReply>;
  /** The same over one connection of its own, for requests that must not wait for the others. It closes with this one. */
  apart(): Transport;
  /** Ends the kept connections; requests in flight on them break. */
  close(): void;
};

/** Large answers that are read at a time: each is held several times over, as bytes, as text and as what it says. */
const LARGE_AT_ONCE = 2;

/** Makes the transport; it connects with the first request. */
export function createTransport(connection: Connection, options: TransportOptions): Transport {
  const { server } = connection;
  const { timeoutMs } = options;
  const kept = keptConnections(connection, options);
  const toServer = outgoingTo(server, options);
  const turns = createTurns(LARGE_AT_ONCE);
  const readerFor = ({ mostBytes, isWrite = false }: ApiRequest) =>
    answerReader(options.nowMs, { isJson: true, isWrite, turns, ...(mostBytes === undefined ? {} : { mostBytes }) });

  const requestWith = async (request: ApiRequest, signal: AbortSignal, credentials: Credentials): Promise<ApiReply> => {
    const connections = kept.with(credentials.tls);
    const outgoing = toServer(request, connections, credentials);
    const readAnswer = readerFor(request);
    const first = await exchange(outgoing, signal, readAnswer);
    // Where one connection is dead the others are, too: they would be found so one after the other.
    if (first.kind === 'late') connections.closeIdle();
    if (first.kind !== 'stale') return valueOf(first, timeoutMs);
    // A server that restarted has closed the other kept connections too.
    connections.closeIdle();
    return valueOf(await exchange(outgoing, signal, readAnswer), timeoutMs);
  };

  const openWith = async (request: ApiRequest, signal: AbortSignal, credentials: Credentials) => {
    const outgoing = toServer(request, kept.with(credentials.tls), credentials, true);
    const outcome = await exchange<OpenStream | ApiReply>(outgoing, signal, (answer, done) => {
      if (isSuccess(answer)) done({ kind: 'stream', answer });
      else readerFor(request)(answer, done);
    });
    return valueOf(outcome, timeoutMs);
  };

  const others: Transport[] = [];
  return {
    server: server.origin + prefixOf(server),
    request: (request, signal) => withCredentials(connection, signal, (used) => requestWith(request, signal, used)),
    open: (request, signal) => withCredentials(connection, signal, (used) => openWith(request, signal, used)),
    apart() {
      const other = createTransport(connection, { ...options, concurrency: 1 });
      others.push(other);
      return other;
    },
    close() {
      for (const each of [kept, ...others]) each.close();
    },
  };
}

type Kept = {
  /** Shared by all requests with the same credentials of TLS. */
  with(tls: Credentials['tls']): Connections;
  close(): void;
};

/** Client certificates and CAs belong to a connection: when they change, new requests need new ones. */
function keptConnections({ proxy, server }: Connection, { concurrency, timeoutMs }: TransportOptions): Kept {
  const target = targetOf(server);
  let kept: { connections: Connections; tls: Credentials['tls'] } | undefined;
  return {
    with(tls) {
      if (kept?.tls === tls) return kept.connections;
      kept?.connections.retire();
      const way = { target, proxy, tls, timeoutMs };
      kept = { tls, connections: new Connections(way, { most: concurrency, idleTimeoutMs: timeoutMs }) };
      return kept.connections;
    },
    close: () => kept?.connections.close(),
  };
}

type ToOutgoing = (
  request: ApiRequest,
  connections: Connections,
  credentials: Credentials,
  isAlone?: boolean,
) => Outgoing;

function outgoingTo(server: URL, { userAgent, timeoutMs }: TransportOptions): ToOutgoing {
  const prefix = prefixOf(server);
  // One body goes to all namespaces.
  let last: { text: string; bytes: Buffer } | undefined;
  const bytesOf = (body: string): Buffer => {
    if (last?.text !== body) last = { text: body, bytes: Buffer.from(body) };
    return last.bytes;
  };
  return (request, connections, credentials, isAlone = false) => {
    const { method, path } = request;
    const body = request.body === undefined ? undefined : bytesOf(request.body);
    const headers = headersOf(request, credentials, userAgent);
    return { connections, wanted: { method, path: prefix + path, headers, body, isAlone }, timeoutMs };
  };
}

function prefixOf({ pathname }: URL): string {
  return pathname.replace(/\/+$/, '');
}

function headersOf({ accept, body, contentType }: ApiRequest, credentials: Credentials, userAgent: string) {
  return {
    ...credentials.headers,
    'user-agent': userAgent,
    accept: accept ?? 'application/json',
    ...(body === undefined ? undefined : { 'content-type': contentType ?? 'application/json' }),
  };
}

import { buildQueryString, type HttpHandler } from '@smithy/core/protocols';
import { Connections } from '../http/connections.ts';
import { targetOf, type Way } from '../http/dial.ts';
import { exchange, type Exchange, type Reader } from '../http/exchange.ts';
import { proxyFor, type ProxyEnv } from '../http/proxy.ts';
import type { HttpAnswer } from '../http/answering.ts';

/** What the SDK's clients send their requests with. */
export type AwsRequestHandler = HttpHandler;

export type AwsRequests = {
  /**
   * For the clients of one phase of a call; `asked` hears of each request's host before it is sent, `dated` of the `Date`
   * of its answer.
   */
  handler(asked: (host: string) => void, dated?: (host: string, serverMs: number) => void): AwsRequestHandler;
  /** Closes every connection. */
  destroy(): void;
};

export type AwsRequestsOptions = {
  env: ProxyEnv;
  /** Authorities as PEM; absent: Node's own store. */
  ca: readonly string[] | undefined;
  /** For one request, from connecting to the last byte of its answer. */
  timeoutMs: number;
};

// A call makes one request at a time to each of its hosts.
const MAX_CONNECTIONS = 4;

/** Tokens and credentials are some kilobytes. */
export const MOST_ANSWER_BYTES = 1024 * 1024;

/** What is held of each part of an answer, however small it is, is larger. */
export const LEAST_PART_BYTES = 256;

/**
 * Sends the SDK's requests, each through the proxy that is set for its own host: ECR may be behind a proxy while a VPC
 * endpoint for STS is exempt. The SDK itself honours neither a proxy nor `AWS_CA_BUNDLE`. What it asks for credentials
 * on the node (Pod Identity, instance metadata) does not come here, and so never meets a proxy.
 */
export function createAwsRequests(options: AwsRequestsOptions): AwsRequests {
  const byOrigin = new Map<string, Connections>();
  let isOver = false;
  const connectionsTo = (target: URL): Connections => {
    // A retry of the credential chain may still wait when its call was given up; nobody would close what it opens.
    if (isOver) throw named('AbortError', 'the call is over');
    const connections =
      byOrigin.get(target.origin) ??
      new Connections(wayTo(target, options), { most: MAX_CONNECTIONS, idleTimeoutMs: options.timeoutMs });
    byOrigin.set(target.origin, connections);
    return connections;
  };
  const send = async (request: Asked, target: URL, signal: AbortSignal): Promise<Answered> => {
    const { method, headers, body } = request;
    const wanted = { method, path: pathOf(request), headers, body: bytesOf(body) };
    const outgoing = { connections: connectionsTo(target), wanted, timeoutMs: options.timeoutMs };
    return answeredBy(await exchange(outgoing, signal, readWhole), options.timeoutMs);
  };
  return {
    handler: (asked, dated) => ({
      metadata: { handlerProtocol: 'http/1.1' },
      handle: async (request, { abortSignal } = {}) => {
        const port = request.port === undefined ? '' : `:${request.port}`;
        const target = new URL(`${request.protocol}//${request.hostname}${port}`);
        asked(target.host);
        const { answer, body } = await send(request, target, signalOf(abortSignal));
        const headers = Object.fromEntries(answer.headers);
        const serverMs = Date.parse(headers['date'] ?? '');
        if (!Number.isNaN(serverMs)) dated?.(target.host, serverMs);
        return { response: { statusCode: answer.status, reason: answer.reason, headers, body } };
      },
      // The SDK offers its defaults here; ours are set.
      updateHttpClientConfig: () => undefined,
      httpHandlerConfigs: () => ({}),
      // Several clients share the connections: whoever made them closes them.
      destroy: () => undefined,
    }),
    destroy: () => {
      isOver = true;
      for (const connections of byOrigin.values()) connections.close();
      byOrigin.clear();
    },
  };
}

type Asked = Parameters<AwsRequestHandler['handle']>[0];
type Answered = { answer: HttpAnswer; body: Uint8Array };

/** @throws an error named as the failure where the proxy's setting cannot be used. */
function wayTo(target: URL, { env, ca, timeoutMs }: AwsRequestsOptions): Way {
  const proxy = proxyFor(target, env);
  if (!proxy.ok) throw named(proxy.failure.code, proxy.failure.why);
  return { target: targetOf(target), proxy: proxy.value, tls: ca === undefined ? {} : { ca: [...ca] }, timeoutMs };
}

function pathOf({ path, query }: Asked): string {
  const text = buildQueryString(query);
  return text === '' ? path : `${path}?${text}`;
}

/** The services that are asked take texts and bytes. */
function bytesOf(body: unknown): Buffer | undefined {
  if (body === undefined || body === null) return undefined;
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  throw new Error('the body of a request is neither a text nor bytes');
}

function signalOf(given: unknown): AbortSignal {
  return given instanceof AbortSignal ? given : new AbortController().signal;
}

const readWhole: Reader<Answered | Error> = (answer, done) => {
  const parts: Buffer[] = [];
  let size = 0;
  answer.tell({
    data: (part) => {
      parts.push(part);
      size += Math.max(LEAST_PART_BYTES, part.length);
      if (size <= MOST_ANSWER_BYTES) return;
      done(named('AnswerTooLarge', 'the answer is larger than 1 MiB'));
      answer.destroy();
    },
    over: (isWhole) => done(isWhole ? { answer, body: Buffer.concat(parts) } : brokenOff()),
  });
};

/** @throws what the SDK tells a passing failure from a lasting one by. */
function answeredBy(outcome: Exchange<Answered | Error>, timeoutMs: number): Answered {
  switch (outcome.kind) {
    case 'done':
      if (outcome.value instanceof Error) throw outcome.value;
      return outcome.value;
    case 'failed':
      throw outcome.error;
    case 'stale':
      throw brokenOff();
    case 'unsendable':
      throw new Error(outcome.why);
    case 'late':
      throw Object.assign(named('TimeoutError', `no complete answer within ${timeoutMs / 1000} s`), {
        code: 'ETIMEDOUT',
      });
    case 'aborted':
      throw named('AbortError', 'the request was given up');
  }
}

function brokenOff(): Error {
  return Object.assign(new Error('the connection ended before the answer was whole'), { code: 'ECONNRESET' });
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

import { Agent as HttpsAgent } from 'node:https';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { ProxyEnv } from '../http/proxy.ts';
import { boundAnswers } from './bounded-answers.ts';
import { agentFor } from '../http/proxied-agent.ts';

/** What the SDK's clients send their requests with. */
export type AwsRequestHandler = Pick<
  NodeHttpHandler,
  'handle' | 'metadata' | 'updateHttpClientConfig' | 'httpHandlerConfigs' | 'destroy'
>;

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
  /** For one request: to connect, to the head of its answer, and between two parts of its body. */
  timeoutMs: number;
};

// A call makes one request at a time to each of its hosts.
const MAX_SOCKETS = 4;

/**
 * Sends the SDK's requests, each through the proxy that is set for its own host: ECR may be behind a proxy while a VPC
 * endpoint for STS is exempt. The SDK itself honours neither a proxy nor `AWS_CA_BUNDLE`. What it asks for credentials
 * on the node (Pod Identity, instance metadata) does not come here, and so never meets a proxy.
 */
export function createAwsRequests(options: AwsRequestsOptions): AwsRequests {
  boundAnswers();
  const byOrigin = new Map<string, NodeHttpHandler>();
  let isOver = false;
  const handlerFor = (target: URL): NodeHttpHandler => {
    // A retry of the credential chain may still wait when its call was given up; nobody would close what it opens.
    if (isOver) throw Object.assign(new Error('the call is over'), { name: 'AbortError' });
    const handler = byOrigin.get(target.origin) ?? newHandler(target, options);
    byOrigin.set(target.origin, handler);
    return handler;
  };
  return {
    handler: (asked, dated) => ({
      metadata: { handlerProtocol: 'http/1.1' },
      handle: async (request, handlerOptions) => {
        const port = request.port === undefined ? '' : `:${request.port}`;
        const target = new URL(`${request.protocol}//${request.hostname}${port}`);
        asked(target.host);
        const answer = await handlerFor(target).handle(request, handlerOptions);
        const serverMs = Date.parse(answer.response.headers['date'] ?? '');
        if (!Number.isNaN(serverMs)) dated?.(target.host, serverMs);
        return answer;
      },
      // The SDK offers its defaults here; ours are set.
      updateHttpClientConfig: () => undefined,
      httpHandlerConfigs: () => ({}),
      // Several clients share the connections: whoever made them closes them.
      destroy: () => undefined,
    }),
    destroy: () => {
      isOver = true;
      for (const handler of byOrigin.values()) handler.destroy();
      byOrigin.clear();
    },
  };
}

/** @throws an error named as the failure where the proxy's setting cannot be used. */
function newHandler(target: URL, { env, ca, timeoutMs }: AwsRequestsOptions): NodeHttpHandler {
  const agent = agentFor(target, env, ca === undefined ? {} : { ca: [...ca] }, { maxSockets: MAX_SOCKETS });
  if (!agent.ok) throw Object.assign(new Error(agent.failure.why), { name: agent.failure.code });
  return new NodeHttpHandler({
    ...(agent.value instanceof HttpsAgent ? { httpsAgent: agent.value } : { httpAgent: agent.value }),
    connectionTimeout: timeoutMs,
    requestTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    throwOnRequestTimeout: true,
  });
}

import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import type { Learn } from '../../core/text/secrets.ts';
import type { ProxyEnv } from '../http/proxy.ts';
import type { IdentityReply, IdentitySource } from '../../ports.ts';
import { replyOfError } from './error.ts';
import { createAwsRequests, type AwsRequestHandler } from './requests.ts';
import { bounded } from './bounded-call.ts';
import { readCaBundle, type CaBundleEnv } from '../http/ca-bundle.ts';
import { chainTrail } from './credential-trail.ts';

export type IdentitySourceOptions = {
  /** For the proxy and the certificates; the SDK reads the rest from the process's environment. */
  env: ProxyEnv & CaBundleEnv;
  /** For one request. */
  requestTimeoutMs: number;
  nowMs: () => number;
  learn: Learn;
};

const CALL_TIMEOUTS = 3;

/** Finds out who AWS takes us for, with the same credential chain, proxy and certificates as the call to ECR. */
export function createIdentitySource(options: IdentitySourceOptions): IdentitySource {
  return { identify: (region, signal) => identify(options, region, signal) };
}

async function identify(
  { env, requestTimeoutMs, nowMs, learn }: IdentitySourceOptions,
  region: string | undefined,
  signal: AbortSignal,
): Promise<IdentityReply> {
  const certificates = readCaBundle(env);
  if (!certificates.ok) {
    const { code, why } = certificates.failure;
    return { error: replyOfError(Object.assign(new Error(why), { name: code }), { phase: 'ecr', host: undefined }) };
  }
  const requests = createAwsRequests({ env, ca: certificates.value, timeoutMs: requestTimeoutMs });
  const reply: IdentityReply = {};
  let host: string | undefined;
  const handler = timed(
    requests.handler((asked) => (host = asked)),
    (serverMs) => (reply.clock = { host: host ?? 'AWS', serverMs, localMs: nowMs() }),
  );
  const trail = chainTrail(undefined);
  const chain = defaultProvider({ ignoreCache: true, logger: trail.logger, clientConfig: { requestHandler: handler } });
  const client = new STSClient({
    ...(region === undefined ? {} : { region }),
    credentials: async (caller) => {
      const credentials = await chain(caller);
      learn(credentials.secretAccessKey);
      learn(credentials.sessionToken);
      const expiresAtMs = credentials.expiration?.getTime();
      const features = Object.keys(('$source' in credentials ? credentials.$source : undefined) ?? {});
      reply.credentials = { features, ...(expiresAtMs === undefined ? {} : { expiresAtMs }) };
      return credentials;
    },
    requestHandler: handler,
  });
  try {
    const call = (either: AbortSignal) => client.send(new GetCallerIdentityCommand({}), { abortSignal: either });
    const { Arn, Account } = await bounded(call, requestTimeoutMs * CALL_TIMEOUTS, signal);
    reply.caller = { arn: Arn ?? '', account: Account ?? '' };
  } catch (error) {
    const phase = reply.credentials === undefined ? ('credentials' as const) : ('ecr' as const);
    const failed = replyOfError(error, { phase, host, trail: phase === 'credentials' ? trail.said() : [] });
    reply.error = phase === 'ecr' ? { ...failed, service: 'sts' } : failed;
  } finally {
    requests.destroy();
  }
  return reply;
}

/** Tells the time in the `Date` of each answer, a refusal's too. */
function timed(handler: AwsRequestHandler, tell: (serverMs: number) => void): AwsRequestHandler {
  return {
    ...handler,
    handle: async (request, options) => {
      const answer = await handler.handle(request, options);
      const serverMs = Date.parse(answer.response.headers['date'] ?? '');
      if (!Number.isNaN(serverMs)) tell(serverMs);
      return answer;
    },
  };
}

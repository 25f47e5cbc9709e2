import {
  ECRClient,
  GetAuthorizationTokenCommand,
  type ECRClientConfig,
  type GetAuthorizationTokenCommandOutput,
} from '@aws-sdk/client-ecr';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { readFileSync } from 'node:fs';
import { isRecord } from '../../core/api/reply.ts';
import type { Result } from '../../core/failures/errors.ts';
import { proxyFor, type ProxyEnv } from '../http/proxy.ts';
import type { Learn } from '../../core/text/secrets.ts';
import type { AwsReply, TokenRequest } from '../../core/secret/token.ts';
import type { Log, TokenSource } from '../../ports.ts';
import { replyOfError } from './error.ts';
import { createAwsRequests, type AwsRequests } from './requests.ts';
import { bounded } from './bounded-call.ts';
import { readCaBundle, type CaBundleEnv } from '../http/ca-bundle.ts';
import { chainTrail } from './credential-trail.ts';

export type TokenSourceOptions = {
  /** For the proxy and the certificates; the SDK reads the rest of its settings from the process's environment. */
  env: ProxyEnv & CaBundleEnv & Readonly<Record<string, string | undefined>>;
  /** For one request. A whole call, with credentials and retries, takes at most `CALL_TIMEOUTS` times as long. */
  requestTimeoutMs: number;
  /** `name/version`, sent in `User-Agent`. */
  userAgent: string;
  log?: Log;
  /** Hears of each secret that is read or issued. */
  learn: Learn;
};

const CALL_TIMEOUTS = 3;

/**
 * Asks ECR through the AWS SDK, with its credential chain, region resolution, retries and endpoints.
 *
 * Each call starts from nothing and leaves nothing open: what rotates (keys in shared files, a projected identity token,
 * the CA bundle) is read again, a clock that was set right is believed again, and an idle process can exit. A client is
 * made in a millisecond and a token lives for hours, so there is nothing worth keeping.
 * @returns `CertificatesUnreadable` or `ProxyInvalid` where the settings cannot be used.
 */
export function createTokenSource(options: TokenSourceOptions): Result<TokenSource> {
  const certificates = readCaBundle(options.env);
  if (!certificates.ok) return certificates;
  const proxy = proxyFor(new URL('https://ecr.amazonaws.com'), options.env);
  if (!proxy.ok) return proxy;
  return { ok: true, value: { issue: (request, signal) => issue(options, request, signal) } };
}

async function issue(options: TokenSourceOptions, request: TokenRequest, signal: AbortSignal): Promise<AwsReply> {
  const certificates = readCaBundle(options.env);
  if (!certificates.ok) {
    const { code, why } = certificates.failure;
    return replyOfError(Object.assign(new Error(why), { name: code }), { phase: 'ecr', host: undefined });
  }
  learnFiles(options.env, options.learn);
  const requests = createAwsRequests({
    env: options.env,
    ca: certificates.value,
    timeoutMs: options.requestTimeoutMs,
  });
  const call = newCall(options, request, requests);
  try {
    return await bounded((either) => call.send(either), options.requestTimeoutMs * CALL_TIMEOUTS, signal);
  } catch (error) {
    return replyOfError(error, call.phase());
  } finally {
    requests.destroy();
  }
}

type Call = {
  send(signal: AbortSignal): Promise<AwsReply>;
  /** How far it came. */
  phase(): Parameters<typeof replyOfError>[1];
};

function newCall({ userAgent, log, learn }: TokenSourceOptions, request: TokenRequest, requests: AwsRequests): Call {
  let ecrHost: string | undefined;
  let credentialsHost: string | undefined;
  let hasCredentials = false;
  const customUserAgent: [string, string][] = [splitUserAgent(userAgent)];
  const trail = chainTrail(log);
  const chain = defaultProvider({
    ignoreCache: true,
    logger: trail.logger,
    clientConfig: {
      requestHandler: requests.handler((host) => (credentialsHost = host)),
      customUserAgent,
    },
  });
  const client = new ECRClient({
    ...locationOf(request),
    credentials: async (caller) => {
      const credentials = await chain(caller);
      learn(credentials.secretAccessKey);
      learn(credentials.sessionToken);
      hasCredentials = true;
      return credentials;
    },
    requestHandler: requests.handler((host) => (ecrHost = host)),
    customUserAgent,
  });
  return {
    send: async (signal) => {
      const output = await client.send(new GetAuthorizationTokenCommand({}), { abortSignal: signal });
      const answer = answerOf(output, ecrHost);
      learnIssued(answer, learn);
      return answer;
    },
    phase: () =>
      hasCredentials
        ? { phase: 'ecr', host: ecrHost }
        : { phase: 'credentials', host: credentialsHost, trail: trail.said() },
  };
}

/** What is not asked for is left to the SDK (`AWS_USE_FIPS_ENDPOINT`, the profile's region). */
function locationOf({ region, fips, dualStack }: TokenRequest): ECRClientConfig {
  return {
    ...(region === undefined ? {} : { region }),
    ...(fips ? { useFipsEndpoint: true } : {}),
    ...(dualStack ? { useDualstackEndpoint: true } : {}),
  };
}

/** The SDK's types say what ECR should send; what it sends may be of any type. */
function answerOf(output: GetAuthorizationTokenCommandOutput, host: string | undefined): AwsReply {
  const [data]: readonly unknown[] = Array.isArray(output.authorizationData) ? output.authorizationData : [];
  const { authorizationToken, expiresAt, proxyEndpoint } = isRecord(data) ? data : {};
  const requestId = output.$metadata.requestId;
  return {
    kind: 'answer',
    authorizationToken: typeof authorizationToken === 'string' ? authorizationToken : undefined,
    expiresAtMs: expiresAt instanceof Date ? expiresAt.getTime() : undefined,
    proxyEndpoint: typeof proxyEndpoint === 'string' ? proxyEndpoint : undefined,
    ...(host === undefined ? {} : { host }),
    ...(requestId === undefined ? {} : { requestId }),
  };
}

/** As it came, and the password in it. */
function learnIssued(answer: AwsReply, learn: Learn): void {
  if (answer.kind !== 'answer' || typeof answer.authorizationToken !== 'string') return;
  learn(answer.authorizationToken);
  learn(Buffer.from(answer.authorizationToken, 'base64').toString('utf8').replace(/^AWS:/, ''));
}

/** Tokens that the SDK reads by itself, from files that the platform rotates. */
function learnFiles(env: TokenSourceOptions['env'], learn: Learn): void {
  for (const name of ['AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'] as const) {
    const path = env[name];
    if (path === undefined) continue;
    try {
      learn(readFileSync(path, 'utf8'));
    } catch {
      // The SDK says what is wrong with it.
    }
  }
}

function splitUserAgent(userAgent: string): [string, string] {
  const [name = '', version = ''] = userAgent.split('/', 2);
  return [name, version];
}

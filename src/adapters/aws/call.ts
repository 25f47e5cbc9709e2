import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { externalDataInterceptor } from '@smithy/core/config';
import { readFileSync } from 'node:fs';
import type { StaticKey } from '../../config/aws/static-key.ts';
import type { ProxyEnv } from '../http/proxy.ts';
import { readCaBundle, type CaBundleEnv } from '../http/ca-bundle.ts';
import type { Learn } from '../../core/text/secrets.ts';
import type { Log } from '../../ports.ts';
import type { ChildHost } from '../run-child.ts';
import { bounded } from './bounded-call.ts';
import { runCredentialProcesses } from './credential-process.ts';
import { chainTrail } from './credential-trail.ts';
import { replyOfError, type AwsErrorReply } from './error.ts';
import { createAwsRequests, type AwsRequestHandler } from './requests.ts';

export type AwsCallOptions = {
  /** For the proxy and the certificates; the SDK reads the rest of its settings from the process's environment. */
  env: ProxyEnv & CaBundleEnv & Readonly<Record<string, string | undefined>>;
  /** For one request. A whole call, with credentials and retries, takes at most `CALL_TIMEOUTS` times as long. */
  requestTimeoutMs: number;
  /** `name/version`, sent in `User-Agent`. */
  userAgent: string;
  log?: Log;
  /** In place of the credential chain. */
  key?: StaticKey;
  /** Hears of each secret that is read or issued. */
  learn: Learn;
} & Pick<ChildHost, 'hasTerminal' | 'said' | 'endChild'>;

/** What a client of the SDK is made with. */
export type AwsClientConfig = {
  credentials: ReturnType<typeof defaultProvider>;
  requestHandler: AwsRequestHandler;
  customUserAgent: [string, string][];
};

/** Which link of the credential chain answered, as far as the SDK marks it, and until when what it gave is good. */
export type FoundCredentials = { features: readonly string[]; expiresAtMs?: number };

/** What a call comes to know on its way, for who wants more than its answer. */
export type AwsCallNotes = {
  /** The host that was asked last. */
  host?: string;
  credentials?: FoundCredentials;
  /** The `Date` of each answer, a refusal's too. */
  onDate?: (host: string, serverMs: number) => void;
};

const CALL_TIMEOUTS = 3;

/**
 * Makes one call to a service of AWS, with the SDK's credential chain, region resolution, retries and endpoints.
 *
 * Each call starts from nothing and leaves nothing open: what rotates (keys in shared files, a projected identity token,
 * the CA bundle) is read again, a clock that was set right is believed again, and an idle process can exit. A client is
 * made in a millisecond and a token lives for hours, so there is nothing worth keeping.
 * @param service what the call is to; credentials may be asked of others first.
 * @param notes is filled in as the call goes on.
 * @param send makes the client and sends the command; `host` tells which host was asked.
 */
export async function callAws<T>(
  service: 'ecr' | 'sts',
  options: AwsCallOptions,
  notes: AwsCallNotes,
  signal: AbortSignal,
  send: (config: AwsClientConfig, either: AbortSignal) => Promise<T>,
): Promise<T | AwsErrorReply> {
  const { env, requestTimeoutMs, log } = options;
  const certificates = readCaBundle(env);
  if (!certificates.ok) {
    const { code, why } = certificates.failure;
    return replyOfError(Object.assign(new Error(why), { name: code }), { service, host: undefined });
  }
  const tokens = tokensOf(options);
  if (tokens instanceof Error) return replyOfError(tokens, { service: 'credentials', host: undefined });
  const limitMs = requestTimeoutMs * CALL_TIMEOUTS;
  const processes = runCredentialProcesses(options, limitMs);
  const requests = createAwsRequests({ env, ca: certificates.value, timeoutMs: requestTimeoutMs });
  const trail = chainTrail(log);
  let credentialsHost: string | undefined;
  const config = clientConfig(options, tokens, notes, {
    logger: trail.logger,
    own: requests.handler((host) => (notes.host = host), notes.onDate),
    chain: requests.handler((host) => (credentialsHost = host), notes.onDate),
  });
  try {
    return await bounded((either) => send(config, either), limitMs, signal);
  } catch (error) {
    if (notes.credentials !== undefined) return replyOfError(error, { service, host: notes.host });
    const why = processes.trouble();
    if (why !== undefined)
      return replyOfError(credentialProcessError(why), { service: 'credentials', host: undefined });
    const asked = credentialsHost === undefined ? 'credentials' : 'sts';
    return replyOfError(error, { service: asked, host: credentialsHost, trail: trail.said() });
  } finally {
    processes.end();
    requests.destroy();
  }
}

function credentialProcessError(why: string): Error {
  return Object.assign(new Error(why), { name: 'CredentialProcessFailed' });
}

function clientConfig(
  { userAgent, learn, key }: AwsCallOptions,
  containerToken: ContainerToken,
  notes: AwsCallNotes,
  { logger, own, chain }: Record<'own' | 'chain', AwsRequestHandler> & Pick<ReturnType<typeof chainTrail>, 'logger'>,
): AwsClientConfig {
  const [name = '', version = ''] = userAgent.split('/', 2);
  const customUserAgent: [string, string][] = [[name, version]];
  if (key !== undefined) {
    const { feature, ...credentials } = key;
    const given = () => {
      notes.credentials = { features: [feature] };
      return Promise.resolve(credentials);
    };
    return { credentials: given, requestHandler: own, customUserAgent };
  }
  const provider = defaultProvider({
    ignoreCache: true,
    logger,
    ...containerToken,
    clientConfig: { requestHandler: chain, customUserAgent },
  });
  return {
    credentials: async (caller) => {
      const found = await provider(caller);
      learn(found.secretAccessKey);
      learn(found.sessionToken);
      const expiresAtMs = found.expiration?.getTime();
      const features = Object.keys(('$source' in found ? found.$source : undefined) ?? {});
      notes.credentials = { features, ...(expiresAtMs === undefined ? {} : { expiresAtMs }) };
      return found;
    },
    requestHandler: own,
    customUserAgent,
  };
}

/** Which token container credentials are asked for with, in place of the variables. */
type ContainerToken = { awsContainerAuthorizationTokenFile?: string; awsContainerAuthorizationToken?: string };

/**
 * Tokens that the SDK reads by itself, from files that the platform rotates, and sends with whatever stands around them: a
 * line break at the end is none of a token.
 */
function tokensOf({ env, learn }: AwsCallOptions): ContainerToken | Error {
  const [identity, container] = [env['AWS_WEB_IDENTITY_TOKEN_FILE'], env['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE']];
  const [identityToken, containerToken] = [tokenIn(identity), tokenIn(container)];
  if (identity !== undefined) externalDataInterceptor.interceptToken(identity, identityToken);
  for (const token of [identityToken, containerToken]) learn(token);
  const odd = [[identity, identityToken] as const, [container, containerToken] as const].find(([, token = '']) =>
    /\p{Cc}/u.test(token),
  );
  if (odd !== undefined) {
    const why = `the token in ${odd[0]} holds a line break or another control character`;
    return Object.assign(new Error(why), { name: 'CredentialsProviderError' });
  }
  if (containerToken === undefined) return {};
  return { awsContainerAuthorizationTokenFile: '', awsContainerAuthorizationToken: containerToken };
}

/** Undefined where it cannot be read: the SDK says what is wrong with it. */
function tokenIn(path: string | undefined): string | undefined {
  try {
    return path === undefined ? undefined : readFileSync(path, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

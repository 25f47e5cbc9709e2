import type { StaticKey } from '../../config/aws/static-key.ts';
import { readCaBundle } from '../http/ca-bundle.ts';
import { bounded } from './bounded-call.ts';
import { replyOfError, type AwsErrorReply } from './error.ts';
import type { AwsCallOptions, FindCredentials, Finding } from './call-options.ts';
import { createAwsRequests, type AwsRequestHandler } from './requests.ts';

/** What a client of the SDK is made with. */
export type AwsClientConfig = {
  credentials: Finding['credentials'];
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
 * Makes one call to a service of AWS, with the SDK's region resolution, retries and endpoints.
 *
 * Each call starts from nothing and leaves nothing open: what rotates (keys in shared files, a projected identity token,
 * the CA bundle) is read again, a clock that was set right is believed again, and an idle process can exit. A client is
 * made in a millisecond and a token lives for hours, so there is nothing worth keeping.
 * @param service what the call is to; credentials may be asked of others first.
 * @param find the credentials, where no key is given.
 * @param notes is filled in as the call goes on.
 * @param send makes the client and sends the command; `host` tells which host was asked.
 */
export async function callAws<T>(
  service: 'ecr' | 'sts',
  find: FindCredentials,
  options: AwsCallOptions,
  notes: AwsCallNotes,
  signal: AbortSignal,
  send: (config: AwsClientConfig, either: AbortSignal) => Promise<T>,
): Promise<T | AwsErrorReply> {
  const { env, requestTimeoutMs, userAgent } = options;
  const certificates = readCaBundle(env);
  if (!certificates.ok) {
    const { code, why } = certificates.failure;
    return replyOfError(Object.assign(new Error(why), { name: code }), { service, host: undefined });
  }
  const limitMs = requestTimeoutMs * CALL_TIMEOUTS;
  const requests = createAwsRequests({ env, ca: certificates.value, timeoutMs: requestTimeoutMs });
  const [name = '', version = ''] = userAgent.split('/', 2);
  const customUserAgent: [string, string][] = [[name, version]];
  let credentialsHost: string | undefined;
  const chain = requests.handler((host) => (credentialsHost = host), notes.onDate);
  const { key } = options;
  const finding =
    key === undefined ? find(options, { requestHandler: chain, customUserAgent }, limitMs) : keyAlone(key);
  if (finding instanceof Error) return replyOfError(finding, { service: 'credentials', host: undefined });
  const config = {
    credentials: noted(finding, options, notes),
    requestHandler: requests.handler((host) => (notes.host = host), notes.onDate),
    customUserAgent,
  };
  try {
    return await bounded((either) => send(config, either), limitMs, signal);
  } catch (error) {
    if (notes.credentials !== undefined) return replyOfError(error, { service, host: notes.host });
    const why = finding.trouble();
    if (why !== undefined)
      return replyOfError(credentialProcessError(why), { service: 'credentials', host: undefined });
    const asked = credentialsHost === undefined ? 'credentials' : 'sts';
    return replyOfError(error, { service: asked, host: credentialsHost, trail: finding.said() });
  } finally {
    finding.end();
    requests.destroy();
  }
}

function credentialProcessError(why: string): Error {
  return Object.assign(new Error(why), { name: 'CredentialProcessFailed' });
}

function keyAlone({ feature, ...key }: StaticKey): Finding {
  const found = { ...key, $source: { [feature]: '' } };
  return { credentials: () => Promise.resolve(found), trouble: () => undefined, said: () => [], end: () => {} };
}

function noted({ credentials }: Finding, { learn }: AwsCallOptions, notes: AwsCallNotes): Finding['credentials'] {
  return async (caller) => {
    const found = await credentials(caller);
    learn(found.secretAccessKey);
    learn(found.sessionToken);
    const expiresAtMs = found.expiration?.getTime();
    const features = Object.keys(('$source' in found ? found.$source : undefined) ?? {});
    notes.credentials = { features, ...(expiresAtMs === undefined ? {} : { expiresAtMs }) };
    return found;
  };
}

import type { defaultProvider } from '@aws-sdk/credential-provider-node';
import type { StaticKey } from '../../config/aws/static-key.ts';
import type { Learn } from '../../core/text/secrets.ts';
import type { Log } from '../../ports.ts';
import type { CaBundleEnv } from '../http/ca-bundle.ts';
import type { ProxyEnv } from '../http/proxy.ts';
import type { ChildHost } from '../run-child.ts';
import type { AwsRequestHandler } from './requests.ts';

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

/** What finds the credentials for one call. */
export type Finding = {
  credentials: ReturnType<typeof defaultProvider>;
  /** Why a process gave none, where one was to. */
  readonly trouble: () => string | undefined;
  /** What those said that were set up and gave none, the oldest first. */
  readonly said: () => readonly string[];
  /** Ends what it has begun. */
  readonly end: () => void;
};

/**
 * @param handler makes its requests; `customUserAgent` goes with them.
 * @param limitMs of the whole call.
 * @returns what is wrong with what it was given.
 */
export type FindCredentials = (
  options: AwsCallOptions,
  handler: { requestHandler: AwsRequestHandler; customUserAgent: [string, string][] },
  limitMs: number,
) => Finding | Error;

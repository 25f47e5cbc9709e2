import type { Result } from '../../core/failures/errors.ts';
import type { TokenSource } from '../../ports.ts';
import { readCaBundle } from '../http/ca-bundle.ts';
import { proxyFor } from '../http/proxy.ts';
import type { AwsCallOptions } from './call-options.ts';

/**
 * Asks ECR for tokens. What that takes of the SDK is loaded with the first question, while others are under way.
 * @returns `CertificatesUnreadable` or `ProxyInvalid` where the settings cannot be used.
 */
export function createTokenSource(options: AwsCallOptions): Result<TokenSource> {
  const certificates = readCaBundle(options.env);
  if (!certificates.ok) return certificates;
  const proxy = proxyFor(new URL('https://ecr.amazonaws.com'), options.env);
  if (!proxy.ok) return proxy;
  // Two files, and a process loads one of them: the links of the credential chain are half of the SDK.
  const load = isKeyGiven(options) ? () => import('./ecr-by-key.ts') : () => import('./ecr-by-chain.ts');
  return { ok: true, value: { issue: async (request, signal) => (await load()).issue(options, request, signal) } };
}

/** Whether there is a key that nothing has to be asked for; by the SDK's rule, a profile that is named goes first. */
function isKeyGiven({ key, env }: Pick<AwsCallOptions, 'key' | 'env'>): boolean {
  if (key !== undefined) return true;
  const isSet = (name: string) => (env[name] ?? '') !== '';
  return !isSet('AWS_PROFILE') && isSet('AWS_ACCESS_KEY_ID') && isSet('AWS_SECRET_ACCESS_KEY');
}

import { fromEnv } from '@aws-sdk/credential-provider-env';
import type { AwsReply, TokenRequest } from '../../core/secret/token.ts';
import type { AwsCallOptions, FindCredentials } from './call-options.ts';
import { issueToken } from './ecr.ts';

const keyOfEnvironment: FindCredentials = () => ({
  credentials: fromEnv(),
  trouble: () => undefined,
  said: () => [],
  end: () => {},
});

/** Asks ECR for a token with the key that stands in the environment, or is given. */
export function issue(options: AwsCallOptions, request: TokenRequest, signal: AbortSignal): Promise<AwsReply> {
  return issueToken(keyOfEnvironment, options, request, signal);
}

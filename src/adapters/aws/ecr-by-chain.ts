import type { AwsReply, TokenRequest } from '../../core/secret/token.ts';
import type { AwsCallOptions } from './call-options.ts';
import { credentialChain } from './credential-chain.ts';
import { issueToken } from './ecr.ts';

/** Asks ECR for a token with whatever credentials the SDK finds. */
export function issue(options: AwsCallOptions, request: TokenRequest, signal: AbortSignal): Promise<AwsReply> {
  return issueToken(credentialChain, options, request, signal);
}

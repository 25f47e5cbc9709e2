import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { IdentityReply, IdentitySource } from '../../ports.ts';
import { callAws, type AwsCallNotes } from './call.ts';
import type { AwsCallOptions } from './call-options.ts';
import { credentialChain } from './credential-chain.ts';

export type IdentitySourceOptions = AwsCallOptions & { readonly nowMs: () => number };

/** Finds out who AWS takes us for, with the same credential chain, proxy and certificates as the call to ECR. */
export function createIdentitySource(options: IdentitySourceOptions): IdentitySource {
  return { identify: (region, signal) => identify(options, region, signal) };
}

async function identify(
  options: IdentitySourceOptions,
  region: string | undefined,
  signal: AbortSignal,
): Promise<IdentityReply> {
  const reply: IdentityReply = {};
  const notes: AwsCallNotes = {
    onDate: (host, serverMs) => (reply.clock = { host, serverMs, localMs: options.nowMs() }),
  };
  const answer = await callAws('sts', credentialChain, options, notes, signal, async (config, either) => {
    const client = new STSClient({ ...(region === undefined ? {} : { region }), ...config });
    const { Arn, Account } = await client.send(new GetCallerIdentityCommand({}), { abortSignal: either });
    return { kind: 'caller' as const, arn: Arn ?? '', account: Account ?? '' };
  });
  if (notes.credentials !== undefined) reply.credentials = notes.credentials;
  if (answer.kind === 'error') reply.error = answer;
  else reply.caller = { arn: answer.arn, account: answer.account };
  return reply;
}

import {
  ECRClient,
  GetAuthorizationTokenCommand,
  type ECRClientConfig,
  type GetAuthorizationTokenCommandOutput,
} from '@aws-sdk/client-ecr';
import { isRecord } from '../../core/api/reply.ts';
import type { AwsReply, TokenRequest } from '../../core/secret/token.ts';
import type { Learn } from '../../core/text/secrets.ts';
import { callAws, type AwsCallNotes } from './call.ts';
import type { AwsCallOptions, FindCredentials } from './call-options.ts';

/** Asks ECR for a token, from nothing, as `callAws` says. */
export function issueToken(
  find: FindCredentials,
  options: AwsCallOptions,
  request: TokenRequest,
  signal: AbortSignal,
): Promise<AwsReply> {
  const notes: AwsCallNotes = {};
  return callAws('ecr', find, options, notes, signal, async (config, either) => {
    const client = new ECRClient({ ...locationOf(request), ...config });
    const output = await client.send(new GetAuthorizationTokenCommand({}), { abortSignal: either });
    const answer = answerOf(output, notes.host);
    learnIssued(answer, options.learn);
    return answer;
  });
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

import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { externalDataInterceptor } from '@smithy/core/config';
import { readFileSync } from 'node:fs';
import { boundAnswers } from './bounded-answers.ts';
import type { AwsCallOptions, FindCredentials } from './call-options.ts';
import { runCredentialProcesses } from './credential-process.ts';
import { chainTrail } from './credential-trail.ts';

/** Whatever the SDK finds: keys, profiles, processes, web identities, what a container or a node is given. */
export const credentialChain: FindCredentials = (options, clientConfig, limitMs) => {
  const tokens = tokensOf(options);
  if (tokens instanceof Error) return tokens;
  boundAnswers();
  const processes = runCredentialProcesses(options, limitMs);
  const trail = chainTrail(options.log);
  const credentials = defaultProvider({ ignoreCache: true, logger: trail.logger, ...tokens, clientConfig });
  return {
    credentials,
    trouble: () => processes.trouble(),
    said: () => trail.said(),
    end: () => processes.end(),
  };
};

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

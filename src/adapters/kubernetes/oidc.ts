import { OpenIDConnectAuth } from '@kubernetes/client-node/dist/oidc_auth.js';
import { isRecord, text } from '../../core/api-reply.ts';

/**
 * The token of an `oidc` auth provider, refreshed as it expires. Refreshed tokens are not written back to the file.
 * @returns a function that rejects when there is no token to be had.
 */
export function oidcToken(userName: string, provider: Readonly<Record<string, unknown>>): () => Promise<string> {
  const config = isRecord(provider['config']) ? { ...provider['config'] } : {};
  const user = { name: userName, authProvider: { name: 'oidc', config } };
  const authenticator = new OpenIDConnectAuth();
  return async () => {
    const options = { headers: {} as Record<string, string> }; // filled by the call below
    await authenticator.applyAuthentication(user, options).catch((error: unknown) => {
      throw new Error(`the user ${userName}: its OIDC token could not be refreshed: ${firstLine(error)}`, {
        cause: error,
      });
    });
    const token = text(options.headers['Authorization']).replace(/^Bearer /, '');
    if (token === '') throw new Error(`the user ${userName}: its OIDC id-token has expired and has no refresh-token`);
    return token;
  };
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}

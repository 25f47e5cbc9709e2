import { awsFailure } from '../core/failures/aws-failures.ts';
import type { Failure, Result } from '../core/failures/errors.ts';
import { tokenFromReply, whereOf, type AuthorizationToken, type TokenRequest } from '../core/secret/token.ts';
import type { Clock, TokenSource } from '../ports.ts';
import { interruption } from './stopping.ts';

/** What came of asking for tokens. */
export type Gathered = { issued: AuthorizationToken[]; refused: { request: TokenRequest; failure: Failure }[] };

/** Asks for every token that a pull secret is to hold. What one region refuses keeps nobody from the others. */
export async function gatherEach(
  requests: readonly TokenRequest[],
  deps: { tokens: TokenSource; clock: Clock },
  signal: AbortSignal,
): Promise<Gathered> {
  const results = await Promise.all(
    requests.map(async (request) => ({ request, result: await gatherToken(request, deps, signal) })),
  );
  return {
    issued: results.flatMap(({ result }) => (result.ok ? [result.value] : [])),
    refused: results.flatMap(({ request, result }) => (result.ok ? [] : [{ request, failure: result.failure }])),
  };
}

/** Asks once for the token of one region. */
export async function gatherToken(
  request: TokenRequest,
  { tokens, clock }: { tokens: TokenSource; clock: Clock },
  signal: AbortSignal,
): Promise<Result<AuthorizationToken>> {
  const reply = await tokens.issue(request, signal);
  if (reply.kind === 'answer') return tokenFromReply(reply, request, clock.nowMs());
  if (signal.aborted) {
    const silent = reply.host ?? 'the AWS credential chain';
    return { ok: false, failure: interruption(signal, whereOf(request), `, and ${silent} had not answered`) };
  }
  return { ok: false, failure: awsFailure(reply, request) };
}

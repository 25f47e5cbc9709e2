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
  { tokens, clock }: { tokens: TokenSource; clock: Clock },
  signal: AbortSignal,
): Promise<Gathered> {
  const results = await Promise.all(
    requests.map(async (request) => ({ request, result: await gatherToken(request, tokens, clock, signal) })),
  );
  return {
    issued: results.flatMap(({ result }) => (result.ok ? [result.value] : [])),
    refused: results.flatMap(({ request, result }) => (result.ok ? [] : [{ request, failure: result.failure }])),
  };
}

/** The same, all or none. */
export async function gatherTokens(...asked: Parameters<typeof gatherEach>): Promise<Result<AuthorizationToken[]>> {
  const { issued, refused } = await gatherEach(...asked);
  const [first] = refused;
  return first === undefined ? { ok: true, value: issued } : { ok: false, failure: first.failure };
}

async function gatherToken(
  request: TokenRequest,
  tokens: TokenSource,
  clock: Clock,
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

import { awsFailure } from '../core/failures/aws-failures.ts';
import type { Result } from '../core/failures/errors.ts';
import { tokenFromReply, whereOf, type AuthorizationToken, type TokenRequest } from '../core/secret/token.ts';
import type { Clock, TokenSource } from '../ports.ts';
import { interruption } from './stopping.ts';

/**
 * Asks for every token that a pull secret is to hold. All or none: a pull secret is written whole, and one that lacks a
 * registry would take away a login that still works.
 */
export async function gatherTokens(
  requests: readonly TokenRequest[],
  { tokens, clock }: { tokens: TokenSource; clock: Clock },
  signal: AbortSignal,
): Promise<Result<AuthorizationToken[]>> {
  const results = await Promise.all(requests.map((request) => gatherToken(request, tokens, clock, signal)));
  const issued: AuthorizationToken[] = [];
  for (const result of results) {
    if (!result.ok) return result;
    issued.push(result.value);
  }
  return { ok: true, value: issued };
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

import type { Result } from '../core/failures/errors.ts';
import { awsFailure } from '../core/failures/aws-failures.ts';
import { failed, type Finding } from '../core/doctor/finding.ts';
import { findAws, type AwsFacts, type IdentityFact } from '../core/doctor/aws.ts';
import { tokenRequests, whereOf, type AuthorizationToken, type TokenRequest } from '../core/secret/token.ts';
import type { IdentityReply, IdentitySource, TokenSource } from '../ports.ts';
import { gatherToken } from '../serving/tokens.ts';
import type { DoctorSettings, DoctorDeps } from './deps.ts';

/** AWS as it is asked: with which credentials is decided. */
export type AskedAws = { tokens: Result<TokenSource>; identity: IdentitySource };

/**
 * Asks AWS who we are and for every token; the tokens are for the registries' own check.
 * @param commands what is typed to mend an installation; where doctor itself is run there are none.
 */
export async function checkAws(
  settings: DoctorSettings,
  { identity, tokens }: AskedAws,
  { set, giveKey }: Pick<AwsFacts, 'set' | 'giveKey'>,
  { clock }: Pick<DoctorDeps, 'clock'>,
  signal: AbortSignal,
): Promise<{ findings: Finding[]; tokens: AuthorizationToken[]; arn?: string }> {
  if (!tokens.ok) return { findings: [failed('aws/credentials', tokens.failure)], tokens: [] };
  const requests = tokenRequests(settings.registries, settings.region);
  const [who, ...results] = await Promise.all([
    identity.identify(requests[0]?.region, signal),
    ...requests.map((request) => gatherToken(request, { tokens: tokens.value, clock }, signal)),
  ]);
  const issued = results.flatMap((result) => (result.ok ? [result.value] : []));
  const facts: AwsFacts = {
    identity: identityFact(who, requests),
    ...(who.clock === undefined ? {} : { clock: who.clock }),
    tokens: results.map((result, index) => tokenFact(result, requests[index])),
    registries: settings.registries,
    ...(settings.region === undefined ? {} : { region: settings.region }),
    nowMs: clock.nowMs(),
    set,
    giveKey,
  };
  const arn = who.caller === undefined ? {} : { arn: who.caller.arn };
  return { findings: findAws(facts), tokens: issued, ...arn };
}
/** What may be shown of what became of one call. */
function tokenFact(result: Result<AuthorizationToken>, request: TokenRequest | undefined): AwsFacts['tokens'][number] {
  const where = request === undefined ? '' : whereOf(request);
  if (!result.ok) return { where, result };
  const { hosts, expiresAtMs } = result.value;
  return { where, result: { ok: true, value: { hosts, expiresAtMs } } };
}

function identityFact({ credentials, caller, error }: IdentityReply, requests: readonly TokenRequest[]): IdentityFact {
  if (credentials !== undefined && caller !== undefined) {
    const { features, expiresAtMs } = credentials;
    return { kind: 'known', features, ...caller, ...(expiresAtMs === undefined ? {} : { expiresAtMs }) };
  }
  const [request = { registries: [], fips: false, dualStack: false }] = requests;
  const cause = error ?? { kind: 'error', name: 'Error', message: 'no answer', service: 'credentials' };
  const failure = awsFailure(cause, request);
  if (credentials === undefined) return { kind: 'noCredentials', failure };
  return { kind: 'unnamed', features: credentials.features, failure };
}

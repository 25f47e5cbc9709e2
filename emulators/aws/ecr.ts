import { awsError, type AwsError } from './errors.ts';
import { partitionOf } from './partitions.ts';
import { refusal, type Principal } from './principals.ts';
import { authorizationToken, type IssuedToken, type Tokens } from './tokens.ts';

export type Answer = { ok: true; body: unknown } | { ok: false; why: AwsError };

/** Who asks for what, once the signature was found right. */
export type EcrCall = { principal: Principal; region: string; input: unknown; nowMs: number };

const REGISTRY_ID = /^\d{12}$/;

/** `GetAuthorizationToken` of private registries: one entry for each registry that was asked for, or for the caller's own. */
export function getAuthorizationToken(tokens: Tokens, { principal, region, input, nowMs }: EcrCall): Answer {
  const why = refusal(principal, 'ecr:GetAuthorizationToken');
  if (why !== undefined) return { ok: false, why };
  const registries = registryIds(input);
  if (!Array.isArray(registries)) return { ok: false, why: registries };
  const accounts = registries.length === 0 ? [principal.account] : registries;
  const issued = accounts.map((account) => tokens.issue(account, region, nowMs));
  return { ok: true, body: { authorizationData: issued.map(authorizationData) } };
}

/** `GetAuthorizationToken` of ECR Public: us-east-1 only, one object, no endpoint, two permissions. */
export function getPublicAuthorizationToken(tokens: Tokens, { principal, region, nowMs }: EcrCall): Answer {
  if (region !== 'us-east-1') return { ok: false, why: awsError('UnsupportedCommandException') };
  const why = refusal(principal, 'ecr-public:GetAuthorizationToken') ?? refusal(principal, 'sts:GetServiceBearerToken');
  if (why !== undefined) return { ok: false, why };
  const { proxyEndpoint: _, ...data } = authorizationData(tokens.issue(principal.account, region, nowMs));
  return { ok: true, body: { authorizationData: data } };
}

/** The registry's host, as ECR writes it into `proxyEndpoint`. */
export function registryHost(account: string, region: string): string {
  return `${account}.dkr.ecr.${region}.${partitionOf(region).suffix}`;
}

// Times are epoch seconds with their fraction.
function authorizationData({ account, region, password, expiresAtMs }: IssuedToken) {
  return {
    authorizationToken: authorizationToken(password),
    expiresAt: expiresAtMs / 1000,
    proxyEndpoint: `https://${registryHost(account, region)}`,
  };
}

function registryIds(input: unknown): string[] | AwsError {
  if (typeof input !== 'object' || input === null || !('registryIds' in input)) return [];
  const given: unknown = input.registryIds;
  if (!Array.isArray(given) || given.length < 1 || given.length > 10) {
    return invalid('registryIds', 'Member must have length between 1 and 10');
  }
  const ids = given.filter((id) => typeof id === 'string' && REGISTRY_ID.test(id));
  return ids.length === given.length ? ids : invalid('registryId', "must satisfy regular expression '[0-9]{12}'");
}

function invalid(parameter: string, constraint: string): AwsError {
  return awsError(
    'InvalidParameterException',
    `Invalid parameter at '${parameter}' failed to satisfy constraint: '${constraint}'`,
  );
}

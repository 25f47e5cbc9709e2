import { getAuthorizationToken, getPublicAuthorizationToken, type Answer, type EcrCall } from './ecr.ts';
import { awsError, jsonError, queryError, type AwsError } from './errors.ts';
import type { CallSite } from './faults.ts';
import { header, type Reply, type Request } from './http.ts';
import type { MetadataEndpoints } from './metadata.ts';
import type { Principals } from './principals.ts';
import { readClaim, verify } from './sigv4.ts';
import { assumeRole, assumeRoleWithWebIdentity, getCallerIdentity, stsReplyBody, type StsAnswer } from './sts.ts';
import type { Tokens } from './tokens.ts';
import type { WebIdentities } from './web-identity.ts';

/** A request, recognised: who it is for, how its right answer is made, and how its service words an error. */
export type Dispatch = {
  site: CallSite;
  accessKeyId: string;
  answer: () => Reply;
  fail: (why: AwsError) => Reply;
};

export type Services = {
  principals: Principals;
  tokens: Tokens;
  identities: WebIdentities;
  metadata: MetadataEndpoints;
  now: () => number;
};

const TARGETS: Record<string, { service: 'ecr' | 'ecr-public'; run: (tokens: Tokens, call: EcrCall) => Answer }> = {
  AmazonEC2ContainerRegistry_V20150921: { service: 'ecr', run: getAuthorizationToken },
  SpencerFrontendService: { service: 'ecr-public', run: getPublicAuthorizationToken },
};

/** Recognises a request by its path (metadata), its `X-Amz-Target` (JSON 1.1) or its form (the query protocol of STS). */
export function dispatch(services: Services, request: Request, requestId: string): Dispatch {
  const metadata = services.metadata.route(request);
  if (metadata !== undefined) {
    const site = { service: metadata.service, action: metadata.action, region: '' };
    return { site, accessKeyId: '', answer: metadata.answer, fail: jsonError };
  }
  const target = header(request, 'x-amz-target');
  return target === undefined ? forSts(services, request, requestId) : forJson(services, request, target);
}

function forJson(services: Services, request: Request, target: string): Dispatch {
  const [prefix = '', action = ''] = target.split('.', 2);
  const known = TARGETS[prefix];
  const claim = readClaim(request);
  const site: CallSite = { service: known?.service ?? 'ecr', action, region: claim?.region ?? '' };
  const answer = () => {
    if (known === undefined || action !== 'GetAuthorizationToken') {
      return jsonError(awsError('UnknownOperationException'));
    }
    const verdict = verify(request, known.service, services.now(), (id) => services.principals.find(id));
    if (!verdict.ok) return jsonError(verdict.why);
    const input = parseJson(request.body.toString());
    if (!input.ok) return jsonError(awsError('SerializationException'));
    const { principal, region } = verdict;
    const result = known.run(services.tokens, { principal, region, input: input.value, nowMs: services.now() });
    return result.ok ? jsonReply(result.body) : jsonError(result.why);
  };
  return { site, accessKeyId: claim?.accessKeyId ?? '', answer, fail: jsonError };
}

function forSts(services: Services, request: Request, requestId: string): Dispatch {
  const claim = readClaim(request);
  const parameters = new URLSearchParams(request.method === 'POST' ? request.body.toString() : request.query);
  const action = parameters.get('Action') ?? '';
  const fail = (why: AwsError) => queryError(why, requestId);
  const answer = () => {
    const result = runSts(services, request, action, parameters);
    if (!result.ok) return fail(result.why);
    return { status: 200, contentType: 'text/xml', body: stsReplyBody(action, result.xml, requestId) };
  };
  const site: CallSite = { service: 'sts', action, region: claim?.region ?? '' };
  return { site, accessKeyId: claim?.accessKeyId ?? '', answer, fail };
}

function runSts(services: Services, request: Request, action: string, parameters: URLSearchParams): StsAnswer {
  const { principals, identities } = services;
  const nowMs = services.now();
  if (action === 'AssumeRoleWithWebIdentity') {
    return assumeRoleWithWebIdentity(principals, identities, parameters, nowMs);
  }
  const verdict = verify(request, 'sts', nowMs, (id) => principals.find(id));
  if (!verdict.ok) return verdict;
  if (action === 'AssumeRole') return assumeRole(principals, verdict.principal, parameters, nowMs);
  if (action === 'GetCallerIdentity') return getCallerIdentity(verdict.principal);
  const version = parameters.get('Version') ?? '';
  const why = `Could not find operation ${action} for version ${version}`;
  return { ok: false, why: awsError('UnknownOperationException', why) };
}

function jsonReply(body: unknown): Reply {
  return { status: 200, contentType: 'application/x-amz-json-1.1', body: JSON.stringify(body) };
}

function parseJson(text: string): { ok: true; value: unknown } | { ok: false } {
  try {
    return { ok: true, value: text === '' ? {} : JSON.parse(text) };
  } catch {
    return { ok: false };
  }
}

import { awsError, xmlText, type AwsError } from './errors.ts';
import { refusal, type Principal, type Principals, type TemporaryCredentials } from './principals.ts';
import type { WebIdentities } from './web-identity.ts';

export type StsAnswer = { ok: true; xml: string } | { ok: false; why: AwsError };

/** `AssumeRoleWithWebIdentity`, which is not signed: the web identity token is what authenticates. */
export function assumeRoleWithWebIdentity(
  principals: Principals,
  identities: WebIdentities,
  parameters: URLSearchParams,
  nowMs: number,
): StsAnswer {
  const request = sessionRequest(parameters);
  if (!request.ok) return request;
  const identity = identities.read(parameters.get('WebIdentityToken') ?? '', nowMs);
  if (!identity.ok) return identity;
  const role = principals.role(request.roleArn);
  if (role === undefined || role.trusts?.(identity.subject) === false) {
    return refuse(awsError('AccessDeniedException', 'Not authorized to perform sts:AssumeRoleWithWebIdentity'));
  }
  const issued = principals.assume(role, request.sessionName, nowMs + request.durationMs);
  return {
    ok: true,
    xml:
      tag('SubjectFromWebIdentityToken', identity.subject) +
      tag('Audience', identity.audience) +
      tag('Provider', identity.provider) +
      credentialsXml(issued),
  };
}

/** `AssumeRole`, signed by a principal that its policies allow it. */
export function assumeRole(
  principals: Principals,
  caller: Principal,
  parameters: URLSearchParams,
  nowMs: number,
): StsAnswer {
  const request = sessionRequest(parameters);
  if (!request.ok) return request;
  const role = principals.role(request.roleArn);
  const denied = refusal(caller, 'sts:AssumeRole', request.roleArn);
  if (denied !== undefined) return refuse(denied);
  if (role === undefined || role.trusts?.(caller.arn) === false) {
    const why = `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${request.roleArn}`;
    return refuse(awsError('AccessDeniedException', why));
  }
  const issued = principals.assume(role, request.sessionName, nowMs + request.durationMs);
  return { ok: true, xml: credentialsXml(issued) };
}

/** `GetCallerIdentity`, which needs no permission. */
export function getCallerIdentity({ arn, accessKeyId, account }: Principal): StsAnswer {
  const userId = arn.includes(':assumed-role/') ? `AROA${account}EXAMPLE:${arn.split('/').at(-1) ?? ''}` : accessKeyId;
  return { ok: true, xml: tag('Arn', arn) + tag('UserId', userId) + tag('Account', account) };
}

/** An answer of STS: the result in the envelope that all actions share. */
export function stsReplyBody(action: string, resultXml: string, requestId: string): string {
  const result = tagged(`${action}Result`, resultXml);
  const envelope = `${result}<ResponseMetadata>${tag('RequestId', requestId)}</ResponseMetadata>`;
  return `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${envelope}</${action}Response>`;
}

type SessionRequest = { ok: true; roleArn: string; sessionName: string; durationMs: number };

function sessionRequest(parameters: URLSearchParams): SessionRequest | { ok: false; why: AwsError } {
  const roleArn = parameters.get('RoleArn') ?? '';
  const sessionName = parameters.get('RoleSessionName') ?? '';
  const durationSeconds = Number(parameters.get('DurationSeconds') ?? '3600');
  if (!/^arn:[a-z-]+:iam::\d{12}:role\/.+$/.test(roleArn)) {
    return refuse(awsError('InvalidParameterException', `${roleArn} is invalid`));
  }
  if (!/^[\w+=,.@-]{2,64}$/.test(sessionName)) {
    return refuse(violation(sessionName, 'roleSessionName', 'satisfy regular expression pattern: [\\w+=,.@-]*'));
  }
  if (!(durationSeconds >= 900)) {
    return refuse(violation(String(durationSeconds), 'durationSeconds', 'have value greater than or equal to 900'));
  }
  if (durationSeconds > 43_200) {
    return refuse(violation(String(durationSeconds), 'durationSeconds', 'have value less than or equal to 43200'));
  }
  return { ok: true, roleArn, sessionName, durationMs: durationSeconds * 1000 };
}

function violation(value: string, member: string, constraint: string): AwsError {
  return awsError(
    'InvalidParameterException',
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must ${constraint}`,
  );
}

function credentialsXml(issued: TemporaryCredentials): string {
  const user = tag('AssumedRoleId', `AROAEXAMPLE:${issued.arn.split('/').at(-1) ?? ''}`) + tag('Arn', issued.arn);
  const credentials =
    tag('AccessKeyId', issued.accessKeyId) +
    tag('SecretAccessKey', issued.secretAccessKey) +
    tag('SessionToken', issued.sessionToken) +
    tag('Expiration', new Date(issued.expiresAtMs).toISOString().replace(/\.\d{3}Z$/, 'Z'));
  return `<AssumedRoleUser>${user}</AssumedRoleUser><Credentials>${credentials}</Credentials>`;
}

function tag(name: string, value: string): string {
  return tagged(name, xmlText(value));
}

function tagged(name: string, xml: string): string {
  return `<${name}>${xml}</${name}>`;
}

function refuse(why: AwsError): { ok: false; why: AwsError } {
  return { ok: false, why };
}

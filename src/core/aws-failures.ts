import { failure, type Failure, type FailureCode } from './errors.ts';
import { whereOf, type AwsReply, type TokenRequest } from './token.ts';

type AwsError = Extract<AwsReply, { kind: 'error' }>;

/** AWS's and the SDK's error names, and Node's codes of connections that failed. */
const codes: Readonly<Record<string, FailureCode>> = {
  UnrecognizedClientException: 'AwsKeyUnknown',
  InvalidClientTokenId: 'AwsKeyUnknown',
  InvalidAccessKeyId: 'AwsKeyUnknown',
  SignatureDoesNotMatch: 'AwsSignatureMismatch',
  InvalidSignatureException: 'AwsSignatureMismatch',
  RequestExpired: 'AwsClockSkewed',
  RequestTimeTooSkewed: 'AwsClockSkewed',
  RequestInTheFuture: 'AwsClockSkewed',
  ExpiredTokenException: 'AwsCredentialsExpired',
  ExpiredToken: 'AwsCredentialsExpired',
  TokenRefreshRequired: 'AwsCredentialsExpired',
  AccessDeniedException: 'AwsAccessDenied',
  AccessDenied: 'AwsAccessDenied',
  InvalidIdentityToken: 'AwsIdentityRefused',
  InvalidIdentityTokenException: 'AwsIdentityRefused',
  IDPRejectedClaim: 'AwsIdentityRefused',
  MissingAuthenticationTokenException: 'AwsCredentialsMissing',
  CredentialsProviderError: 'AwsCredentialsMissing',
  TokenProviderError: 'AwsCredentialsMissing',
  ThrottlingException: 'AwsThrottled',
  Throttling: 'AwsThrottled',
  TooManyRequestsException: 'AwsThrottled',
  ServerException: 'AwsUnavailable',
  InternalFailure: 'AwsUnavailable',
  ServiceUnavailable: 'AwsUnavailable',
  ServiceUnavailableException: 'AwsUnavailable',
  TimeoutError: 'AwsTimedOut',
  ETIMEDOUT: 'AwsTimedOut',
  ENOTFOUND: 'AwsUnreachable',
  EAI_AGAIN: 'AwsUnreachable',
  ECONNREFUSED: 'AwsUnreachable',
  ECONNRESET: 'AwsUnreachable',
  EHOSTUNREACH: 'AwsUnreachable',
  ENETUNREACH: 'AwsUnreachable',
  EPIPE: 'AwsUnreachable',
  ERR_PROXY_TUNNEL: 'AwsUnreachable',
  SyntaxError: 'AwsReplyInvalid',
  CertificatesUnreadable: 'CertificatesUnreadable',
};

/** Node's codes for certificates that are not trusted. */
const untrusted = /^(?:CERT_|ERR_TLS_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_)/;

/**
 * Names what kept AWS from issuing a token. The reason is AWS's own wording, since operators search for it.
 * @param reply the error as the adapter saw it.
 */
export function awsFailure(reply: AwsError, request: TokenRequest): Failure {
  const code = codeOf(reply);
  const host = reply.host ?? `the ${reply.service} endpoint`;
  return failure(code, {
    where: `${whereOf(request)}, ${reply.service}`,
    why: whyOf(reply),
    requestId: reply.requestId,
    host,
    name: 'AWS_CA_BUNDLE',
  });
}

function codeOf(reply: AwsError): FailureCode {
  if (reply.message.startsWith('Region is missing')) return 'RegionMissing';
  if (isSkew(reply)) return 'AwsClockSkewed';
  if (untrusted.test(reply.causeCode ?? '') || untrusted.test(reply.name)) return 'AwsTlsUntrusted';
  // STS says so of a role's trust policy, not of a missing permission.
  if (reply.service === 'sts' && /AssumeRoleWithWebIdentity/.test(reply.message)) return 'AwsIdentityRefused';
  const named = codes[reply.name] ?? codes[reply.causeCode ?? ''];
  if (named !== undefined) return named;
  if ((reply.status ?? 0) >= 500) return 'AwsUnavailable';
  if (reply.status === 429) return 'AwsThrottled';
  if (reply.status === 200) return 'AwsReplyInvalid';
  return reply.service === 'credentials' ? 'AwsCredentialsMissing' : 'AwsRequestRefused';
}

function isSkew({ message }: AwsError): boolean {
  return /^Signature (?:expired|not yet current)/.test(message);
}

/** One bounded line. */
function whyOf({ name, message, causeCode }: AwsError): string {
  const cause = causeCode === undefined || message.includes(causeCode) ? '' : ` (${causeCode})`;
  return `${name}: ${message}${cause}`.replace(/\s+/g, ' ').slice(0, 600);
}

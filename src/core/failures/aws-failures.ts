import { failure, type Failure, type FailureCode } from './errors.ts';
import { shortened } from '../text/shortened.ts';
import { whereOf, type AwsReply, type TokenRequest } from '../secret/token.ts';

type AwsError = Extract<AwsReply, { kind: 'error' }>;

/** AWS's and the SDK's error names. A map, since names come from outside and `constructor` is one, too. */
const byName: ReadonlyMap<string, FailureCode> = new Map(
  Object.entries<FailureCode>({
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
    IDPRejectedClaimException: 'AwsIdentityRefused',
    MissingAuthenticationToken: 'AwsCredentialsMissing',
    MissingAuthenticationTokenException: 'AwsCredentialsMissing',
    CredentialsProviderError: 'AwsCredentialsMissing',
    CredentialProcessFailed: 'AwsProcessFailed',
    TokenProviderError: 'AwsCredentialsMissing',
    ThrottlingException: 'AwsThrottled',
    Throttling: 'AwsThrottled',
    RequestLimitExceeded: 'AwsThrottled',
    TooManyRequestsException: 'AwsThrottled',
    ServerException: 'AwsUnavailable',
    InternalFailure: 'AwsUnavailable',
    ServiceUnavailable: 'AwsUnavailable',
    ServiceUnavailableException: 'AwsUnavailable',
    IDPCommunicationError: 'AwsUnavailable',
    IDPCommunicationErrorException: 'AwsUnavailable',
    TimeoutError: 'AwsTimedOut',
    AnswerTooLarge: 'AwsReplyInvalid',
    ProxyInvalid: 'AwsUnreachable',
    CertificatesUnreadable: 'CertificatesUnreadable',
  }),
);

/** Node's codes of connections that failed. */
const byCause: ReadonlyMap<string, FailureCode> = new Map(
  Object.entries<FailureCode>({
    ETIMEDOUT: 'AwsTimedOut',
    ENOTFOUND: 'AwsUnreachable',
    EAI_AGAIN: 'AwsUnreachable',
    ECONNREFUSED: 'AwsUnreachable',
    ECONNRESET: 'AwsUnreachable',
    EHOSTUNREACH: 'AwsUnreachable',
    ENETUNREACH: 'AwsUnreachable',
    EPIPE: 'AwsUnreachable',
    ERR_PROXY_TUNNEL: 'AwsUnreachable',
    EPROTO: 'AwsUnreachable',
  }),
);

/** Node's codes for certificates that are not trusted. */
const untrusted = /^(?:CERT_|ERR_TLS_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_)/;

const MOST_CHARACTERS = 600;

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
  const { name, causeCode = '' } = reply;
  // The cause comes first: the SDK names every broken connection `TimeoutError`.
  return codeOfWords(reply) ?? byCause.get(causeCode) ?? byName.get(name) ?? codeOfStatus(reply);
}

/** What is told by more than a name. */
function codeOfWords(reply: AwsError): FailureCode | undefined {
  const { name, message, causeCode = '', service } = reply;
  if (message.startsWith('Region is missing')) return 'RegionMissing';
  if (/^Signature (?:expired|not yet current)/.test(message)) return 'AwsClockSkewed';
  if (untrusted.test(causeCode) || untrusted.test(name)) return 'AwsTlsUntrusted';
  if (service === 'sts' && isAboutIdentityToken(reply)) return 'AwsIdentityRefused';
  return service === 'credentials' && name === 'AnswerTooLarge' ? 'AwsCredentialsMissing' : undefined;
}

function codeOfStatus(reply: AwsError): FailureCode {
  const { status = 0, service } = reply;
  if (status >= 500) return 'AwsUnavailable';
  if (status === 429) return 'AwsThrottled';
  if (status === 200 || isUnreadable(reply)) return 'AwsReplyInvalid';
  return service === 'credentials' ? 'AwsCredentialsMissing' : 'AwsRequestRefused';
}

/** What a role's trust policy refuses reads as a missing permission; what STS finds expired there is no credential of AWS. */
function isAboutIdentityToken({ message }: AwsError): boolean {
  return message.includes('AssumeRoleWithWebIdentity') || message.startsWith('Token expired');
}

/** An answer that is not what the service speaks: a page of a proxy or a portal. */
function isUnreadable({ name, status }: AwsError): boolean {
  return name === 'SyntaxError' && status !== undefined;
}

/** One bounded line. */
function whyOf(reply: AwsError): string {
  const { name, message, causeCode, status = 0 } = reply;
  // A parser's own words quote what it read, which may be part of a token.
  if (isUnreadable(reply)) return `the answer, of HTTP status ${status}, is not JSON`;
  const cause = causeCode === undefined || message.includes(causeCode) ? '' : ` (${causeCode})`;
  return shortened(`${name}: ${message}${cause}`.replaceAll(/[\s\p{C}]+/gu, ' ').trim(), MOST_CHARACTERS);
}

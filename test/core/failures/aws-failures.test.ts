import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { awsFailure } from '../../../src/core/failures/aws-failures.ts';
import { failureTable, type FailureCode } from '../../../src/core/failures/failure-table.ts';
import { parseRegistryHost } from '../../../src/core/secret/registry-host.ts';
import type { AwsReply, TokenRequest } from '../../../src/core/secret/token.ts';

type AwsError = Extract<AwsReply, { kind: 'error' }>;

const request: TokenRequest = { region: 'us-east-1', registries: [], fips: false, dualStack: false };

function reply(facts: Partial<AwsError>): AwsError {
  return { kind: 'error', name: 'Error', message: 'it failed', service: 'ecr', ...facts };
}

describe('an error of AWS has its code', () => {
  const cases: Record<string, [Partial<AwsError>, FailureCode]> = {
    'the key does not exist': [{ name: 'UnrecognizedClientException', status: 400 }, 'AwsKeyUnknown'],
    'the key does not exist, STS says': [
      { name: 'InvalidClientTokenId', status: 403, service: 'sts' },
      'AwsKeyUnknown',
    ],
    'the secret key is another': [
      { name: 'InvalidSignatureException', message: 'The request signature we calculated does not match', status: 400 },
      'AwsSignatureMismatch',
    ],
    'the secret key is another, STS says': [
      { name: 'SignatureDoesNotMatch', status: 403, service: 'sts' },
      'AwsSignatureMismatch',
    ],
    'the clock is behind': [
      {
        name: 'InvalidSignatureException',
        message: 'Signature expired: 20261123T233059Z is now earlier than',
        status: 400,
      },
      'AwsClockSkewed',
    ],
    'the clock is ahead': [
      {
        name: 'InvalidSignatureException',
        message: 'Signature not yet current: 20261124T013059Z is still',
        status: 400,
      },
      'AwsClockSkewed',
    ],
    'the clock differs, STS says': [{ name: 'RequestExpired', service: 'sts', status: 400 }, 'AwsClockSkewed'],
    'temporary credentials expired': [{ name: 'ExpiredTokenException', status: 400 }, 'AwsCredentialsExpired'],
    'temporary credentials that assume a role expired': [
      { name: 'ExpiredToken', service: 'sts', status: 403 },
      'AwsCredentialsExpired',
    ],
    'the projected token of the ServiceAccount expired': [
      {
        name: 'ExpiredTokenException',
        message: 'Token expired: current date/time 2 must be before',
        service: 'sts',
        status: 400,
      },
      'AwsIdentityRefused',
    ],
    'a policy allows nothing': [{ name: 'AccessDeniedException', status: 400 }, 'AwsAccessDenied'],
    'no role may be assumed by this user': [
      {
        name: 'AccessDenied',
        message: 'User: u is not authorized to perform: sts:AssumeRole',
        service: 'sts',
        status: 403,
      },
      'AwsAccessDenied',
    ],
    'the trust policy names another ServiceAccount': [
      {
        name: 'AccessDenied',
        message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity',
        service: 'sts',
        status: 403,
      },
      'AwsIdentityRefused',
    ],
    'the identity provider is unknown': [
      { name: 'InvalidIdentityTokenException', service: 'sts', status: 400 },
      'AwsIdentityRefused',
    ],
    'the identity provider does not answer': [
      { name: 'IDPCommunicationErrorException', service: 'sts', status: 400 },
      'AwsUnavailable',
    ],
    'no link of the chain has credentials': [
      { name: 'CredentialsProviderError', service: 'credentials' },
      'AwsCredentialsMissing',
    ],
    'the file of the web identity token is missing': [
      { causeCode: 'ENOENT', service: 'credentials' },
      'AwsCredentialsMissing',
    ],
    'nothing was signed': [{ name: 'MissingAuthenticationTokenException', status: 400 }, 'AwsCredentialsMissing'],
    'there are too many calls': [{ name: 'ThrottlingException', status: 400 }, 'AwsThrottled'],
    'there are too many calls, a proxy says': [{ name: 'SyntaxError', status: 429 }, 'AwsThrottled'],
    'ECR is broken': [{ name: 'ServerException', status: 500 }, 'AwsUnavailable'],
    'ECR is down': [{ name: 'ServiceUnavailableException', status: 503 }, 'AwsUnavailable'],
    'a load balancer answers with a page': [{ name: 'SyntaxError', status: 502 }, 'AwsUnavailable'],
    'a portal answers with a page': [{ name: 'SyntaxError', status: 200 }, 'AwsReplyInvalid'],
    'a proxy answers with a page': [{ name: 'SyntaxError', status: 403 }, 'AwsReplyInvalid'],
    'a field has another type': [
      { name: 'TypeError', message: 'Expected real number', status: 200 },
      'AwsReplyInvalid',
    ],
    'the answer breaks off': [{ message: 'aborted', status: 200, causeCode: 'ECONNRESET' }, 'AwsUnreachable'],
    'nothing answers': [{ name: 'TimeoutError', causeCode: 'ETIMEDOUT' }, 'AwsTimedOut'],
    'no connection is made in time': [{ name: 'TimeoutError' }, 'AwsTimedOut'],
    'nothing listens': [{ name: 'TimeoutError', causeCode: 'ECONNREFUSED' }, 'AwsUnreachable'],
    'the connection is reset': [{ name: 'TimeoutError', causeCode: 'ECONNRESET' }, 'AwsUnreachable'],
    'the name has no address': [{ causeCode: 'ENOTFOUND' }, 'AwsUnreachable'],
    'STS has no address': [{ causeCode: 'ENOTFOUND', service: 'sts' }, 'AwsUnreachable'],
    'the proxy opens no tunnel': [{ causeCode: 'ERR_PROXY_TUNNEL' }, 'AwsUnreachable'],
    'the proxy is no URL': [{ name: 'ProxyInvalid' }, 'AwsUnreachable'],
    'the CA is unknown': [{ causeCode: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY' }, 'AwsTlsUntrusted'],
    'the certificate is its own CA': [{ causeCode: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, 'AwsTlsUntrusted'],
    'a proxy signs with a CA of its own': [{ causeCode: 'SELF_SIGNED_CERT_IN_CHAIN' }, 'AwsTlsUntrusted'],
    'the certificate expired': [{ causeCode: 'CERT_HAS_EXPIRED' }, 'AwsTlsUntrusted'],
    'the certificate names another host': [{ causeCode: 'ERR_TLS_CERT_ALTNAME_INVALID' }, 'AwsTlsUntrusted'],
    'the CA bundle vanished since the start': [{ name: 'CertificatesUnreadable' }, 'CertificatesUnreadable'],
    'there is no region': [{ message: 'Region is missing', service: 'credentials' }, 'RegionMissing'],
    'the region does not have the operation': [
      { name: 'UnsupportedCommandException', status: 400 },
      'AwsRequestRefused',
    ],
    'the name is one of Object': [{ name: 'constructor', causeCode: 'toString', status: 400 }, 'AwsRequestRefused'],
  };
  for (const [when, [facts, code]] of Object.entries(cases)) {
    it(`${code} when ${when}`, () => assert.equal(awsFailure(reply(facts), request).code, code));
  }
});

it('says what, where, why and what to do, with the id of the request', () => {
  const error = reply({
    name: 'UnrecognizedClientException',
    message: 'The security token included in the request is invalid.',
    status: 400,
    requestId: 'r-1',
    host: 'api.ecr.us-east-1.amazonaws.com',
  });
  assert.deepEqual(awsFailure(error, request), {
    code: 'AwsKeyUnknown',
    what: 'AWS does not know this access key',
    where: 'us-east-1, ecr',
    why: 'UnrecognizedClientException: The security token included in the request is invalid.',
    fix: 'Check AWS_ACCESS_KEY_ID: the key may be deleted, inactive, mistyped or of another AWS partition.',
    requestId: 'r-1',
  });
});

it('names the registries that go without a token', () => {
  const registry = parseRegistryHost('123456789012.dkr.ecr.eu-west-1.amazonaws.com');
  assert.ok(registry);
  const { where } = awsFailure(reply({}), { ...request, region: 'eu-west-1', registries: [registry] });
  assert.equal(where, 'eu-west-1 (123456789012.dkr.ecr.eu-west-1.amazonaws.com), ecr');
});

it('names the host that was asked, or the service where no host is known', () => {
  const refused = { name: 'TimeoutError', message: 'connect ECONNREFUSED 10.0.0.9:443', causeCode: 'ECONNREFUSED' };
  const { why, fix } = awsFailure(reply({ ...refused, host: 'sts.amazonaws.com', service: 'sts' }), request);
  assert.equal(why, 'TimeoutError: connect ECONNREFUSED 10.0.0.9:443');
  assert.equal(fix, 'Check DNS, egress rules and HTTPS_PROXY/NO_PROXY from this pod to sts.amazonaws.com.');
  assert.match(awsFailure(reply(refused), request).fix, /from this pod to the ecr endpoint\.$/);
});

it('adds the cause where the words do not hold it', () => {
  const error = reply({
    message: 'unable to get local issuer certificate',
    causeCode: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  });
  assert.equal(
    awsFailure(error, request).why,
    'Error: unable to get local issuer certificate (UNABLE_TO_GET_ISSUER_CERT_LOCALLY)',
  );
});

it('does not repeat a piece of an answer that is no JSON', () => {
  const error = reply({ name: 'SyntaxError', message: 'Unexpected token in "zationToken":"QVdTOnNlY3J', status: 200 });
  assert.equal(awsFailure(error, request).why, 'the answer, of HTTP status 200, is not JSON');
});

it('is one line of what people read, between words, however much AWS says', () => {
  const { why } = awsFailure(reply({ name: 'Odd', message: 'word\n\u0007word '.repeat(1000) }), request);
  assert.match(why, /^Odd: word word word [\w ]+ word…$/);
  assert.ok(why.length <= 601);
});

it('is one bounded line of a known code, whatever AWS says', () => {
  fc.assert(
    fc.property(
      fc.record({
        name: fc.oneof(fc.string(), fc.constantFrom('__proto__', 'toString', 'SyntaxError')),
        message: fc.string({ unit: 'binary', maxLength: 6000 }),
        causeCode: fc.string(),
        status: fc.integer({ min: 100, max: 599 }),
        service: fc.constantFrom('ecr', 'sts', 'credentials'),
      }),
      (facts) => {
        const { code, why } = awsFailure(reply(facts), request);
        assert.ok(Object.hasOwn(failureTable, code));
        assert.ok(why.length <= 4097);
        assert.doesNotMatch(why, /\p{Cc}|\u2028/u);
      },
    ),
  );
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { before, describe, it } from 'node:test';

import { ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';

import { readRequest, type Request } from '../../../emulators/aws/http.ts';
import type { Principal } from '../../../emulators/aws/principals.ts';
import { verify } from '../../../emulators/aws/sigv4.ts';

const PRINCIPAL: Principal = {
  accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'secret',
  sessionToken: 'session',
  account: '123456789012',
  arn: 'arn:aws:iam::123456789012:user/x',
  allowed: ['*'],
};

/** A request as the SDK signs it, caught on its way. */
async function signedRequest(): Promise<Request> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on a TCP port
  const caught = once(server, 'request').then(async ([message, response]) => {
    const request = await readRequest(message);
    response.writeHead(500).end('{}');
    return request;
  });
  const { accessKeyId, secretAccessKey, sessionToken = '' } = PRINCIPAL;
  const credentials = { accessKeyId, secretAccessKey, sessionToken };
  const client = new ECRClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials,
    maxAttempts: 1,
  });
  await assert.rejects(client.send(new GetAuthorizationTokenCommand({})));
  server.closeAllConnections();
  server.close();
  return caught;
}

let signed: Request;

function judge(request: Request, service = 'ecr', principal = PRINCIPAL, nowMs = Date.now()): string {
  const find = (accessKeyId: string) => (accessKeyId === principal.accessKeyId ? principal : undefined);
  const verdict = verify(request, service, nowMs, find);
  return verdict.ok ? 'right' : `${verdict.why.error}: ${verdict.why.message}`;
}

function withHeader(name: string, change: (value: string) => string | undefined): Request {
  const value = change(signed.headers.get(name)?.[0] ?? '');
  const headers = new Map(signed.headers);
  if (value === undefined) headers.delete(name);
  else headers.set(name, [value]);
  return { ...signed, headers };
}

function amzDate(timeMs: number): string {
  return new Date(timeMs).toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
}

const MISMATCH =
  'InvalidSignatureException: The request signature we calculated does not match the signature you provided. Check ' +
  'your AWS Secret Access Key and signing method. Consult the service documentation for details.';
const UNRECOGNIZED = 'UnrecognizedClientException: The security token included in the request is invalid.';

const CHANGED: Record<string, { by: () => Request; verdict: string }> = {
  'of another body': { by: () => ({ ...signed, body: Buffer.from('{"registryIds":["1"]}') }), verdict: MISMATCH },
  'of another method': { by: () => ({ ...signed, method: 'PUT' }), verdict: MISMATCH },
  'of another path': { by: () => ({ ...signed, path: '/other' }), verdict: MISMATCH },
  'of another query': { by: () => ({ ...signed, query: 'a=b' }), verdict: MISMATCH },
  'for another host': { by: () => withHeader('host', () => 'evil.example'), verdict: MISMATCH },
  'for another action': { by: () => withHeader('x-amz-target', (value) => `${value}s`), verdict: MISMATCH },
  'of another second': { by: () => withHeader('x-amz-date', () => amzDate(Date.now() + 90_000)), verdict: MISMATCH },
  'for another region': {
    by: () => withHeader('authorization', (value) => value.replace('us-east-1', 'eu-west-1')),
    verdict: MISMATCH,
  },
  'that leaves the host unsigned': {
    by: () => withHeader('authorization', (value) => value.replace(';host;', ';')),
    verdict: MISMATCH,
  },
  'without its session token': { by: () => withHeader('x-amz-security-token', () => undefined), verdict: UNRECOGNIZED },
  'with another session token': { by: () => withHeader('x-amz-security-token', () => 'other'), verdict: UNRECOGNIZED },
  'without a date': {
    by: () => withHeader('x-amz-date', () => undefined),
    verdict: "IncompleteSignatureException: Date must be in ISO-8601 'basic format'.",
  },
  'without an Authorization header': {
    by: () => withHeader('authorization', () => undefined),
    verdict: 'MissingAuthenticationTokenException: Missing Authentication Token',
  },
  'without a signature in it': {
    by: () => withHeader('authorization', (value) => value.replace(/, Signature=.*/, '')),
    verdict:
      "IncompleteSignatureException: Authorization header requires 'Signature' parameter. Authorization=AWS4-HMAC-SHA256",
  },
};

describe('Signature Version 4', () => {
  before(async () => {
    signed = await signedRequest();
  });

  it('is found right as the SDK makes it', () => {
    assert.equal(judge(signed), 'right');
  });

  for (const [what, { by, verdict }] of Object.entries(CHANGED)) {
    it(`is refused on a request ${what}`, () => {
      assert.equal(judge(by()), verdict);
    });
  }

  it('is refused for another service', () => {
    assert.equal(
      judge(signed, 'sts'),
      "InvalidSignatureException: Credential should be scoped to correct service: 'sts'. ",
    );
  });

  it('is refused where nobody has the key', () => {
    assert.equal(judge(signed, 'ecr', { ...PRINCIPAL, accessKeyId: 'ASIAANOTHER000000000' }), UNRECOGNIZED);
  });

  it('is refused after five minutes, naming the times', () => {
    const signedMs = Date.parse('2026-01-02T03:04:05Z');
    const request = withHeader('x-amz-date', () => amzDate(signedMs));
    assert.equal(
      judge(request, 'ecr', PRINCIPAL, signedMs + 301_000),
      'InvalidSignatureException: Signature expired: 20260102T030405Z is now earlier than 20260102T030406Z ' +
        '(20260102T030906Z - 5 min.)',
    );
    assert.equal(
      judge(request, 'ecr', PRINCIPAL, signedMs - 301_000),
      'InvalidSignatureException: Signature not yet current: 20260102T030405Z is still later than 20260102T030404Z ' +
        '(20260102T025904Z + 5 min.)',
    );
  });

  it('is refused when the session has expired', () => {
    assert.equal(
      judge(signed, 'ecr', { ...PRINCIPAL, expiresAtMs: Date.now() }),
      'ExpiredTokenException: The security token included in the request is expired',
    );
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tokenFromReply, type AwsReply } from '../../../src/core/secret/token.ts';

const nowMs = Date.UTC(2026, 0, 2);
const request = { region: 'eu-west-1', registries: [], fips: false, dualStack: false };
const good = {
  kind: 'answer',
  authorizationToken: Buffer.from('AWS:the-password').toString('base64'),
  expiresAtMs: nowMs + 1,
  proxyEndpoint: 'https://123456789012.dkr.ecr.eu-west-1.amazonaws.com',
  host: 'api.ecr.eu-west-1.amazonaws.com',
} as const satisfies AwsReply;

describe('the registry that an answer names', () => {
  const cases: Record<string, [host: string | undefined, endpoint: string | undefined, accepted: boolean]> = {
    "is one of ECR's": [good.host, good.proxyEndpoint, true],
    'may have a slash at its end': [good.host, `${good.proxyEndpoint}/`, true],
    'is not believed where AWS names Docker Hub': [good.host, 'https://index.docker.io', false],
    'is not believed where it is a host that only begins like one': [
      good.host,
      `${good.proxyEndpoint}.evil.example`,
      false,
    ],
    'is not believed from a VPC endpoint either': [
      'vpce-0123-abcd.api.ecr.eu-west-1.vpce.amazonaws.com',
      'https://ghcr.io',
      false,
    ],
    'is not believed in other partitions': ['api.ecr.cn-north-1.amazonaws.com.cn:443', 'https://ghcr.io', false],
    'may be any where the endpoint was configured': ['ecr.localhost:4566', 'https://registry.localhost', true],
    'has no port and no path': [good.host, `${good.proxyEndpoint}:443/v2`, false],
    'is there': [good.host, undefined, false],
  };
  for (const [title, [host, proxyEndpoint, accepted]] of Object.entries(cases)) {
    it(title, () => {
      const token = tokenFromReply({ ...good, ...(host === undefined ? {} : { host }), proxyEndpoint }, request, nowMs);
      assert.equal(token.ok, accepted);
      if (!token.ok) assert.equal(token.failure.why, 'the reply names no registry of ECR');
    });
  }
});

describe('a token', () => {
  const encoded = (text: string) => Buffer.from(text).toString('base64');
  const cases: Record<string, [change: Partial<typeof good> | object, why: string]> = {
    'that is missing is none': [{ authorizationToken: undefined }, 'the reply holds no authorization token'],
    'that is empty is none': [{ authorizationToken: '' }, 'the reply holds no authorization token'],
    'that is no base64 is none': [{ authorizationToken: 'QVdT:' }, 'the token does not decode to AWS:<password>'],
    'of another user is none': [{ authorizationToken: encoded('me:x') }, 'the token does not decode to AWS:<password>'],
    'without a password is none': [
      { authorizationToken: encoded('AWS:') },
      'the token does not decode to AWS:<password>',
    ],
    'with a line break in it is none': [
      { authorizationToken: encoded('AWS:a\nb') },
      'the token does not decode to AWS:<password>',
    ],
    'that never expires is none': [{ expiresAtMs: undefined }, 'the reply does not say when the token expires'],
    'that expires at no moment is none': [{ expiresAtMs: Number.NaN }, 'the reply does not say when the token expires'],
    'that has expired is none': [{ expiresAtMs: nowMs }, 'the token expired at 2026-01-02T00:00:00.000Z'],
  };
  for (const [title, [change, why]] of Object.entries(cases)) {
    it(title, () => {
      const token = tokenFromReply({ ...good, ...change }, request, nowMs);
      assert.deepEqual(token.ok ? token.value : token.failure.why, why);
    });
  }

  it('that seems to outlive tokens of ECR is taken, and believed for a day and a half: our clock may be behind', () => {
    const hours = 3_600_000;
    const lives = { 12: 12, 36: 36, 37: 12, 8_000_000: 12 };
    for (const [said, believed] of Object.entries(lives)) {
      const token = tokenFromReply({ ...good, expiresAtMs: nowMs + Number(said) * hours }, request, nowMs);
      assert.equal(token.ok && token.value.expiresAtMs, nowMs + believed * hours, `${said} hours`);
    }
  });

  it('that is complete is taken, with what it is for', () => {
    const token = tokenFromReply(good, request, nowMs);
    assert.deepEqual(token.ok && token.value, {
      hosts: ['123456789012.dkr.ecr.eu-west-1.amazonaws.com'],
      password: 'the-password',
      issuedAtMs: nowMs,
      expiresAtMs: nowMs + 1,
    });
  });
});

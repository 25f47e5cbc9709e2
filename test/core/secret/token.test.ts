import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseRegistryHost, type Registry } from '../../../src/core/secret/registry-host.ts';
import { tokenFromReply, tokenRequests, type AwsReply } from '../../../src/core/secret/token.ts';

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
    'with something else behind its base64 is none': [
      { authorizationToken: `${encoded('AWS:x')}!` },
      'the token does not decode to AWS:<password>',
    ],
    'of another user is none': [
      { authorizationToken: encoded('root:x') },
      'the token does not decode to AWS:<password>',
    ],
    'of a user of one letter is none': [
      { authorizationToken: encoded('me:x') },
      'the token does not decode to AWS:<password>',
    ],
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

describe('the calls to ECR', () => {
  const of = (host: string): Registry => parseRegistryHost(host) ?? assert.fail(host);
  const [ireland, other] = ['111111111111', '222222222222'].map((account) =>
    of(`${account}.dkr.ecr.eu-west-1.amazonaws.com`),
  ) as [Registry, Registry];
  const ohio = of('111111111111.dkr.ecr.us-east-2.amazonaws.com');
  const fips = of('111111111111.dkr.ecr-fips.us-east-2.amazonaws.com');
  const dual = of('111111111111.dkr-ecr.us-east-2.on.aws');
  const asked = (registries: Registry[], region?: string) =>
    tokenRequests(registries, region).map(({ registries: each, ...rest }) => ({ ...rest, hosts: each.length }));
  const plain = { fips: false, dualStack: false };

  it('are one where no registry is named, in the region that is configured', () => {
    assert.deepEqual(asked([], 'eu-west-1'), [{ region: 'eu-west-1', ...plain, hosts: 0 }]);
    assert.deepEqual(asked([]), [{ ...plain, hosts: 0 }]);
  });
  it('are one for each region, however many accounts there are in it', () => {
    assert.deepEqual(asked([ireland, ohio, other]), [
      { region: 'eu-west-1', ...plain, hosts: 2 },
      { region: 'us-east-2', ...plain, hosts: 1 },
    ]);
  });
  it('go to a FIPS endpoint where one of their registries is one', () => {
    assert.deepEqual(asked([ohio, fips]), [{ region: 'us-east-2', fips: true, dualStack: false, hosts: 2 }]);
  });
  it('go to a dual-stack endpoint where all of their registries are', () => {
    assert.deepEqual(asked([dual]), [{ region: 'us-east-2', fips: false, dualStack: true, hosts: 1 }]);
    assert.deepEqual(asked([dual, ohio]), [{ region: 'us-east-2', ...plain, hosts: 2 }]);
  });
});

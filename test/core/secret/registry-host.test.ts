import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isAwsHost, parseRegistries, parseRegistryHost } from '../../../src/core/secret/registry-host.ts';

const account = '123456789012';

describe('a host', () => {
  const registries: Record<string, [host: string, partition: string, region: string]> = {
    'of AWS is a registry of ECR': [`${account}.dkr.ecr.eu-west-1.amazonaws.com`, 'aws', 'eu-west-1'],
    'of China is one': [`${account}.dkr.ecr.cn-north-1.amazonaws.com.cn`, 'aws-cn', 'cn-north-1'],
    'of GovCloud is one, told from AWS by its region': [
      `${account}.dkr.ecr.us-gov-west-1.amazonaws.com`,
      'aws-us-gov',
      'us-gov-west-1',
    ],
    'of the European Sovereign Cloud is one': [
      `${account}.dkr.ecr.eusc-de-east-1.amazonaws.eu`,
      'aws-eusc',
      'eusc-de-east-1',
    ],
    'of the secret regions is one': [`${account}.dkr.ecr.us-isob-east-1.sc2s.sgov.gov`, 'aws-iso-b', 'us-isob-east-1'],
    'for two families of addresses is one': [`${account}.dkr-ecr.eu-west-1.on.aws`, 'aws', 'eu-west-1'],
  };
  for (const [title, [host, partition, region]] of Object.entries(registries)) {
    it(title, () => {
      const read = parseRegistryHost(host);
      assert.deepEqual([read?.account, read?.partition, read?.region], [account, partition, region]);
    });
  }

  it('says whether it is one of FIPS, and for two families of addresses', () => {
    const kinds = [
      '.dkr.ecr.us-east-1.amazonaws.com',
      '.dkr.ecr-fips.us-east-1.amazonaws.com',
      '.dkr-ecr.us-east-1.on.aws',
    ]
      .map((rest) => parseRegistryHost(`${account}${rest}`))
      .map((read) => [read?.fips, read?.dualStack]);
    assert.deepEqual(kinds, [
      [false, false],
      [true, false],
      [false, true],
    ]);
  });

  const others: Record<string, string> = {
    'that only begins like one': `${account}.dkr.ecr.eu-west-1.amazonaws.com.evil.example`,
    'that only ends like one': `evil.example.${account}.dkr.ecr.eu-west-1.amazonaws.com`,
    'of an account with eleven digits': '12345678901.dkr.ecr.eu-west-1.amazonaws.com',
    'of a region of China under the suffix of AWS': `${account}.dkr.ecr.cn-north-1.amazonaws.com`,
    'of a region of AWS under the suffix of China': `${account}.dkr.ecr.eu-west-1.amazonaws.com.cn`,
    'of no region': `${account}.dkr.ecr.amazonaws.com`,
    'of the endpoint of ECR itself': 'api.ecr.eu-west-1.amazonaws.com',
  };
  for (const [title, host] of Object.entries(others)) {
    it(`${title} is none`, () => assert.equal(parseRegistryHost(host), undefined));
  }

  it("is one of AWS's own where it is below a suffix of AWS, with a port or without", () => {
    const hosts = ['api.ecr.eu-west-1.amazonaws.com', 'api.ecr.eu-west-1.amazonaws.com:443', 'ecr.eu-west-1.api.aws'];
    assert.deepEqual(hosts.map(isAwsHost), [true, true, true]);
  });
  it('is none of its own where it only ends or begins like one', () => {
    assert.deepEqual(['evilamazonaws.com', 'amazonaws.com.example', 'localhost:4566'].map(isAwsHost), [
      false,
      false,
      false,
    ]);
  });
});

describe('what stands in DOCKER_REGISTRY', () => {
  const host = `${account}.dkr.ecr.eu-west-1.amazonaws.com`;
  const read = (value: string) =>
    parseRegistries(value).map((entry) =>
      entry.kind === 'registry' ? [entry.registry.host, entry.cleanedFrom] : [entry.entry, entry.why],
    );

  it('is as many registries as it names, each once', () => {
    const other = host.replace('eu-west-1', 'us-east-2');
    assert.deepEqual(read(` ${host}, ${other},,${host}`), [
      [host, undefined],
      [other, undefined],
    ]);
  });

  for (const dirty of [`https://${host}`, `${host}/`, host.toUpperCase(), `HTTP://${host}//`]) {
    it(`is freed of what is no host, which is said: ${dirty}`, () => assert.deepEqual(read(dirty), [[host, dirty]]));
  }

  const refused: Record<string, [entry: string, shown: string, why: RegExp]> = {
    'a repository': [`${host}/app`, `${host}/app`, /names a repository; only the host is wanted/],
    'a port': [`${host}:443`, `${host}:443`, /an ECR host has no port/],
    'ECR Public': ['public.ecr.aws', 'public.ecr.aws', /is ECR Public, whose images need no pull secret/],
    'an account that is too short': [
      '123.dkr.ecr.eu-west-1.amazonaws.com',
      '123.dkr.ecr.eu-west-1.amazonaws.com',
      /12 digits/,
    ],
    'a user and a password, which are not shown': [
      `https://AWS:hunter2@${host}`,
      `https://…@${host}`,
      /without user and password/,
    ],
    'a password with a slash': [
      `https://AWS:abc/def+SECRET==@${host}`,
      `https://…@${host}`,
      /without user and password/,
    ],
    'a password with a slash, and no scheme': [`AWS:abc/d@f/g@${host}`, `…@${host}`, /without user and password/],
    'a password with a slash, in front of a repository': [
      `AWS:abc/d@${host}/app`,
      `…@${host}/app`,
      /without user and password/,
    ],
    'anything else': ['ghcr.io', 'ghcr.io', /^expected <12-digit account>/],
  };
  for (const [title, [entry, shown, why]] of Object.entries(refused)) {
    it(`is refused where it has ${title}`, () => {
      const [[name, reason] = []] = read(entry);
      assert.equal(name, shown);
      assert.match(reason ?? '', why);
    });
  }
});

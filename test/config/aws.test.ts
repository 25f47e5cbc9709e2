import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { loadSharedConfigFiles } from '@smithy/core/config';
import * as fc from 'fast-check';
import { awsFiles } from '../../src/config/aws/files.ts';
import { parseIni } from '../../src/config/aws/ini.ts';
import { knownRegions } from '../../src/config/aws/regions.ts';
import { parseConfiguration } from '../../src/config/parse.ts';

type Case = {
  env?: Record<string, string>;
  config?: string;
  credentials?: string;
  /** `code (where): why. fix` of each mistake and warning. */
  says?: (string | RegExp)[];
  corrected?: Record<string, string>;
};

const [CONFIG, CREDENTIALS] = ['/home/me/.aws/config', '/home/me/.aws/credentials'];
const region = { AWS_REGION: 'eu-west-1' };
const keys = { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'x' };
const withSource = (settings: string) => `[profile dev]\nrole_arn = arn:aws:iam::123456789012:role/r\n${settings}\n`;
const dev = { ...region, AWS_PROFILE: 'dev' };

function judged({ env = region, config, credentials }: Case) {
  const readFile = (path: string) => ({ [CONFIG]: config, [CREDENTIALS]: credentials })[path];
  return parseConfiguration({ argv: [], env, homeDirectory: '/home/me', readFile });
}

const tables: Record<string, Record<string, Case>> = {
  'the region of a profile': {
    'is taken': { env: {}, config: '[default]\nregion = eu-west-1' },
    'in quotes is none': {
      env: {},
      config: '[default]\nregion = "us-east-1"',
      says: [
        `OptionValueInvalid (region of the profile default in ${CONFIG}): "\\"us-east-1\\"" is not the name of a region. Set region of the profile default in ${CONFIG} to a region such as eu-west-1.`,
      ],
    },
    'is no availability zone': {
      env: {},
      config: '[default]\nregion = us-east-1a',
      says: [
        /^OptionValueInvalid \(region of the profile default .*"us-east-1a" is an availability zone\. Set .* to us-east-1\.$/,
      ],
    },
    'may be new, and may be mistyped': {
      env: {},
      config: '[default]\nregion = eu-wset-1',
      says: [/^RegionUnknown \(region of the profile default .*Did you mean eu-west-1\?$/],
    },
    'in the credentials file goes first': {
      env: {},
      config: '[default]\nregion = "x"',
      credentials: '[default]\nregion = eu-west-1',
    },
    'is missing, and its source has one': {
      env: { AWS_PROFILE: 'dev' },
      config: `${withSource('source_profile = base')}[profile base]\nregion = eu-west-1\naws_access_key_id = a\naws_secret_access_key = b`,
      says: [/^RegionMissing \(region of the profile dev in .*source_profile \(eu-west-1\) is not inherited\./],
    },
    'is not asked for where another is set': { config: '[default]\noutput = json' },
  },
  'a region': {
    'that nobody knows is a warning': {
      env: { AWS_REGION: 'eu-wset-1' },
      says: ['RegionUnknown (AWS_REGION): eu-wset-1 is not among the regions known here. Did you mean eu-west-1?'],
    },
    'of a registry, too': {
      env: { DOCKER_REGISTRY: '123456789012.dkr.ecr.eu-wset-1.amazonaws.com' },
      says: ['RegionUnknown (DOCKER_REGISTRY): eu-wset-1 is not among the regions known here. Did you mean eu-west-1?'],
    },
    'that is near none may be new': {
      env: { AWS_REGION: 'mars-north-1' },
      says: [
        'RegionUnknown (AWS_REGION): mars-north-1 is not among the regions known here. Check its name; a new one may be right.',
      ],
    },
  },
  'a profile': {
    'that is not there is named, with the one that was meant': {
      env: { ...region, AWS_PROFILE: 'prd' },
      config: '[profile prod]\nregion = eu-west-1',
      says: [
        `AwsProfileInvalid (AWS_PROFILE): there is no profile prd in ${CONFIG} or ${CREDENTIALS}. Did you mean prod?`,
      ],
    },
    'that is not there, where there is none': {
      env: { ...region, AWS_PROFILE: 'prod' },
      says: [
        `AwsProfileInvalid (AWS_PROFILE): there is no profile prod in ${CONFIG} or ${CREDENTIALS}. There is none at all.`,
      ],
    },
    'whose section lacks the word is named': {
      env: { ...region, AWS_PROFILE: 'prod' },
      config: '[prod]\nregion = eu-west-1',
      says: [/In \/home\/me\/\.aws\/config its section has to be called \[profile prod\]\.$/],
    },
    'of the credentials file needs no word': {
      env: { ...region, AWS_PROFILE: 'prod' },
      credentials: '[prod]\naws_access_key_id = a\naws_secret_access_key = b',
    },
    'that only AWS_DEFAULT_PROFILE names is not used, which is said': {
      env: { ...region, AWS_DEFAULT_PROFILE: 'prod' },
      says: [
        'AwsSettingUnused (AWS_DEFAULT_PROFILE): it names prod, which the AWS CLI would use; the AWS SDK reads AWS_PROFILE alone, and uses default. Set AWS_PROFILE=prod if it is meant, or unset AWS_DEFAULT_PROFILE.',
      ],
    },
    'may be named by both': {
      env: { ...dev, AWS_DEFAULT_PROFILE: 'dev' },
      config: '[profile dev]\nregion = eu-west-1',
    },
    'with half a key': {
      env: dev,
      credentials: '[dev]\naws_access_key_id = a',
      says: [
        `AwsProfileInvalid (aws_access_key_id of the profile dev in ${CREDENTIALS}): it stands there without aws_secret_access_key. Set both, or neither.`,
      ],
    },
    'with a key in quotes': {
      env: dev,
      credentials: '[dev]\naws_access_key_id = a\naws_secret_access_key = "b"',
      says: [/^AwsProfileInvalid \(aws_secret_access_key of .*it holds a quotation mark\./],
    },
    'with a role and nobody to assume it': {
      env: dev,
      config: withSource(''),
      says: [
        /^AwsProfileInvalid \(role_arn of .*with whose credentials the role is to be assumed\. Add source_profile/,
      ],
    },
    'with a role, and a key beside it that would be used instead': {
      env: dev,
      config: withSource('aws_access_key_id = a\naws_secret_access_key = b'),
      says: [/^AwsProfileInvalid \(role_arn of /],
    },
    'whose source is not there': {
      env: dev,
      config: withSource('source_profile = bse') + '[profile base]\nregion = x',
      says: [/^AwsProfileInvalid \(source_profile of the profile dev in .*no profile bse .*Did you mean base\?$/],
    },
    'whose source leads back to it': {
      env: dev,
      config: `${withSource('source_profile = b')}[profile b]\nrole_arn = r\nsource_profile = dev`,
      says: [/^AwsProfileInvalid \(source_profile of the profile b in .*it leads back to dev\./],
    },
    'that is its own source': {
      env: dev,
      config: withSource('source_profile = dev\naws_access_key_id = a\naws_secret_access_key = b'),
    },
    'whose source is wrong in itself': {
      env: dev,
      config: `${withSource('source_profile = b')}[profile b]\naws_access_key_id = a`,
      says: [/^AwsProfileInvalid \(aws_access_key_id of the profile b /],
    },
    'with two sources': {
      env: dev,
      config: withSource('source_profile = dev\ncredential_source = Environment'),
      says: [/both a source_profile and a credential_source/],
    },
    'with a source that there is not': {
      env: dev,
      config: withSource('credential_source = Enviroment'),
      says: [/^AwsProfileInvalid \(credential_source of .*Set it to Environment, Ec2InstanceMetadata, EcsContainer\.$/],
    },
    'that wants a code': {
      env: dev,
      config: withSource('source_profile = dev\nmfa_serial = x'),
      says: [/nobody is there to enter a code/],
    },
    'with a token file for its role': { env: dev, config: withSource('web_identity_token_file = /t') },
    'whose sso_session is not there': {
      env: dev,
      config: '[profile dev]\nsso_session = corp',
      says: [
        `AwsProfileInvalid (sso_session of the profile dev in ${CONFIG}): there is no section [sso-session corp] in ${CONFIG}. Add it: aws configure sso-session`,
      ],
    },
    'whose sso_session lacks something': {
      env: dev,
      config: '[profile dev]\nsso_session = corp\nsso_account_id = 1\n[sso-session corp]\nsso_region = eu-west-1',
      says: [/it lacks sso_start_url in \[sso-session corp\], sso_role_name in the profile\. Run: aws configure sso$/],
    },
    'with half of what the older kind of SSO needs': {
      env: dev,
      config: '[profile dev]\nsso_start_url = u\nsso_region = eu-west-1\nsso_account_id = 1',
      says: [
        `AwsProfileInvalid (sso_start_url of the profile dev in ${CONFIG}): it stands there without sso_role_name. Run: aws configure sso`,
      ],
    },
    'whose services are not there': {
      env: dev,
      config: '[profile dev]\nservices = local',
      says: [/^AwsProfileInvalid \(services of .*no section \[services local\]/],
    },
    'that nobody named is not judged beside the identity of a pod': {
      env: { ...region, AWS_ROLE_ARN: 'r', AWS_WEB_IDENTITY_TOKEN_FILE: '/t' },
      config: '[default]\nrole_arn = r2',
      says: [/^AwsSettingUnused \(AWS_ROLE_ARN\): the credentials of the profile default are used before it/],
    },
  },
  'an endpoint': {
    'without a scheme, as the console shows it': {
      env: { ...region, AWS_ENDPOINT_URL_ECR: 'vpce-0123.api.ecr.us-east-1.vpce.amazonaws.com' },
      says: [
        'OptionValueInvalid (AWS_ENDPOINT_URL_ECR): "vpce-0123.api.ecr.us-east-1.vpce.amazonaws.com" does not begin with https://. Set AWS_ENDPOINT_URL_ECR to https://vpce-0123.api.ecr.us-east-1.vpce.amazonaws.com.',
      ],
    },
    'of a host and a port': {
      env: { ...region, AWS_ENDPOINT_URL: 'localhost:4566' },
      says: [/^OptionValueInvalid \(AWS_ENDPOINT_URL\): "localhost:4566" does not begin with https:\/\//],
    },
    'of another protocol': {
      env: { ...region, AWS_ENDPOINT_URL_STS: 'ftp://x' },
      says: [/^OptionValueInvalid \(AWS_ENDPOINT_URL_STS\): "ftp:\/\/x" is no URL of http or https/],
    },
    'with a password is not shown': {
      env: { ...region, AWS_ENDPOINT_URL_STS: 'https://me:hunter/2@x' },
      says: [/^OptionValueInvalid \(AWS_ENDPOINT_URL_STS\): "https:\/\/…@x" /],
    },
    'of container credentials': {
      env: { ...region, AWS_CONTAINER_CREDENTIALS_FULL_URI: '169.254.170.23/v1/credentials' },
      says: [/^OptionValueInvalid \(AWS_CONTAINER_CREDENTIALS_FULL_URI\)/],
    },
    'of instance metadata': {
      env: { ...region, AWS_EC2_METADATA_SERVICE_ENDPOINT: '169.254.169.254' },
      says: [/^OptionValueInvalid \(AWS_EC2_METADATA_SERVICE_ENDPOINT\)/],
    },
    'in a profile': {
      config: '[default]\nendpoint_url = localstack:4566',
      says: [/^OptionValueInvalid \(endpoint_url of the profile default in /],
    },
    'in services': {
      config: '[default]\nservices = local\n[services local]\necr =\n  endpoint_url = localstack:4566',
      says: [/^OptionValueInvalid \(ecr\.endpoint_url of \[services local\] in /],
    },
    'in a profile, in clear': {
      config: '[default]\nendpoint_url = http://localstack:4566',
      says: [/^SentInClear \(endpoint_url of the profile default in /],
    },
  },
  'true and false': {
    'are taken in any case': {
      env: { ...region, AWS_USE_FIPS_ENDPOINT: 'True', AWS_EC2_METADATA_DISABLED: 'FALSE' },
      corrected: { AWS_USE_FIPS_ENDPOINT: 'true', AWS_EC2_METADATA_DISABLED: 'false' },
    },
    'in a profile, too': {
      config: '[default]\nuse_fips_endpoint = True\nuse_dualstack_endpoint = true',
      corrected: { AWS_USE_FIPS_ENDPOINT: 'true' },
    },
    'are two words alone': {
      env: { ...region, AWS_USE_DUALSTACK_ENDPOINT: 'yes', AWS_USE_FIPS_ENDPOINT: '1' },
      says: [
        'OptionValueInvalid (AWS_USE_FIPS_ENDPOINT): it is "1". Set AWS_USE_FIPS_ENDPOINT to true or false.',
        'OptionValueInvalid (AWS_USE_DUALSTACK_ENDPOINT): it is "yes". Set AWS_USE_DUALSTACK_ENDPOINT to true or false.',
      ],
    },
    'and numbers are judged': {
      env: { ...region, AWS_MAX_ATTEMPTS: 'abc', AWS_RETRY_MODE: 'often' },
      says: [/^OptionValueInvalid \(AWS_MAX_ATTEMPTS\)/, /^OptionValueInvalid \(AWS_RETRY_MODE\)/],
    },
  },
  'a key': {
    'with an invisible character': {
      env: { ...region, ...keys, AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE\u200b' },
      says: [/^OptionValueInvalid \(AWS_ACCESS_KEY_ID\): it holds the character U\+200B\./],
    },
    'in typographic quotes': {
      env: { ...region, ...keys, AWS_SECRET_ACCESS_KEY: '“x”' },
      says: [/^OptionValueInvalid \(AWS_SECRET_ACCESS_KEY\): it holds a quotation mark\./],
    },
    'beside the role of a pod': {
      env: { ...region, ...keys, AWS_ROLE_ARN: 'r', AWS_WEB_IDENTITY_TOKEN_FILE: '/t' },
      says: [
        'AwsSettingUnused (AWS_ROLE_ARN): AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are used before it: the role is not assumed. Unset AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_ROLE_ARN.',
      ],
    },
    'beside Pod Identity': {
      env: { ...region, ...keys, AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials' },
      says: [/^AwsSettingUnused \(AWS_CONTAINER_CREDENTIALS_FULL_URI\): AWS_ACCESS_KEY_ID and .* are used before it\./],
    },
  },
  'a role': {
    'without its token file': {
      env: { ...region, AWS_ROLE_ARN: 'r' },
      says: [
        'AwsSettingUnused (AWS_ROLE_ARN): it has no effect without AWS_WEB_IDENTITY_TOKEN_FILE. Set both, or neither.',
      ],
    },
  },
  'a name of another tool': {
    'is pointed out': {
      env: { ...region, DOCKER_REGISTRIES: 'x', AWS_ACCESS_KEY: 'x', AWS_SECRET_KEY: 'x' },
      says: ['DOCKER_REGISTRIES', 'AWS_ACCESS_KEY', 'AWS_SECRET_KEY'].map(
        (name) => new RegExp(`^VariableUnknown \\(${name}\\): other programs read it, and nothing here does\\. Set `),
      ),
    },
    'is none where ours stands beside it': { env: { ...region, ...keys, AWS_ACCESS_KEY: 'x', AWS_SECRET_KEY: 'x' } },
  },
};

for (const [what, cases] of Object.entries(tables)) {
  describe(what, () => {
    for (const [title, each] of Object.entries(cases)) {
      it(title, () => {
        const configuration = judged(each);
        const failures = configuration.ok ? [] : configuration.failures;
        const said = [...failures, ...configuration.warnings];
        const inFull = said.map(({ code, where, why, fix }) => `${code} (${where}): ${why}. ${fix}`);
        const { says = [], corrected = {} } = each;
        assert.equal(inFull.length, says.length, inFull.join('\n'));
        for (const [index, expected] of says.entries()) {
          if (typeof expected === 'string') assert.equal(inFull[index], expected);
          else assert.match(inFull[index] ?? '', expected);
        }
        if (configuration.ok) assert.deepEqual(configuration.corrected, corrected);
      });
    }
  });
}

describe('the AWS files', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ecr-cred-helper-aws-'));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  it('are read as the SDK reads them, whatever stands there', async () => {
    const [configFilepath, filepath] = [join(directory, 'config'), join(directory, 'credentials')];
    const word = fc.constantFrom('default', 'dev', 'region', 'x y', '=', ' = ', '"a"', '#c', ' ; c', 'profile', '');
    const line = fc.oneof(
      fc.constantFrom('[default]', '[profile dev]', '[profile "a b"]', '[ profile dev ]', "[profile 'q']", '[dev] # c'),
      fc.constantFrom(
        '[sso-session corp]',
        '[services local]',
        '[preview x]',
        '[__proto__]x',
        'ecr =',
        '  endpoint_url = u',
      ),
      fc.array(word, { maxLength: 5 }).map((words) => words.join('')),
      fc.tuple(word, word).map(([name, value]) => `${name}=${value}`),
    );
    const text = fc
      .tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom('\n', '\r\n'))
      .map(([lines, end]) => lines.join(end));
    await fc.assert(
      fc.asyncProperty(text, async (content) => {
        await writeFile(configFilepath, content);
        await writeFile(filepath, content);
        const theirs = await loadSharedConfigFiles({ configFilepath, filepath, ignoreCache: true });
        const { profiles, sections } = awsFiles({}, '/home/me', (path) => (path === CONFIG ? content : undefined));
        const ours = Object.fromEntries([...profiles].map(([name, { settings }]) => [name, { ...settings }]));
        const others = [...sections].filter(([name]) => /^(?:sso-session|services)\./.test(name));
        const all = {
          ...ours,
          ...Object.fromEntries(others.map(([name, settings]) => [name, { ...settings }])),
        };
        assert.deepEqual(all, JSON.parse(JSON.stringify(theirs.configFile)));
        const plain = [...parseIni(content)].map(([name, settings]) => [name, { ...settings }]);
        assert.deepEqual(Object.fromEntries(plain), JSON.parse(JSON.stringify(theirs.credentialsFile)));
      }),
      { numRuns: 300 },
    );
  });

  it('name the regions that the SDK knows', async () => {
    // It gives them to nobody.
    const path = 'node_modules/@aws-sdk/core/dist-es/submodules/client/util-endpoints/lib/aws/partitions.js';
    const { partitionsInfo } = (await import(join(import.meta.dirname, '../..', path))) as {
      partitionsInfo: { partitions: { regions: object }[] };
    };
    const theirs = partitionsInfo.partitions.flatMap(({ regions }) => Object.keys(regions));
    assert.deepEqual([...knownRegions].toSorted(), theirs.filter((name) => !name.endsWith('-global')).toSorted());
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { options } from '../../src/config/options.ts';
import { parseConfiguration, type Configuration } from '../../src/config/parse.ts';
import type { Settings } from '../../src/config/settings.ts';

type Input = { argv?: string[]; env?: Record<string, string>; file?: string };

const registry = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const region = { AWS_REGION: 'eu-west-1' };
const dev = '[profile dev]\nregion = eu-west-1\n';

function parse({ argv = [], env = region, file }: Input): Configuration {
  const readFile = (path: string) => (path === '/home/me/.aws/config' ? file : undefined);
  return parseConfiguration({ argv, env, homeDirectory: '/home/me', readFile });
}

function accepted(input: Input) {
  const configuration = parse(input);
  assert.ok(configuration.ok, JSON.stringify(configuration));
  return configuration;
}

/** `code (where): why. fix` of everything that is wrong. */
function mistakes(input: Input): string[] {
  const configuration = parse(input);
  assert.ok(!configuration.ok, 'it was accepted');
  return configuration.failures.map(({ code, where, why, fix }) => `${code} (${where}): ${why}. ${fix}`);
}

function warnings(input: Input): string[] {
  return accepted(input).warnings.map(({ code, where, why, fix }) => `${code} (${where}): ${why}. ${fix}`);
}

describe('settings', () => {
  const defaults: Settings = {
    secretName: 'ecr-creds',
    labelName: 'credentialType',
    labelValue: 'ecr',
    registries: [],
    region: 'eu-west-1',
    onConflict: 'refuse',
    dryRun: false,
    output: 'text',
    deadlineMs: 600_000,
    requestTimeoutMs: 15_000,
    concurrency: 16,
    logLevel: 'info',
    logFormat: 'auto',
    leaderElection: true,
    leaseName: 'ecr-cred-helper',
    prune: false,
    listen: { port: 8080 },
    graceMs: 20_000,
    verbose: false,
    asGroups: [],
    problems: false,
    watch: false,
    all: false,
    yes: false,
  };
  const cases: Record<string, [Input, Partial<Settings>]> = {
    'have defaults where nothing is set': [{}, {}],
    'come from the environment': [
      { env: { ...region, ECR_SECRET_NAME: 'pull.me', ECR_LABEL_NAME: 'example.com/pull', ECR_LABEL_VALUE: 'Yes_1' } },
      { secretName: 'pull.me', labelName: 'example.com/pull', labelValue: 'Yes_1' },
    ],
    'come from flags before the environment': [
      { argv: ['--ecr-secret-name', 'flag'], env: { ...region, ECR_SECRET_NAME: 'variable' } },
      { secretName: 'flag' },
    ],
    'take the last of one flag': [{ argv: ['--concurrency=1', '--concurrency=2'] }, { concurrency: 2 }],
    'take AWS_REGION before AWS_DEFAULT_REGION': [
      { env: { AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'us-east-1' } },
      { region: 'eu-west-1' },
    ],
    'take --aws-region before --aws-default-region in any order': [
      { argv: ['--aws-region=eu-north-1', '--aws-default-region=us-east-1'] },
      { region: 'eu-north-1' },
    ],
    'take AWS_DEFAULT_REGION alone': [{ env: { AWS_DEFAULT_REGION: 'us-gov-west-1' } }, { region: 'us-gov-west-1' }],
    'take a flag of either name before any variable': [
      { argv: ['--aws-default-region', 'us-east-1'] },
      { region: 'us-east-1' },
    ],
    'take an empty variable and an empty flag for absent': [
      { argv: ['--ecr-secret-name='], env: { ...region, ECR_SECRET_NAME: 'pull', ECR_DRY_RUN: ' ' } },
      { secretName: 'pull' },
    ],
    'switch on with a flag that stands alone': [{ argv: ['--dry-run', 'refresh'] }, { dryRun: true }],
    'switch off with a flag what a variable switched on': [
      { argv: ['--dry-run=false'], env: { ...region, ECR_DRY_RUN: '1' } },
      { dryRun: false },
    ],
    'read durations of several units': [
      { argv: ['--deadline', '1h30m', '--request-timeout', '1.5s'] },
      { deadlineMs: 5_400_000, requestTimeoutMs: 1500 },
    ],
    'bound the default of a request by a short deadline': [
      { argv: ['--deadline', '5s'] },
      { deadlineMs: 5000, requestTimeoutMs: 5000 },
    ],
    'read words in any case': [{ env: { ...region, LOG_LEVEL: 'DEBUG' } }, { logLevel: 'debug' }],
    'have a short flag for the output': [{ argv: ['-o', 'json'] }, { output: 'json' }],
    'have a short flag that its value is written to': [{ argv: ['-ojson'] }, { output: 'json' }],
    'hold paths and contexts as they are written': [
      { argv: ['--context', 'a b', '--kubeconfig', '/a:/b'] },
      { context: 'a b', kubeconfig: '/a:/b' },
    ],
  };
  for (const [title, [input, changed]] of Object.entries(cases)) {
    it(title, () => assert.deepEqual(accepted(input).settings, { ...defaults, ...changed }));
  }

  it('say where they came from', () => {
    const { sources } = accepted({ argv: ['--aws-default-region', 'eu-west-1'], env: { ECR_SECRET_NAME: 'a' } });
    assert.deepEqual(sources.region, { from: 'flag', name: '--aws-default-region' });
    assert.deepEqual(sources.secretName, { from: 'environment', name: 'ECR_SECRET_NAME' });
    assert.deepEqual(sources.concurrency, { from: 'default' });
  });

  it('need no region where a registry, a profile or an AWS configuration file may name it', () => {
    accepted({ env: { DOCKER_REGISTRY: registry } });
    accepted({ env: { AWS_PROFILE: 'dev' }, file: dev });
    accepted({ env: {}, file: '[default]\nregion = eu-west-1\n' });
  });

  it('have fallbacks that their own parsers accept', () => {
    for (const { name, fallback, parse: read } of options) {
      if (fallback !== undefined) assert.ok(read(fallback, name).ok, name);
    }
  });
});

describe('a mistake in a value', () => {
  const nothingToDo = 'at most 63 letters, digits, "-", "_" and ".", with a letter or digit at each end';
  const cases: Record<string, [Input, string]> = {
    'an unknown word': [
      { argv: ['--on-conflict', 'mrege'] },
      'OptionValueInvalid (--on-conflict): "mrege" is none of the values it can have. Set --on-conflict to refuse, merge or overwrite.',
    ],
    'a duration without a unit': [
      { env: { ...region, ECR_DEADLINE: '90' } },
      'OptionValueInvalid (ECR_DEADLINE): "90" has no unit. Set ECR_DEADLINE to a duration from 1s to 24h, such as 90s or 10m.',
    ],
    'a user whose name no header can carry': [
      { argv: ['status', '--as', 'a\nb'] },
      'OptionValueInvalid (--as): "a\\nb" holds a line break or another control character. Set --as to one line.',
    ],
    'a duration out of range': [
      { argv: ['--request-timeout', '1ms'] },
      'OptionValueInvalid (--request-timeout): "1ms" is out of range. Set --request-timeout to a duration from 100ms to 10m, such as 90s or 10m.',
    ],
    'a number out of range': [
      { env: { ...region, ECR_CONCURRENCY: '65' } },
      'OptionValueInvalid (ECR_CONCURRENCY): "65" is out of range or no whole number. Set ECR_CONCURRENCY to a whole number from 1 to 64.',
    ],
    'a switch that is neither on nor off': [
      { argv: ['--dry-run=server'] },
      'OptionValueInvalid (--dry-run): "server" is neither. Set --dry-run to true or false.',
    ],
    'a name that Kubernetes refuses': [
      { argv: ['--ecr-secret-name', 'ECR_creds'] },
      'OptionValueInvalid (--ecr-secret-name): "ECR_creds" is no name that Kubernetes takes. Set --ecr-secret-name to at most 253 lower-case letters, digits, "-" and ".", with a letter or digit at each end.',
    ],
    'a label with its value in the name': [
      { env: { ...region, ECR_LABEL_NAME: 'credentialType=ecr' } },
      `OptionValueInvalid (ECR_LABEL_NAME): it holds "=": name and value are set apart. Set ECR_LABEL_NAME to ${nothingToDo}, such as credentialType or example.com/pull.`,
    ],
    'a label value that is none': [
      { env: { ...region, ECR_LABEL_VALUE: 'a/b' } },
      `OptionValueInvalid (ECR_LABEL_VALUE): "a/b" is no label value. Set ECR_LABEL_VALUE to ${nothingToDo}.`,
    ],
    'a region that is a zone': [
      { env: { AWS_REGION: 'eu-west-1a' } },
      'OptionValueInvalid (AWS_REGION): "eu-west-1a" is an availability zone. Set AWS_REGION to eu-west-1.',
    ],
    'a malformed region': [
      { env: { AWS_REGION: 'Ireland', DOCKER_REGISTRY: registry } },
      'OptionValueInvalid (AWS_REGION): "Ireland" is not the name of a region. Set AWS_REGION to a region such as eu-west-1.',
    ],
    'a host that is no ECR registry': [
      { env: { DOCKER_REGISTRY: `${registry}.evil.example` } },
      `RegistryHostInvalid (DOCKER_REGISTRY): "${registry}.evil.example": expected <12-digit account>.dkr.ecr.<region>.amazonaws.com or the form of another AWS partition. ` +
        'Set DOCKER_REGISTRY to a host such as 123456789012.dkr.ecr.eu-west-1.amazonaws.com, or leave it out to use the host that ECR names.',
    ],
    'a flag without its value': [
      { argv: ['--deadline'] },
      'OptionValueInvalid (--deadline): it has no value. Set --deadline to a duration from 1s to 24h, such as 90s or 10m.',
    ],
    'a flag that stands where a value should': [
      { argv: ['--context', '--dry-run'] },
      'OptionValueInvalid (--context): it has no value. Set --context to a value.',
    ],
    'a value with control characters': [
      { argv: ['--output', 'a\u001B[2J'] },
      String.raw`OptionValueInvalid (--output): "a\u001b[2J" is none of the values it can have. Set --output to text, json or wide.`,
    ],
  };
  for (const [title, [input, message]] of Object.entries(cases)) {
    it(title, () => assert.deepEqual(mistakes(input), [message]));
  }
});

describe('a mistake between values', () => {
  const cases: Record<string, [Input, string]> = {
    'no region from anywhere': [
      { env: {} },
      'RegionMissing (AWS_REGION): neither a region nor a registry is set, and no profile names one. Set AWS_REGION (or AWS_DEFAULT_REGION), or DOCKER_REGISTRY, whose host names its region.',
    ],
    'a deadline shorter than a request': [
      { argv: ['--deadline', '10s'], env: { ...region, ECR_REQUEST_TIMEOUT: '20s' } },
      'OptionsContradict (--deadline, ECR_REQUEST_TIMEOUT): the whole pass would have less time than one of its requests. Make --deadline longer or ECR_REQUEST_TIMEOUT shorter.',
    ],
    'registries of several partitions': [
      { env: { DOCKER_REGISTRY: `${registry},123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn` } },
      'OptionsContradict (DOCKER_REGISTRY): its hosts belong to the AWS partitions aws and aws-cn, and credentials are valid in one only. Run it once for each partition, each with its own credentials and ECR_SECRET_NAME.',
    ],
    'the secret key alone': [
      { env: { ...region, AWS_SECRET_ACCESS_KEY: 'x' } },
      'CredentialsIncomplete (AWS_ACCESS_KEY_ID): AWS_SECRET_ACCESS_KEY is set and AWS_ACCESS_KEY_ID is not. Set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither.',
    ],
    'the access key with an empty secret key': [
      { env: { ...region, AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: '\n' } },
      'CredentialsIncomplete (AWS_SECRET_ACCESS_KEY): AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not. Set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither.',
    ],
    'a key that a line break cuts': [
      { env: { ...region, AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'hidden\nhidden' } },
      'OptionValueInvalid (AWS_SECRET_ACCESS_KEY): it holds a space or line break. Set AWS_SECRET_ACCESS_KEY to the text that AWS gave, and nothing else.',
    ],
    'a key in quotation marks': [
      { env: { ...region, AWS_ACCESS_KEY_ID: '"x"', AWS_SECRET_ACCESS_KEY: 'y' } },
      'OptionValueInvalid (AWS_ACCESS_KEY_ID): it holds a quotation mark. Set AWS_ACCESS_KEY_ID to the text that AWS gave, and nothing else.',
    ],
    'the two halves of the key swapped': [
      { env: { ...region, AWS_ACCESS_KEY_ID: 'y', AWS_SECRET_ACCESS_KEY: 'AKIAIOSFODNN7EXAMPLE' } },
      'OptionsContradict (AWS_ACCESS_KEY_ID): AWS_SECRET_ACCESS_KEY holds what looks like an access key id. Swap the two values.',
    ],
    'a temporary key without its token': [
      { env: { ...region, AWS_ACCESS_KEY_ID: 'ASIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'y' } },
      'OptionsContradict (AWS_ACCESS_KEY_ID): it is a temporary key, which AWS takes only with AWS_SESSION_TOKEN. Set AWS_SESSION_TOKEN as well, or use the key of an IAM user.',
    ],
  };
  for (const [title, [input, message]] of Object.entries(cases)) {
    it(title, () => assert.deepEqual(mistakes(input), [message]));
  }

  it('is reported with every other at once, and with warnings', () => {
    const configuration = parse({
      argv: ['--dryrun', '--output', 'yaml', 'refersh'],
      env: {
        AWS_ACCESS_KEY_ID: 'x',
        ECR_DEADLINE: 'soon',
        DOCKER_REGISTRY: 'a,b',
        ECR_SECRT_NAME: 'x',
        LOG_FORMAT: 'json',
      },
    });
    assert.ok(!configuration.ok);
    assert.deepEqual(
      configuration.failures.map(({ code, where }) => `${code} ${where}`),
      [
        'OptionUnknown --dryrun',
        'CommandUnknown arguments',
        'RegistryHostInvalid DOCKER_REGISTRY',
        'RegistryHostInvalid DOCKER_REGISTRY',
        'OptionValueInvalid ECR_DEADLINE',
        'OptionValueInvalid --output',
        'CredentialsIncomplete AWS_SECRET_ACCESS_KEY',
      ],
    );
    assert.deepEqual(
      configuration.warnings.map(({ code, where }) => `${code} ${where}`),
      ['VariableUnknown ECR_SECRT_NAME'],
    );
    assert.deepEqual(configuration.output, { logLevel: 'info', logFormat: 'json', output: 'text' });
  });
});

describe('a warning', () => {
  const retired = 'Remove it, and set the schedule in the CronJob (spec.schedule).';
  const trimmedFix = 'without them; `echo -n` and `kubectl create secret --from-literal` add none.';
  const cases: Record<string, [Input, string[]]> = {
    'of a retired variable': [
      { env: { ...region, ECR_CRON_SCHEDULE: '0 */6 * * *' } },
      [`VariableRetired (ECR_CRON_SCHEDULE): the CronJob decides when this program runs. ${retired}`],
    ],
    'of a line break after a value': [
      { env: { AWS_REGION: 'eu-west-1\n' } },
      [`ValueTrimmed (AWS_REGION): it ends with a line break. Set AWS_REGION ${trimmedFix}`],
    ],
    'of a registry that is written as a URL': [
      { env: { DOCKER_REGISTRY: `https://${registry}/` } },
      [`RegistryHostCleaned (DOCKER_REGISTRY): it names "https://${registry}/". Set it to ${registry}.`],
    ],
    'of a region that no registry is in': [
      { env: { DOCKER_REGISTRY: registry, AWS_REGION: 'us-east-1' } },
      [
        'RegionDiffers (AWS_REGION): it is us-east-1, and DOCKER_REGISTRY names eu-west-1, which is used. Nothing needs to be done, unless us-east-1 was meant.',
      ],
    ],
    'of two variables with different regions': [
      { env: { AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'us-east-1' } },
      [
        'RegionDiffers (AWS_REGION): it is eu-west-1 and wins over AWS_DEFAULT_REGION, which is us-east-1. Set DOCKER_REGISTRY, whose host names its region, or make the two the same.',
      ],
    ],
    'of a key that a profile hides': [
      { env: { AWS_PROFILE: 'dev', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'y' }, file: dev },
      [
        'ProfileHidesKeys (AWS_PROFILE): the AWS SDK skips static keys where a profile is named. Unset AWS_PROFILE to use the key, or unset AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to use the profile.',
      ],
    ],
    'of variables that would have certificates skipped or credentials printed': [
      { env: { ...region, NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_DEBUG: 'http' } },
      [
        'VariableOverruled (NODE_TLS_REJECT_UNAUTHORIZED): with it anybody can pose as AWS or as the API server. Unset NODE_TLS_REJECT_UNAUTHORIZED. A certificate is trusted by its authority: AWS_CA_BUNDLE for AWS, the kubeconfig for the cluster.',
        'VariableOverruled (NODE_DEBUG): it prints credentials. Unset NODE_DEBUG. A certificate is trusted by its authority: AWS_CA_BUNDLE for AWS, the kubeconfig for the cluster.',
      ],
    ],
    'of nothing where such a variable changes nothing': [
      { env: { ...region, NODE_TLS_REJECT_UNAUTHORIZED: '1', NODE_DEBUG: '' } },
      [],
    ],
    'of an endpoint to which credentials go unencrypted': [
      { env: { ...region, AWS_ENDPOINT_URL_ECR: 'http://ecr.internal:4566' } },
      [
        'SentInClear (AWS_ENDPOINT_URL_ECR): it begins with http:// and names ecr.internal:4566. Use an address that begins with https:// in AWS_ENDPOINT_URL_ECR.',
      ],
    ],
    'of nothing where an endpoint is on this machine, or encrypted': [
      { env: { ...region, AWS_ENDPOINT_URL: 'http://localhost:4566', AWS_ENDPOINT_URL_STS: 'https://sts.internal' } },
      [],
    ],
    'of nothing where half a key stands beside a profile': [
      { env: { AWS_PROFILE: 'dev', AWS_ACCESS_KEY_ID: 'x' }, file: dev },
      [],
    ],
    'of nothing where a registry is in the region': [{ env: { DOCKER_REGISTRY: registry, ...region } }, []],
  };
  for (const [title, [input, messages]] of Object.entries(cases)) {
    it(title, () => assert.deepEqual(warnings(input), messages));
  }

  const misspelt: Record<string, string> = {
    ECR_SECRT_NAME: 'ECR_SECRET_NAME',
    ecr_secret_name: 'ECR_SECRET_NAME',
    DOCKER_REGISTY: 'DOCKER_REGISTRY',
    AWS_DEFUALT_REGION: 'AWS_DEFAULT_REGION',
    AWS_ACCES_KEY_ID: 'AWS_ACCESS_KEY_ID',
    AWS_SECRET_ACCESS_KEYS: 'AWS_SECRET_ACCESS_KEY',
    LOG_LEVL: 'LOG_LEVEL',
    KUBE_CONFIG: 'KUBECONFIG',
  };
  for (const [name, meant] of Object.entries(misspelt)) {
    it(`of ${name}, which was meant to be ${meant}`, () => {
      const message = `VariableUnknown (${name}): nothing reads it. Did you mean ${meant}?`;
      assert.deepEqual(warnings({ env: { ...region, [name]: 'x' } }), [message]);
    });
  }

  it('of a variable with our prefix that is like nothing', () => {
    assert.deepEqual(warnings({ env: { ...region, ECR_FRIENDS: 'x' } }), [
      'VariableUnknown (ECR_FRIENDS): nothing reads it. Remove it, or see docs/options.md for the variables there are.',
    ]);
  });

  it('is not given for what Kubernetes, other tools and the shell set', () => {
    const env = {
      ...region,
      ECR_CRED_HELPER_SERVICE_HOST: '10.0.0.1',
      ECR_CRED_HELPER_SERVICE_PORT: '80',
      ECR_CRED_HELPER_SERVICE_PORT_METRICS: '80',
      ECR_CRED_HELPER_PORT: 'tcp://10.0.0.1:80',
      ECR_CRED_HELPER_PORT_80_TCP: 'tcp://10.0.0.1:80',
      ECR_CRED_HELPER_PORT_80_TCP_PROTO: 'tcp',
      ECR_CRED_HELPER_PORT_80_TCP_PORT: '80',
      ECR_CRED_HELPER_PORT_80_TCP_ADDR: '10.0.0.1',
      KUBERNETES_SERVICE_HOST: '10.0.0.1',
      AWS_PAGER: '',
      AWS_DEFAULT_OUTPUT: 'json',
      AWS_STS_REGIONAL_ENDPOINTS: 'regional',
      AWS_EXECUTION_ENV: 'x',
      AWS_SDK_LOAD_CONFIG: '1',
      AWS_VAULT: 'x',
      ALL_PROXY: 'x',
      FTP_PROXY: 'x',
      https_proxy: 'x',
      PATH: '/bin',
      HOME: '/',
      DOCKER_HOST: 'x',
    };
    assert.deepEqual(warnings({ env }), []);
  });

  it('names the variables that the caller must trim, the AWS key included', () => {
    const env = { ...region, AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE\n', AWS_SECRET_ACCESS_KEY: 'hidden\n' };
    const configuration = accepted({ env });
    assert.deepEqual(configuration.trimmed, ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']);
    assert.doesNotMatch(JSON.stringify(configuration), /AKIA|hidden/);
  });
});

describe('commands and flags', () => {
  const cases: Record<string, [string[], string[]]> = {
    'point out the command that was meant': [
      ['refersh'],
      ['CommandUnknown (arguments): "refersh" is none. Did you mean "refresh"?'],
    ],
    'list the commands where none is near': [
      ['frobnicate'],
      [
        'CommandUnknown (arguments): "frobnicate" is none. The commands are refresh, controller, doctor, explain, status, prune, completion or help.',
      ],
    ],
    'refuse what a command does not take': [
      ['refresh', 'all'],
      [
        'CommandUnknown (arguments): "refresh" does not take "all". Leave it out, or see ecr-cred-helper refresh --help.',
      ],
    ],
    'point out that a namespace is named by a flag': [
      ['doctor', 'shop'],
      ['CommandUnknown (arguments): "doctor" does not take "shop". Did you mean --namespace shop?'],
    ],
    "say that kubectl's flag for all namespaces is not needed": [
      ['status', '-A'],
      ['OptionUnknown (-A): nothing is called that. Leave it out: where no namespace is named, all are meant.'],
    ],
    'say so of its long form, too': [
      ['prune', '--all-namespaces'],
      [
        'OptionUnknown (--all-namespaces): nothing is called that. Leave it out: where no namespace is named, all are meant.',
      ],
    ],
    'want a pod, and not what makes it': [
      ['explain', 'deployment/web'],
      ['OptionValueInvalid (explain): "deployment/web" is no name of a pod. Set the pod after "explain" to a name.'],
    ],
    'want one pod': [
      ['explain', 'pod', 'web-0', 'web-1'],
      [
        'CommandUnknown (arguments): "explain" does not take "web-1". Leave it out, or see ecr-cred-helper explain --help.',
      ],
    ],
    'are judged before doctor looks, where they ask it for something that cannot be': [
      ['doctor', '-n', 'Shop'],
      [
        'OptionValueInvalid (--namespace): "Shop" is no name that Kubernetes takes. Set --namespace to at most 253 lower-case letters, digits, "-" and ".", with a letter or digit at each end.',
      ],
    ],
    'are judged before explain looks, too': [
      ['explain', 'web', '--output', 'yaml'],
      ['OptionValueInvalid (--output): "yaml" is none of the values it can have. Set --output to text, json or wide.'],
    ],
    'need the shell to complete for': [
      ['completion'],
      ['OptionValueInvalid (completion): it is missing. Set the shell after "completion" to bash, zsh or fish.'],
    ],
    'refuse a shell that is not known': [
      ['completion', 'tcsh'],
      [
        'OptionValueInvalid (completion): "tcsh" is none of the values it can have. Set the shell after "completion" to bash, zsh or fish.',
      ],
    ],
    'refuse an option of another command': [
      ['completion', 'bash', '--dry-run'],
      [
        'OptionUnknown (--dry-run): "completion" has no such option. Leave it out, or see ecr-cred-helper completion --help.',
      ],
    ],
    'take what follows an unknown flag for its value': [
      ['--frobnicate', 'default'],
      ['OptionUnknown (--frobnicate): nothing is called that. See ecr-cred-helper --help.'],
    ],
  };
  for (const [title, [argv, messages]] of Object.entries(cases)) {
    it(title, () => assert.deepEqual(mistakes({ argv }), messages));
  }

  it('take a pod in each form that kubectl does', () => {
    for (const words of [['web-0'], ['pod/web-0'], ['pods/web-0'], ['po/web-0'], ['pod', 'web-0'], ['po', 'web-0']]) {
      const { operand = '' } = accepted({ argv: ['explain', ...words] });
      assert.equal(operand, 'web-0', words.join(' '));
    }
    assert.equal(accepted({ argv: ['explain', 'pod'] }).operand, 'pod');
  });

  it('leave it to doctor to tell of settings that are mistaken, though they be flags', () => {
    assert.equal(accepted({ argv: ['doctor', '--region', 'eu-west-1a'] }).mistakes?.length, 1);
    assert.equal(accepted({ argv: ['doctor'], env: { ...region, ECR_OUTPUT: 'yaml' } }).mistakes?.length, 1);
  });

  for (const flag of ['--dryrun', '--dry_run', '-dry-run', '--Dry-Run', '--dri-run']) {
    it(`point out --dry-run for ${flag}`, () => {
      assert.deepEqual(mistakes({ argv: [flag] }), [
        `OptionUnknown (${flag}): nothing is called that. Did you mean --dry-run?`,
      ]);
    });
  }

  const exposed: Record<string, [string[], string]> = {
    'the access key': [['--aws-access-key-id', 'hidden'], 'AWS_ACCESS_KEY_ID'],
    'the secret key after =': [['--aws-secret-access-key=hidden'], 'AWS_SECRET_ACCESS_KEY'],
    'the secret key, mistyped': [['--aws-secret-acess-key', 'hidden'], 'AWS_SECRET_ACCESS_KEY'],
    'the secret key by a shorter name': [['--secret-key', 'hidden'], 'AWS_SECRET_ACCESS_KEY'],
    'the secret key after one dash': [['-aws-secret-access-key=hidden'], 'AWS_SECRET_ACCESS_KEY'],
    'the secret key after one dash and a space': [['-aws-secret-access-key', 'hidden'], 'AWS_SECRET_ACCESS_KEY'],
    'the session token': [['--aws-session-token', 'hidden'], 'AWS_SESSION_TOKEN'],
  };
  for (const [title, [argv, name]] of Object.entries(exposed)) {
    it(`refuse ${title} and do not echo it`, () => {
      const configuration = parse({ argv });
      assert.ok(!configuration.ok);
      assert.deepEqual(
        configuration.failures.map(({ code, fix }) => `${code} ${fix}`),
        [`CredentialInArguments Set ${name} in the environment, and replace the key that was exposed.`],
      );
      assert.doesNotMatch(JSON.stringify(configuration), /hidden/);
    });
  }

  it('never echo what looks like an AWS key, wherever it was put', () => {
    const keys = ['AKIAIOSFODNN7EXAMPLE', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'];
    for (const key of keys) {
      for (const { flags, env } of options) {
        const ways: Input[] = [{ argv: [`--${flags[0]}=${key}`] }, { argv: [key] }, { env: { [env[0] ?? 'X']: key } }];
        for (const way of ways) {
          const configuration = parse(way);
          if (!configuration.ok) assert.ok(!JSON.stringify(configuration).includes(key), JSON.stringify(way));
        }
      }
    }
  });

  it('explain themselves however broken the configuration is', () => {
    const env = { AWS_ACCESS_KEY_ID: 'half', DOCKER_REGISTRY: 'none' };
    assert.equal(accepted({ argv: ['--help', '--nope'], env }).help, 'short');
    assert.equal(accepted({ argv: ['doctor', '--help-all', '-h'], env }).help, 'all');
    assert.equal(accepted({ argv: ['--help'], env }).isNamed, false);
    assert.equal(accepted({ argv: ['refresh', '--help'], env }).isNamed, true);
    assert.equal(accepted({ argv: ['-h'], env }).help, 'short');
    assert.equal(accepted({ argv: ['-V'], env }).version, true);
    assert.equal(accepted({ argv: ['completion', '--help'], env }).command, 'completion');
    const explained = accepted({ argv: ['help', 'refresh'], env });
    assert.deepEqual([explained.command, explained.operand], ['help', 'refresh']);
    assert.equal(accepted({ argv: ['completion', 'zsh'], env }).operand, 'zsh');
  });
});

describe('any arguments and environment', () => {
  it('give a configuration or failures that say everything, and never throw', () => {
    const word = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '--',
        '-',
        '--=',
        '-o',
        '--dry-run',
        '--deadline',
        '--help=1',
        '-abc',
        '\0',
        '__proto__',
        '--__proto__',
        'constructor',
      ),
    );
    const names = options.flatMap(({ env }) => env);
    const env = fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), env, fc.string(), (argv, env, file) => {
        const configuration = parseConfiguration({ argv, env, homeDirectory: '/', readFile: () => file });
        if (configuration.ok) return;
        assert.ok(configuration.failures.length > 0);
        for (const { where, why, fix } of configuration.failures) {
          // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
          for (const text of [where, why, fix]) assert.match(text, /^[^\u0000-\u001F]+$/);
        }
      }),
    );
  });
});

describe('what somebody probably meant', () => {
  const hints = (...argv: string[]) => {
    const configuration = parse({ argv, env: { AWS_REGION: 'eu-west-1' } });
    return configuration.ok ? [] : configuration.failures.map(({ code, fix }) => `${code}: ${fix}`);
  };
  it('is told of a command that help is asked for', () => {
    assert.deepEqual(hints('help', 'docter'), ['CommandUnknown: Did you mean "doctor"?']);
  });
  it('is told of a switch that is given a value', () => {
    assert.match(hints('--dry-run', 'maybe')[0] ?? '', /--dry-run takes no value; --dry-run=false switches it off\.$/);
  });
  it('is to log more, where -v is given to what is no doctor, unless it says how much', () => {
    const level = (...argv: string[]) => {
      const configuration = parse({ argv, env: { AWS_REGION: 'eu-west-1' } });
      return configuration.ok ? configuration.settings.logLevel : undefined;
    };
    assert.deepEqual(
      [level('-v'), level('status', '--verbose'), level('-v', '--log-level=warn'), level('doctor', '-v')],
      ['debug', 'debug', 'warn', 'info'],
    );
  });
});

import type { CommandName } from './commands.ts';
import {
  anyText,
  duration,
  labelName,
  labelValue,
  objectName,
  onOff,
  oneLine,
  oneOf,
  regionName,
  registryHosts,
  listenAddress,
  listOfTexts,
  wholeNumber,
  type Parser,
} from './parsers.ts';
import type { Settings } from './settings.ts';

/** The headings under which help and reference show options, in order. */
export const optionGroups = ['Pull secret', 'AWS', 'Kubernetes', 'Pass', 'Controller', 'Output'] as const;

/** One option: where its text comes from, what the text means, and what people are told about it. */
export type Option<T> = {
  group: (typeof optionGroups)[number];
  /** Variables; the first one that is set wins. */
  env: readonly string[];
  /** Long flags without dashes; they win over variables, and the first one that is given wins. */
  flags: readonly string[];
  short?: string;
  /** What the value is called; absent for a switch, which stands alone. */
  placeholder?: string;
  /** Every value it can have, where those are few. */
  values?: readonly string[];
  /** What it is given several times adds up, with commas in between; else the last one counts. */
  repeats?: boolean;
  /** Whether the short help shows it. */
  isEveryday?: boolean;
  /** What a shell offers for its value, where that is none of `values`. */
  completes?: 'contexts' | 'namespaces' | 'files';
  parse: Parser<T>;
  /** What it is read from where nothing is set; absent: there is no value then. */
  fallback?: string;
  /** What happens where nothing is set, in words, where the fallback does not say it. */
  otherwise?: string;
  help: string;
  commands: readonly CommandName[];
};

type OptionTable = { [Key in keyof Settings]-?: Option<NonNullable<Settings[Key]>> };

const conflicts = ['refuse', 'merge', 'overwrite'] as const;
const outputs = ['text', 'json', 'wide'] as const;
const levels = ['debug', 'info', 'warn', 'error'] as const;
const formats = ['auto', 'text', 'json'] as const;

const inPasses = ['refresh', 'controller', 'doctor'] as const;
const everywhere = ['refresh', 'controller', 'doctor', 'explain', 'status', 'prune'] as const;
const inStatus = ['status'] as const;
const inPrune = ['prune'] as const;
const inNamespaces = ['explain', 'status', 'prune'] as const;
const inController = ['controller'] as const;
const inDoctor = ['doctor'] as const;
const withResult = ['refresh', 'doctor', 'explain', 'status', 'prune'] as const;

/**
 * Every option of the program. A row is all that an option needs: the environment, flags, `--help`, shell completion and
 * `docs/options.md` are made from it.
 */
export const optionTable: OptionTable = {
  secretName: {
    group: 'Pull secret',
    isEveryday: true,
    env: ['ECR_SECRET_NAME'],
    flags: ['secret-name', 'ecr-secret-name'],
    placeholder: 'NAME',
    parse: objectName(),
    fallback: 'ecr-creds',
    help: 'Name of the pull secret in every namespace',
    commands: everywhere,
  },
  labelName: {
    group: 'Pull secret',
    env: ['ECR_LABEL_NAME'],
    flags: ['label-name', 'ecr-label-name'],
    placeholder: 'KEY',
    parse: labelName(),
    fallback: 'credentialType',
    help: 'Label that namespaces carry to be served',
    commands: everywhere,
  },
  labelValue: {
    group: 'Pull secret',
    env: ['ECR_LABEL_VALUE'],
    flags: ['label-value', 'ecr-label-value'],
    placeholder: 'VALUE',
    parse: labelValue(),
    fallback: 'ecr',
    help: 'Value of that label',
    commands: everywhere,
  },
  onConflict: {
    group: 'Pull secret',
    env: ['ECR_ON_CONFLICT'],
    flags: ['on-conflict'],
    placeholder: 'WHAT',
    values: conflicts,
    parse: oneOf(...conflicts),
    fallback: 'refuse',
    help: 'What to do with a secret of that name that holds data of others',
    commands: inPasses,
  },
  registries: {
    group: 'AWS',
    isEveryday: true,
    env: ['DOCKER_REGISTRY'],
    flags: ['registry', 'docker-registry'],
    placeholder: 'HOSTS',
    parse: registryHosts(),
    fallback: '',
    otherwise: 'the host that ECR names',
    help: 'ECR hosts to log in to, separated by commas',
    commands: inPasses,
  },
  region: {
    group: 'AWS',
    isEveryday: true,
    env: ['AWS_REGION', 'AWS_DEFAULT_REGION'],
    flags: ['region', 'aws-region', 'aws-default-region'],
    placeholder: 'REGION',
    parse: regionName(),
    otherwise: 'the region of the AWS profile; each host in DOCKER_REGISTRY names its own',
    help: 'Region of the registry where DOCKER_REGISTRY is not set',
    commands: inPasses,
  },
  kubeconfig: {
    group: 'Kubernetes',
    env: ['KUBECONFIG'],
    flags: ['kubeconfig'],
    placeholder: 'FILES',
    completes: 'files',
    parse: anyText(),
    otherwise: 'the ServiceAccount of the pod, else ~/.kube/config',
    help: 'Kubeconfig files, separated as in KUBECONFIG',
    commands: everywhere,
  },
  context: {
    group: 'Kubernetes',
    isEveryday: true,
    env: [],
    flags: ['context'],
    placeholder: 'NAME',
    completes: 'contexts',
    parse: anyText(),
    otherwise: 'the current context',
    help: 'Context of the kubeconfig',
    commands: everywhere,
  },
  dryRun: {
    group: 'Pass',
    isEveryday: true,
    env: ['ECR_DRY_RUN'],
    flags: ['dry-run'],
    parse: onOff(),
    fallback: 'false',
    help: 'Ask the API server what would change, and change nothing',
    commands: ['refresh', 'prune'],
  },
  deadlineMs: {
    group: 'Pass',
    env: ['ECR_DEADLINE'],
    flags: ['deadline'],
    placeholder: 'DURATION',
    parse: duration('1s', '24h'),
    fallback: '10m',
    help: 'Time for the whole pass, or whatever else is done on demand',
    commands: withResult,
  },
  requestTimeoutMs: {
    group: 'Pass',
    env: ['ECR_REQUEST_TIMEOUT'],
    flags: ['request-timeout'],
    placeholder: 'DURATION',
    parse: duration('100ms', '10m'),
    fallback: '15s',
    help: 'Time for one request to AWS or the API server',
    commands: everywhere,
  },
  concurrency: {
    group: 'Pass',
    env: ['ECR_CONCURRENCY'],
    flags: ['concurrency'],
    placeholder: 'COUNT',
    parse: wholeNumber(1, 64),
    fallback: '16',
    help: 'Most requests to the API server at once, 1 to 64',
    commands: everywhere,
  },
  leaderElection: {
    group: 'Controller',
    env: ['ECR_LEADER_ELECTION'],
    flags: ['leader-election'],
    placeholder: 'WHETHER',
    values: ['true', 'false'],
    parse: onOff(),
    fallback: 'true',
    help: 'Let replicas elect the one that writes, by a Lease',
    commands: inController,
  },
  leaseName: {
    group: 'Controller',
    env: ['ECR_LEASE_NAME'],
    flags: ['lease-name'],
    placeholder: 'NAME',
    parse: objectName(),
    fallback: 'ecr-cred-helper',
    help: 'Name of that Lease',
    commands: inController,
  },
  leaseNamespace: {
    group: 'Controller',
    env: ['ECR_LEASE_NAMESPACE'],
    flags: ['lease-namespace'],
    placeholder: 'NAME',
    completes: 'namespaces',
    parse: objectName(),
    otherwise: 'the namespace of the pod',
    help: 'Namespace of that Lease',
    commands: inController,
  },
  prune: {
    group: 'Controller',
    isEveryday: true,
    env: ['ECR_PRUNE'],
    flags: ['prune'],
    parse: onOff(),
    fallback: 'false',
    help: 'Remove the pull secret from a namespace that loses the label, where nobody else put anything into it',
    commands: inController,
  },
  listen: {
    group: 'Controller',
    env: ['ECR_LISTEN'],
    flags: ['listen'],
    placeholder: 'ADDRESS',
    parse: listenAddress(),
    fallback: ':8080',
    help: 'Where /metrics, /healthz and /readyz are served, as host:port or :port',
    commands: inController,
  },
  graceMs: {
    group: 'Controller',
    env: ['ECR_SHUTDOWN_GRACE'],
    flags: ['shutdown-grace'],
    placeholder: 'DURATION',
    parse: duration('1s', '10m'),
    fallback: '20s',
    help: 'Time for what is in flight when it is told to stop; less than terminationGracePeriodSeconds',
    commands: inController,
  },
  output: {
    group: 'Output',
    isEveryday: true,
    env: ['ECR_OUTPUT'],
    flags: ['output'],
    short: 'o',
    placeholder: 'FORMAT',
    values: outputs,
    parse: oneOf(...outputs),
    fallback: 'text',
    help: 'Form of the result on standard output; wide is for status',
    commands: withResult,
  },
  logLevel: {
    group: 'Output',
    env: ['LOG_LEVEL'],
    flags: ['log-level'],
    placeholder: 'LEVEL',
    values: levels,
    parse: oneOf(...levels),
    fallback: 'info',
    help: 'Least important messages to log on standard error',
    commands: everywhere,
  },
  logFormat: {
    group: 'Output',
    env: ['LOG_FORMAT'],
    flags: ['log-format'],
    placeholder: 'FORMAT',
    values: formats,
    parse: oneOf(...formats),
    fallback: 'auto',
    help: 'Form of the log; auto is JSON in a pod and text elsewhere',
    commands: everywhere,
  },
  as: {
    group: 'Kubernetes',
    env: [],
    flags: ['as'],
    placeholder: 'USER',
    parse: oneLine(),
    otherwise: 'whoever the credentials belong to',
    help: 'Ask on behalf of another user, such as system:serviceaccount:ecr-cred-helper:ecr-cred-helper',
    commands: ['doctor', ...inNamespaces],
  },
  asGroups: {
    group: 'Kubernetes',
    env: [],
    flags: ['as-group'],
    placeholder: 'GROUPS',
    repeats: true,
    parse: listOfTexts(),
    fallback: '',
    otherwise: 'the groups that the API server knows of',
    help: 'Groups of that user, separated by commas; may be given several times',
    commands: inNamespaces,
  },
  namespace: {
    group: 'Kubernetes',
    isEveryday: true,
    env: [],
    flags: ['namespace'],
    short: 'n',
    placeholder: 'NAME',
    completes: 'namespaces',
    parse: objectName(),
    otherwise: 'every namespace; for explain that of the context',
    help: 'This namespace alone',
    commands: ['doctor', ...inNamespaces],
  },
  problems: {
    group: 'Output',
    isEveryday: true,
    env: [],
    flags: ['problems'],
    parse: onOff(),
    fallback: 'false',
    help: 'Show only namespaces that something is amiss with',
    commands: inStatus,
  },
  watch: {
    group: 'Output',
    isEveryday: true,
    env: [],
    flags: ['watch'],
    short: 'w',
    parse: onOff(),
    fallback: 'false',
    help: 'Stay, and keep what is shown current',
    commands: inStatus,
  },
  all: {
    group: 'Pull secret',
    isEveryday: true,
    env: [],
    flags: ['all'],
    parse: onOff(),
    fallback: 'false',
    help: 'Remove the pull secrets of labelled namespaces, too',
    commands: inPrune,
  },
  yes: {
    group: 'Pull secret',
    isEveryday: true,
    env: [],
    flags: ['yes'],
    short: 'y',
    parse: onOff(),
    fallback: 'false',
    help: 'Remove; without it, a terminal shows what would be removed',
    commands: inPrune,
  },
  image: {
    group: 'AWS',
    isEveryday: true,
    env: [],
    flags: ['image'],
    placeholder: 'IMAGE',
    parse: anyText(),
    otherwise: 'no image is asked for',
    help: 'Ask the registry whether this image can be pulled',
    commands: inDoctor,
  },
  verbose: {
    group: 'Output',
    isEveryday: true,
    env: [],
    flags: ['verbose'],
    short: 'v',
    parse: onOff(),
    fallback: 'false',
    help: 'Tell everything that is looked at; log more',
    commands: everywhere,
  },
};

export type SettingName = keyof Settings;

/** The rows of the table, whatever type their values have. */
export const options: readonly (Option<unknown> & { name: SettingName })[] = settingNames().map((name) => ({
  name,
  ...optionTable[name],
}));

/** Switches that every command understands and that no variable sets. */
export const switches: readonly { flag: 'help' | 'help-all' | 'version'; short?: string; help: string }[] = [
  { flag: 'help', short: 'h', help: 'Explain the command in short' },
  { flag: 'help-all', help: 'Explain every option of it' },
  { flag: 'version', short: 'V', help: 'Print the version' },
];

function settingNames(): SettingName[] {
  // The table's type has exactly the keys of Settings.
  return Object.keys(optionTable) as SettingName[];
}

import type { CommandName } from '../../src/config/commands.ts';
import { options } from '../../src/config/options.ts';
import { outerVariables } from '../../src/config/variables.ts';

export type Schema = Readonly<Record<string, unknown>>;

/** One value of the chart: what it is where nobody sets it, what it may be, and what people are told about it. */
export type Value = { default: unknown; schema: Schema; help: string };
export type Section = { help: string; values: Readonly<Record<string, Value>> };

/** The modes of the chart, and the command that each runs. */
export const modes = { cronjob: 'refresh', controller: 'controller' } as const satisfies Record<string, CommandName>;

/** What comes with the credentials, or is for terminals: no setting of a pod. */
const elsewhere = /^(?:AWS_PROFILE|AWS_\w+_FILE|AWS_ROLE_\w+|AWS_CONTAINER_\w+|NO_COLOR|FORCE_COLOR|KUBECONFIG)$/;

const subdomain = '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*';
const labelText = '[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?';

/** Texts of a form, by what they are and are not: the parsers of `src/config/parsers.ts` have it in code. */
const textKinds: readonly { is: string[]; isNot: string[]; pattern: string }[] = [
  { is: ['eu-west-1', 'us-gov-east-1'], isNot: ['eu-west-1a'], pattern: '[a-z]{2,4}(-[a-z]+){1,3}-\\d{1,2}' },
  { is: ['a-b.c'], isNot: ['A', 'a_b', '-a'], pattern: subdomain },
  { is: ['A_b.c'], isNot: ['a/b', '-a'], pattern: labelText },
  { is: ['a.b/C_d', 'C_d'], isNot: ['a/b/c', 'A/b'], pattern: `(${subdomain}/)?${labelText}` },
];

export type Setting = { env: string; help: string; fallback: string | undefined; schema: Schema; modes: string[] };

/** Every variable that a pod takes its settings from, in the order of `docs/options.md`. */
export const settings: readonly Setting[] = [
  ...options.flatMap(({ env, help, fallback, values, otherwise, parse, commands }) =>
    env.map((name) => ({
      env: name,
      help: otherwise === undefined ? help : `${help}; absent: ${otherwise}`,
      fallback,
      schema: schemaOf(values ?? [], fallback, (text) => parse(text, name).ok),
      modes: Object.entries(modes).flatMap(([mode, command]) => (commands.includes(command) ? [mode] : [])),
    })),
  ),
  ...outerVariables
    .filter(({ isCredential }) => isCredential !== true)
    .map(({ env, help }) => ({
      env,
      help,
      fallback: undefined,
      schema: { type: ['string', 'number', 'boolean'] },
      modes: Object.keys(modes),
    })),
].filter(({ env, modes }) => modes.length > 0 && !elsewhere.test(env));

/** The names that the pods of a mode take, in order. */
export function settingsOf(mode: keyof typeof modes): string[] {
  return settings.filter((setting) => setting.modes.includes(mode)).map(({ env }) => env);
}

/** YAML has a number for 4 and a truth for true: these are what the program reads as text. */
function schemaOf(values: readonly string[], fallback: string | undefined, takes: (text: string) => boolean): Schema {
  if (takes('yes') && takes('off') && !takes('maybe')) return { enum: [true, false, 'true', 'false', ''] };
  if (values.length > 0) return { enum: [...values, ''] };
  if (/^\d+$/.test(fallback ?? '')) return { type: ['integer', 'string'], pattern: '^\\d*$' };
  if (takes('90s') && !takes('90')) return { type: 'string', pattern: '^((\\d+(\\.\\d+)?(ms|s|m|h))+)?$' };
  const [kind] = textKinds.filter(({ is, isNot }) => is.every(takes) && !isNot.some(takes));
  return kind === undefined ? { type: 'string' } : { type: 'string', pattern: `^(${kind.pattern})?$` };
}

const text = { type: 'string' };
const objectName = { type: 'string', maxLength: 253, pattern: `^(${subdomain})?$` };
const flag = { type: 'boolean' };
const count = (minimum: number) => ({ type: 'integer', minimum });
const oneOf = (...values: string[]) => ({ enum: values });
const texts = { type: 'object', additionalProperties: { type: 'string' } };
const asInPod = (type: 'object' | 'array') =>
  type === 'array' ? { type, items: { type: 'object' } } : { type: ['object', 'null'] };
const names = { type: 'array', items: { type: 'object', required: ['name'], properties: { name: text } } };
const label = { pattern: '^(([A-Za-z0-9][A-Za-z0-9_.-]*)?[A-Za-z0-9])?$', type: 'string', maxLength: 63 };

const enabled = (help: string): Value => ({ default: false, schema: flag, help });

/** Every value but the settings, in the order of `values.yaml`. A section is one level deep. */
export const chartValues: Readonly<Record<string, Value | Section>> = {
  mode: {
    default: 'cronjob',
    schema: oneOf(...Object.keys(modes)),
    help: 'How it runs. cronjob: a pass every four hours, and nothing in between. controller: stays, and serves a namespace as soon as it is labelled.',
  },
  credentials: {
    help: 'Where it has its AWS credentials from.',
    values: {
      from: {
        default: 'secret',
        schema: oneOf('secret', 'irsa', 'webIdentity', 'podIdentity'),
        help: 'secret: the key of an IAM user in a Secret that is there before. On EKS, irsa: the role that the ServiceAccount is annotated with; podIdentity: an association in AWS. webIdentity: a token that this chart mounts, for clusters that are not EKS.',
      },
      secretName: {
        default: 'aws-creds',
        schema: { type: 'string', maxLength: 253, pattern: `^${subdomain}$` },
        help: 'With secret: its name. Its key "credentials" is a file as ~/.aws/credentials; or its keys are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
      },
      roleArn: {
        default: '',
        schema: { type: 'string', pattern: '^(arn:aws[a-z-]*:iam::\\d{12}:role/.+)?$' },
        help: 'With irsa and webIdentity: the role, such as arn:aws:iam::111122223333:role/ecr-cred-helper.',
      },
    },
  },
  cronjob: {
    help: 'With mode cronjob.',
    values: {
      schedule: {
        default: '17 */4 * * *',
        schema: { type: 'string', minLength: 1 },
        help: 'A token lives 12 hours: at every 4, one run may fail.',
      },
      timeZone: { default: 'Etc/UTC', schema: { type: 'string', minLength: 1 }, help: 'Of the schedule.' },
      suspend: { default: false, schema: flag, help: 'Makes no more runs; the pull secrets expire.' },
      activeDeadlineSeconds: {
        default: 1800,
        schema: count(1),
        help: 'Ends a run that hangs; more than ECR_DEADLINE.',
      },
      firstPass: enabled(
        'Makes a pass at each install and upgrade, which fails where the pass does. The credentials have to be there before.',
      ),
    },
  },
  controller: {
    help: 'With mode controller.',
    values: {
      replicas: { default: 2, schema: count(0), help: 'One leads, the others stand by warm.' },
      terminationGracePeriodSeconds: {
        default: 30,
        schema: count(1),
        help: 'More than ECR_SHUTDOWN_GRACE.',
      },
      podDisruptionBudget: {
        default: true,
        schema: flag,
        help: 'Nodes are drained one replica at a time.',
      },
    },
  },
  image: {
    help: 'The image.',
    values: {
      repository: {
        default: 'ghcr.io/ecr-cred-helper/ecr-cred-helper',
        schema: { type: 'string', minLength: 1 },
        help: 'Where it is, without a tag.',
      },
      tag: { default: '', schema: text, help: "Absent: the chart's appVersion." },
      digest: {
        default: '',
        schema: { type: 'string', pattern: '^(sha256:[0-9a-f]{64})?$' },
        help: 'sha256:…, which no other image can have.',
      },
      pullPolicy: {
        default: '',
        schema: oneOf('', 'Always', 'IfNotPresent', 'Never'),
        help: "Absent: Kubernetes' own.",
      },
    },
  },
  imagePullSecrets: {
    default: [],
    schema: names,
    help: 'For its own image, such as [{name: registry-of-ours}]; none that it renews itself.',
  },
  fullnameOverride: {
    default: '',
    schema: { type: 'string', maxLength: 52, pattern: '^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$' },
    help: 'What its objects are called. Absent: the name of the release where that has ecr-cred-helper in it, else <release>-ecr-cred-helper.',
  },
  commonLabels: {
    default: {},
    schema: { type: 'object', additionalProperties: label },
    help: 'On everything, in addition.',
  },
  serviceAccount: {
    help: 'The account that it runs as.',
    values: {
      create: { default: true, schema: flag, help: 'Where it is false, the one of that name has to be there.' },
      name: { default: '', schema: objectName, help: 'Absent: as its objects.' },
      annotations: { default: {}, schema: texts, help: 'Of the account.' },
    },
  },
  rbac: {
    help: 'What the account may do.',
    values: {
      create: {
        default: true,
        schema: flag,
        help: 'The least that works. Where it is false, somebody else has to grant it.',
      },
    },
  },
  fence: {
    help: 'An admission policy around the account: whoever steals its token can do no more than write pull secrets into labelled namespaces.',
    values: { enabled: enabled('Kubernetes 1.30 or newer.') },
  },
  firstPod: {
    help: 'An admission policy that gives each new pod in a labelled namespace the pull secret.',
    values: { enabled: enabled('Kubernetes 1.36 or newer.') },
  },
  networkPolicy: {
    help: 'Limits what its pods take and reach, where the network of the cluster enforces policies.',
    values: {
      enabled: enabled('DNS, 443 and 6443, and the addresses at which AWS hands out credentials.'),
      extraEgress: {
        default: [],
        schema: asInPod('array'),
        help: 'More rules for egress: the port of a proxy, or another one of the API server.',
      },
    },
  },
  alerts: {
    help: 'Alerts for the Prometheus Operator: those of the mode.',
    values: {
      enabled: enabled('Its CustomResourceDefinitions have to be there before.'),
      labels: { default: {}, schema: texts, help: 'By which Prometheus selects rules.' },
    },
  },
  serviceMonitor: {
    help: 'Scrapes by the Prometheus Operator, with mode controller.',
    values: {
      enabled: enabled('Its CustomResourceDefinitions have to be there before.'),
      labels: { default: {}, schema: texts, help: 'By which Prometheus selects monitors.' },
      interval: { default: '30s', schema: { type: 'string', minLength: 1 }, help: 'Between two scrapes.' },
    },
  },
  dashboard: {
    help: 'A dashboard for Grafana, in a ConfigMap, with mode controller.',
    values: {
      enabled: enabled('Grafana finds it by its labels.'),
      labels: {
        default: { grafana_dashboard: '1' },
        schema: texts,
        help: 'Those that the sidecar of Grafana looks for.',
      },
    },
  },
  resources: {
    default: null,
    schema: asInPod('object'),
    help: 'Of the container. Absent: what was measured, docs/performance.md. The heap has 36 MiB, whatever the limit.',
  },
  podAnnotations: {
    default: {},
    schema: texts,
    help: 'Of the pods, in addition; they go before those that keep sidecars of a mesh out of the CronJob.',
  },
  podLabels: {
    default: {},
    schema: { type: 'object', additionalProperties: label },
    help: 'Of the pods, in addition.',
  },
  nodeSelector: { default: {}, schema: texts, help: 'In addition to kubernetes.io/os: linux.' },
  tolerations: { default: [], schema: asInPod('array'), help: 'Of the pods.' },
  affinity: { default: {}, schema: { type: 'object' }, help: 'Of the pods.' },
  priorityClassName: { default: '', schema: objectName, help: 'Of the pods.' },
  extraEnv: {
    default: [],
    schema: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name'],
        properties: { name: { type: 'string', minLength: 1 }, value: text, valueFrom: { type: 'object' } },
        additionalProperties: false,
      },
    },
    help: 'Variables that are no settings, as in a pod: [{name: NODE_EXTRA_CA_CERTS, value: /etc/ca/ca.pem}].',
  },
  extraVolumes: { default: [], schema: names, help: 'As in a pod: for AWS_CA_BUNDLE, a ConfigMap that holds it.' },
  extraVolumeMounts: { default: [], schema: names, help: 'As in a pod.' },
};

export const settingsHelp =
  'The settings, by the names of the options of the program (docs/options.md). AWS_REGION is the one to set, or DOCKER_REGISTRY, whose host names the region.';

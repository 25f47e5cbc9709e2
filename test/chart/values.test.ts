/** The values of the chart: what is refused, in one sentence that says what to set, and what the schema takes. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { settings } from '../../build/chart/table.ts';
import { options } from '../../src/config/options.ts';
import { chart, region, template, type Release } from './chart.ts';

const roleArn = 'arn:aws:iam::111122223333:role/ecr-cred-helper';
const enabled = { enabled: true };
const controller = { mode: 'controller' };

type Refusal = { values: object; says: string | RegExp; release?: Release };

const set = (own: object, more: object = {}) => ({ ...more, settings: { ...region.settings, ...own } });

const refused: Record<string, Refusal> = {
  'without a region': {
    values: {},
    says: 'Set settings.AWS_REGION to the region of the registry (--set settings.AWS_REGION=eu-west-1), or settings.DOCKER_REGISTRY to its host.',
  },
  'with a setting of the controller in a CronJob': {
    values: set({ ECR_PRUNE: true }),
    says: 'settings.ECR_PRUNE means nothing to mode cronjob: leave it out, or set mode=controller.',
  },
  'with a setting of the CronJob in a controller': {
    values: set({ ECR_DRY_RUN: true }, controller),
    says: 'settings.ECR_DRY_RUN means nothing to mode controller: leave it out, or set mode=cronjob.',
  },
  'with a pass that Kubernetes would end first': {
    values: set({ ECR_DEADLINE: '1h30m' }),
    says: 'settings.ECR_DEADLINE (1h30m) has to end a pass before Kubernetes does: set cronjob.activeDeadlineSeconds to more than 5400 s.',
  },
  'with more grace than Kubernetes gives': {
    values: set({ ECR_SHUTDOWN_GRACE: '45s' }, controller),
    says: 'settings.ECR_SHUTDOWN_GRACE (45s) has to be over before Kubernetes ends the pod: set controller.terminationGracePeriodSeconds to more than 45.',
  },
  'with probes that reach nothing': {
    values: set({ ECR_LISTEN: '127.0.0.1:8080' }, controller),
    says: 'settings.ECR_LISTEN (127.0.0.1:8080) has to be reached by probes: set it to a port of every address, such as :8080.',
  },
  'with several that all write': {
    values: set({ ECR_LEADER_ELECTION: 'false' }, controller),
    says: 'Without settings.ECR_LEADER_ELECTION every replica writes: set controller.replicas=1.',
  },
  'with a role that is not named': {
    values: { ...region, credentials: { from: 'irsa' } },
    says: 'credentials.from=irsa needs a role: set credentials.roleArn to its ARN.',
  },
  'with a token for a role that is not named': {
    values: {
      ...region,
      credentials: { from: 'webIdentity' },
      serviceAccount: { create: false, name: 'there-before' },
    },
    says: 'credentials.from=webIdentity needs a role: set credentials.roleArn to its ARN.',
  },
  'with a role that nothing uses': {
    values: { ...region, credentials: { roleArn } },
    says: 'credentials.roleArn means nothing to credentials.from=secret: set credentials.from to irsa or webIdentity, or leave the role out.',
  },
  'with a role for an account of somebody else': {
    values: {
      ...region,
      credentials: { from: 'irsa', roleArn },
      serviceAccount: { create: false, name: 'there-before' },
    },
    says: 'credentials.roleArn is written on the ServiceAccount, which serviceAccount.create=false leaves to you: annotate it with eks.amazonaws.com/role-arn, and leave the role out here.',
  },
  'with an account that is not named': {
    values: { ...region, serviceAccount: { create: false } },
    says: 'serviceAccount.create=false needs serviceAccount.name: the account that is there.',
  },
  'with scrapes of a CronJob': {
    values: { ...region, serviceMonitor: enabled },
    says: 'serviceMonitor.enabled shows metrics, which mode cronjob has none of: set mode=controller, or serviceMonitor.enabled=false.',
  },
  'with a dashboard of a CronJob': {
    values: { ...region, dashboard: enabled },
    says: 'dashboard.enabled shows metrics, which mode cronjob has none of: set mode=controller, or dashboard.enabled=false.',
  },
  'with a first pass beside a controller': {
    values: { ...region, ...controller, cronjob: { firstPass: true } },
    says: 'cronjob.firstPass is for mode cronjob, and the controller serves every namespace when it starts: set cronjob.firstPass=false.',
  },
  'with a fence for a cluster that knows none': {
    values: { ...region, fence: enabled },
    release: { kubernetes: '1.29.4' },
    says: 'fence.enabled needs Kubernetes 1.30, and this is v1.29.4: set fence.enabled=false (or, without a cluster, --kube-version 1.30).',
  },
  'with a policy for new pods for a cluster that knows none': {
    values: { ...region, firstPod: enabled },
    release: { kubernetes: '1.35.0' },
    says: 'firstPod.enabled needs Kubernetes 1.36, and this is v1.35.0: set firstPod.enabled=false (or, without a cluster, --kube-version 1.36).',
  },
  'with a setting among other variables': {
    values: { ...region, extraEnv: [{ name: 'LOG_LEVEL', value: 'debug' }] },
    says: 'extraEnv has LOG_LEVEL, which is a setting: set settings.LOG_LEVEL instead.',
  },
  'with a key in the values': {
    values: { ...region, extraEnv: [{ name: 'AWS_SECRET_ACCESS_KEY', value: 'x' }] },
    says: 'extraEnv has AWS_SECRET_ACCESS_KEY, which comes from the Secret credentials.secretName: put it there, or set credentials.from to what else gives credentials.',
  },
  'with a role given twice': {
    values: {
      ...region,
      credentials: { from: 'webIdentity', roleArn },
      extraEnv: [{ name: 'AWS_ROLE_ARN', value: roleArn }],
    },
    says: 'extraEnv has AWS_ROLE_ARN, which credentials.from=webIdentity sets: leave it out.',
  },
  'with a label that is its own': {
    values: { ...region, commonLabels: { 'app.kubernetes.io/name': 'mine' } },
    says: 'commonLabels has app.kubernetes.io/name, which the chart sets itself: leave it out.',
  },
  'with a label of pods that is its own': {
    values: { ...region, podLabels: { 'app.kubernetes.io/component': 'mine' } },
    says: 'podLabels has app.kubernetes.io/component, which the chart sets itself: leave it out.',
  },
  'on Kubernetes 1.24': {
    values: region,
    release: { kubernetes: '1.24.17' },
    says: /chart requires kubeVersion: >=1\.25\.0-0 which is incompatible with Kubernetes v1\.24\.17/,
  },
  // The schema's words are Helm's.
  'with a value that there is not': { values: { ...region, replicaCount: 2 }, says: /replicaCount/ },
  'with a value that a section has not': { values: { ...region, image: { name: 'x' } }, says: /image.*name/s },
  'with a setting that there is not': { values: set({ ECR_SECRETNAME: 'x' }), says: /settings.*ECR_SECRETNAME/s },
  'with a key among the settings': { values: set({ AWS_ACCESS_KEY_ID: 'x' }), says: /settings.*AWS_ACCESS_KEY_ID/s },
  'with a duration without a unit': { values: set({ ECR_REQUEST_TIMEOUT: '30' }), says: /ECR_REQUEST_TIMEOUT/ },
  'with a zone in place of a region': { values: { settings: { AWS_REGION: 'us-east-1a' } }, says: /AWS_REGION/ },
  'with a name that no secret can have': { values: set({ ECR_SECRET_NAME: 'ECR_creds' }), says: /ECR_SECRET_NAME/ },
  'with a label that would end a text of the fence': {
    values: set({ ECR_LABEL_VALUE: "ecr' || true" }, { fence: enabled }),
    says: /ECR_LABEL_VALUE/,
  },
  'with a word that a setting has not': { values: set({ ECR_ON_CONFLICT: 'force' }), says: /ECR_ON_CONFLICT/ },
  'with another mode': { values: { ...region, mode: 'daemonset' }, says: /mode/ },
  'with a Secret of a name that there cannot be': {
    values: { ...region, credentials: { secretName: 'a, key: b' } },
    says: /secretName/,
  },
  'with a digest that is none': { values: { ...region, image: { digest: 'latest' } }, says: /digest/ },
  'with a role that is no ARN': {
    values: { ...region, credentials: { from: 'irsa', roleArn: 'admin' } },
    says: /roleArn/,
  },
  'with a name that a CronJob cannot have': {
    values: { ...region, fullnameOverride: 'a'.repeat(53) },
    says: /fullnameOverride/,
  },
};

describe('the chart is not rendered', { concurrency: 3 }, () => {
  for (const [title, { values, says, release }] of Object.entries(refused)) {
    it(title, async () => {
      const { code, stdout, stderr } = await template(values, release);
      assert.notEqual(code, 0, stdout);
      if (typeof says !== 'string') assert.match(stderr, says);
      else assert.equal(/execution error at \([^)]*\): (.*)/.exec(stderr)?.[1], says);
    });
  }

  it('to Helm 3, in other words of the schema and the same of its own', async () => {
    const one = await template(set({ ECR_SECRETNAME: 'x' }), { helm: 'helm3' });
    assert.match(one.stderr, /settings: Additional property ECR_SECRETNAME is not allowed/);
    const other = await template({}, { helm: 'helm3' });
    assert.match(other.stderr, /Set settings\.AWS_REGION to the region of the registry/);
  });
});

describe('the schema of the values', async () => {
  const schema = JSON.parse(await readFile(join(chart, 'values.schema.json'), 'utf8'));
  const isValid = new Ajv({ strict: false }).compile(schema);
  const takes = (name: string, value: unknown): boolean => isValid({ settings: { [name]: value } });

  it('takes the values that are shipped', async () => {
    const shipped = parse(await readFile(join(chart, 'values.yaml'), 'utf8'), { version: '1.1' });
    assert.ok(isValid(shipped), JSON.stringify(isValid.errors));
  });

  it('takes every default of a setting, and nothing at all', () => {
    for (const { env, fallback } of settings) {
      assert.ok(takes(env, ''), env);
      if (fallback !== undefined) assert.ok(takes(env, fallback), env);
    }
  });

  it('takes what YAML makes of numbers and truths', () => {
    const made: [string, unknown][] = [
      ['ECR_CONCURRENCY', 8],
      ['ECR_PRUNE', true],
      ['ECR_DRY_RUN', false],
      ['AWS_MAX_ATTEMPTS', 5],
      ['AWS_USE_FIPS_ENDPOINT', true],
    ];
    for (const [name, value] of made) assert.ok(takes(name, value), name);
  });

  it('refuses no more than the program does', () => {
    const samples = [
      'refuse',
      'true',
      'off',
      '90s',
      '1.5h',
      '16',
      'debug',
      'x',
      ':8080',
      'eu-west-1',
      'us-gov-east-1',
      'cn-north-1',
      'a-b.c',
      'example.com/A_b',
      'A_b.c',
      'a'.repeat(63),
      '100ms',
      'JSON',
      ' ',
    ];
    const refusals = options.flatMap(({ env, parse }) =>
      env.flatMap((name) =>
        settings.some((setting) => setting.env === name)
          ? samples
              .filter((sample) => parse(sample, name).ok && !takes(name, sample))
              .map((sample) => `${name}=${sample}`)
          : [],
      ),
    );
    // The program takes more words for on and off, and any case: one of each is enough in a chart.
    const words = refusals.filter((refusal) => !/=(?:off|JSON)$/.test(refusal));
    assert.deepEqual(words, []);
  });

  it('has a line in values.yaml for every setting, and names no other', async () => {
    const text = await readFile(join(chart, 'values.yaml'), 'utf8');
    const named = [...text.matchAll(/^ {2}(?:# )?([A-Z][A-Z_0-9]+): /gm)].map(([, name]) => name);
    assert.deepEqual(new Set(named), new Set(settings.map(({ env }) => env)));
  });
});

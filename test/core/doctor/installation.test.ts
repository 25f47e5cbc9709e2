import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asItself, findInstallation, setCommandOf, type Installation } from '../../../src/core/doctor/installation.ts';
import { podView, referencesOf, type Held } from '../../../src/core/doctor/pod-template.ts';
import type { Workload } from '../../../src/core/doctor/workload-facts.ts';

const at = { namespace: 'n', name: 'c', serviceAccount: 'a', images: [] };
const cronJob = (podSpec: Record<string, unknown>): Workload => ({
  kind: 'CronJob',
  ...at,
  podSpec,
  schedule: '',
  suspended: false,
  createdMs: 0,
});
const deployment = (podSpec: Record<string, unknown>): Workload => ({
  kind: 'Deployment',
  ...at,
  podSpec,
  replicas: 1,
  ready: 1,
  why: '',
  selector: {},
});
const held = (entries: Record<string, string>): Held => ({ kind: 'held', entries });
const absent: Held = { kind: 'absent' };

type Given = {
  env?: object[];
  holders?: Record<string, Held>;
  hasAccount?: boolean;
  more?: object;
  of?: typeof cronJob;
};
function installation({ env = [], holders = {}, hasAccount = true, more = {}, of = cronJob }: Given): Installation {
  const podSpec = { containers: [{ name: 'main', env, ...more }], ...more };
  const known = new Map(Object.entries(holders));
  return {
    workload: of(podSpec),
    references: referencesOf(podSpec),
    held: known,
    hasAccount,
    view: podView(podSpec, known, {}),
  };
}
const from = (name: string, kind: 'configMapKeyRef' | 'secretKeyRef', holder: string, optional = true) => ({
  name,
  valueFrom: { [kind]: { name: holder, key: name, optional } },
});
const found = (given: Given) => findInstallation(installation(given));
const reasons = (given: Given) => found(given).map(({ reason }) => reason);

const keys = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'].map((name) => from(name, 'secretKeyRef', 'aws'));

describe('what an installation lacks', () => {
  const cases: Record<string, [given: Given, reasons: string[]]> = {
    'is nothing where all is there': [{}, []],
    'is its ServiceAccount': [{ hasAccount: false }, ['ServiceAccountMissing']],
    'is a ConfigMap that it does not start without': [
      { env: [from('A', 'configMapKeyRef', 's', false)], holders: { 'ConfigMap/s': absent } },
      ['ReferenceMissing'],
    ],
    'is a key of it': [
      { env: [from('A', 'configMapKeyRef', 's', false)], holders: { 'ConfigMap/s': held({}) } },
      ['ReferenceMissing'],
    ],
    'is nothing where what is missing is optional': [
      { env: [from('A', 'configMapKeyRef', 's')], holders: { 'ConfigMap/s': absent } },
      [],
    ],
    'is not known where it may not be looked at': [
      { env: [from('A', 'secretKeyRef', 's', false)], holders: { 'Secret/s': { kind: 'unseen', why: 'HTTP 403' } } },
      ['CouldNotLook'],
    ],
    'is the key to AWS where the Secret for it is nowhere, though the pod starts': [
      { env: keys, holders: { 'Secret/aws': absent } },
      ['KeyAbsent'],
    ],
    'is the key to AWS where the Secret holds something else': [
      { env: keys, holders: { 'Secret/aws': held({}) } },
      ['KeyAbsent'],
    ],
    'is its name alone where the Secret has it under one that is mistyped': [
      { env: keys, holders: { 'Secret/aws': held({ AWS_ACES_KEY_ID: 'A', AWS_SECRET_ACESS_KEY: 's' }) } },
      ['KeyMistyped', 'KeyMistyped'],
    ],
    'is told elsewhere where half of the key is there': [
      { env: keys, holders: { 'Secret/aws': held({ AWS_ACCESS_KEY_ID: 'A' }) } },
      [],
    ],
    'is no key where it is all there': [
      { env: keys, holders: { 'Secret/aws': held({ AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 's' }) } },
      [],
    ],
    'is no key where a role gives credentials': [
      {
        env: [...keys, { name: 'AWS_ROLE_ARN', value: 'r' }, { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: 'f' }],
        holders: { 'Secret/aws': absent },
      },
      [],
    ],
  };
  for (const [title, [given, expected]] of Object.entries(cases)) {
    it(title, () => assert.deepEqual(reasons(given), expected));
  }

  it('is made with values from the shell that it is pasted into', () => {
    const [key] = found({ env: keys, holders: { 'Secret/aws': absent } });
    assert.equal(
      key?.fix,
      'Make it: kubectl -n n create secret generic aws --from-literal=AWS_ACCESS_KEY_ID="$AWS_ACCESS_KEY_ID" --from-literal=AWS_SECRET_ACCESS_KEY="$AWS_SECRET_ACCESS_KEY" --dry-run=client -o yaml | kubectl apply --server-side -f -',
    );
  });
  it('is a file where its container takes one', () => {
    const volumes = [
      { name: 'k', secret: { secretName: 'aws', optional: true, items: [{ key: 'credentials', path: 'f' }] } },
    ];
    const volumeMounts = [{ name: 'k', mountPath: '/keys' }];
    const env = [{ name: 'AWS_SHARED_CREDENTIALS_FILE', value: '/keys/f' }];
    const [key] = found({ env, holders: { 'Secret/aws': absent }, more: { volumes, volumeMounts } });
    assert.match(key?.fix ?? '', / --from-file=credentials="\$HOME\/\.aws\/credentials" /);
    const there = {
      env,
      holders: { 'Secret/aws': held({ credentials: '[default]' }) },
      more: { volumes, volumeMounts },
    };
    assert.deepEqual(reasons(there), []);
  });
});

describe('a key of a ConfigMap that nobody takes', () => {
  const env = [from('ECR_SECRET_NAME', 'configMapKeyRef', 's'), from('AWS_REGION', 'configMapKeyRef', 's')];
  it('was mistyped where a key of nearly that name is taken and not there, and is given that name', () => {
    const [key] = found({ env, holders: { 'ConfigMap/s': held({ ECR_SECRETNAM: 'x', AWS_REGION: 'r' }) } });
    assert.equal(
      key?.fix,
      `Did you mean ECR_SECRET_NAME? Give it that name: kubectl -n n patch configmap s --type=json -p '[{"op":"move","from":"/data/ECR_SECRETNAM","path":"/data/ECR_SECRET_NAME"}]'`,
    );
  });
  it('is only told of where the one it might have been is there, too, or none is near', () => {
    assert.deepEqual(
      reasons({
        env,
        holders: { 'ConfigMap/s': held({ AWS_REGIO: 'x', AWS_REGION: 'r', ECR_SECRET_NAME: 'n', README: '' }) },
      }),
      ['KeyUnread', 'KeyUnread'],
    );
  });
  it('is none where the whole of it is taken', () => {
    const more = { envFrom: [{ configMapRef: { name: 's' } }] };
    assert.deepEqual(reasons({ env, more, holders: { 'ConfigMap/s': held({ README: '' }) } }), []);
  });
});

describe('a setting of an installation', () => {
  const env = [from('AWS_REGION', 'configMapKeyRef', 's')];
  const set = (given: Given, name: string) => setCommandOf(installation(given))(name, 'eu-west-1');
  it('is changed in the ConfigMap that it is taken from', () => {
    assert.equal(
      set({ env }, 'AWS_REGION'),
      `kubectl -n n patch configmap s --type=merge -p '{"data":{"AWS_REGION":"eu-west-1"}}'`,
    );
  });
  it('is changed in the template where that has it, or nobody', () => {
    assert.equal(set({ env }, 'DOCKER_REGISTRY'), 'kubectl -n n set env cronjob/c DOCKER_REGISTRY=eu-west-1');
  });
  it('is changed in the values of the release, where Helm installed it', () => {
    const { workload, ...given } = installation({ env });
    const release = { name: 'pulls', namespace: 'n', version: '2.1.0' };
    const ofRelease = setCommandOf({ ...given, workload: { ...workload, release } });
    assert.equal(
      ofRelease('AWS_REGION', "eu-west-1, 'x'"),
      `helm upgrade pulls oci://ghcr.io/ecr-cred-helper/charts/ecr-cred-helper --version 2.1.0 -n n --reset-then-reuse-values --set-json 'settings.AWS_REGION="eu-west-1, '\\''x'\\''"'`,
    );
  });
  it('is read again by a Deployment whose pods are made anew', () => {
    assert.match(set({ env, of: deployment }, 'AWS_REGION'), / && kubectl -n n rollout restart deployment\/c$/);
    assert.equal(set({ env, of: deployment }, 'X'), 'kubectl -n n set env deployment/c X=eu-west-1');
  });
});

describe('doctor is run as the installation itself', () => {
  const podSpec = { containers: [{ name: 'other' }, { name: 'ecr-cred-helper' }] };
  it('in a Job like those of the CronJob, in the container that is ours', () => {
    assert.match(
      asItself(cronJob(podSpec)),
      /"path":"\/spec\/template\/spec\/containers\/1\/args","value":\["doctor"\]/,
    );
  });
  it('in the pod of the Deployment', () => {
    assert.equal(
      asItself(deployment(podSpec)),
      'kubectl -n n exec deployment/c -c ecr-cred-helper -- node /app/ecr-cred-helper.cjs doctor',
    );
  });
});

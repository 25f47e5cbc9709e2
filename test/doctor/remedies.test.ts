/** What doctor says to type is typed, into a shell with kubectl, and what it found is gone. */
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { until } from '../support/until.ts';
import {
  cronJobPath,
  foundAsGolden,
  giveKey,
  host,
  keyFile,
  labels,
  runningCronJob,
  servedStage,
  typedMends,
  wellStage,
  type Stage,
  type Told,
} from './stage.ts';

const ns = 'ecr-cred-helper';
const waiting = (image: string) => ({
  phase: 'Pending',
  containerStatuses: [
    {
      name: 'app',
      image,
      imageID: '',
      ready: false,
      restartCount: 0,
      state: { waiting: { reason: 'ImagePullBackOff', message: 'no basic auth credentials' } },
    },
  ],
});

describe('doctor, taken at its word', () => {
  let stage: Stage;
  before(async () => {
    stage = await wellStage();
    // What `kubectl` takes a key from, and what the shipped CronJob is given.
    const { accessKeyId, secretAccessKey } = stage.aws.defaults;
    await mkdir(join(stage.directory, '.aws'));
    await writeFile(join(stage.directory, '.aws/credentials'), keyFile(accessKeyId, secretAccessKey));
  });
  after(() => stage.close());

  /** Of what is amiss, what is found for this reason. */
  const found = async (reason: string): Promise<Told[]> =>
    (await stage.told()).filter((each) => each.reason === reason);

  const mends = (reason: string, meanwhile?: () => unknown, golden?: string) =>
    typedMends(stage, reason, { meanwhile, golden });

  const patchSettings = (data: Record<string, string | null>) =>
    stage.merge(`/api/v1/namespaces/${ns}/configmaps/${ns}`, { data });
  const patchCronJob = (spec: object) => stage.merge(cronJobPath, { spec });
  const runNow = async (changes: Record<string, string> = {}) => assert.equal((await stage.run([], changes)).code, 0);

  it('finds nothing to fix at first', async () => {
    const amiss = (await stage.told()).filter(({ severity }) => severity === 'problem');
    assert.deepEqual(amiss, []);
  });

  it('of a key that the CronJob has and AWS does not take, though that of the laptop is right', async () => {
    giveKey(stage, { accessKeyId: stage.aws.defaults.accessKeyId, secretAccessKey: 'another' });
    stage.kubernetes.remove('v1', 'Secret', 'team-a', 'ecr-creds');
    const [wrong, missing] = (await stage.told()).filter(({ severity }) => severity === 'problem');
    assert.equal(wrong?.reason, 'AwsSignatureMismatch');
    // A run would end as the last one did.
    assert.equal(missing?.reason, 'PullSecretMissing');
    assert.match(missing.fix, /see above/);
    await mends('AwsSignatureMismatch');
    assert.match((await found('PullSecretMissing'))[0]?.command ?? '', /create job/);
    await runNow();
  });

  it('of a key that AWS does not know', async () => {
    giveKey(stage, { accessKeyId: 'AKIAOTHERUNKNOWNKEY1', secretAccessKey: 'another' });
    await mends('AwsKeyUnknown');
  });

  it('of a key that is not there', async () => {
    stage.kubernetes.remove('v1', 'Secret', ns, 'aws-creds');
    stage.kubernetes.remove('v1', 'Secret', 'team-a', 'ecr-creds');
    // A run would get no token.
    assert.match((await found('PullSecretMissing'))[0]?.fix ?? '', /see above/);
    await runNow();
    await mends('KeyAbsent');
  });

  it('of settings that only the CronJob has', async () => {
    await patchSettings({ ECR_SECRET_NAME: 'registry-login' });
    const [missing] = await found('PullSecretMissing');
    assert.equal(missing?.looked, 'team-a/registry-login');
    await patchSettings({ ECR_SECRET_NAME: null });
    assert.deepEqual(await found('PullSecretMissing'), []);
  });

  it('of a setting that was mistyped where the CronJob takes it by name', async () => {
    await patchSettings({ ECR_SECRETNAM: 'registry-login' });
    await mends('KeyMistyped');
    assert.equal((await found('PullSecretMissing'))[0]?.looked, 'team-a/registry-login');
    await patchSettings({ ECR_SECRET_NAME: null });
  });

  it('of a registry whose account is a digit off', async () => {
    await patchSettings({ DOCKER_REGISTRY: '123456789013.dkr.ecr.us-east-1.amazonaws.com' });
    await mends('RegistryAccountMistyped');
    await patchSettings({ DOCKER_REGISTRY: null });
  });

  it('of a region that was changed: what the program wrote before is its own', async () => {
    await patchSettings({ AWS_REGION: 'eu-west-1' });
    const reasons = (await stage.told()).map(({ reason }) => reason);
    assert.ok(!reasons.includes('SecretHoldsOtherRegistries'));
    await mends('PullSecretLacksRegistry', () => runNow({ AWS_DEFAULT_REGION: 'eu-west-1' }));
    await patchSettings({ AWS_REGION: 'us-east-1' });
    await runNow();
  });

  it('of logins of others in the secret', async () => {
    const config = { auths: { 'ghcr.io': { auth: Buffer.from('a:b').toString('base64') } } };
    const data = { '.dockerconfigjson': Buffer.from(JSON.stringify(config)).toString('base64') };
    stage.kubernetes.createNamespace('shared', labels);
    const metadata = { namespace: 'shared', name: 'ecr-creds' };
    stage.kubernetes.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
      type: 'kubernetes.io/dockerconfigjson',
      data,
    });
    await mends('SecretHoldsOtherRegistries');
    await patchSettings({ ECR_ON_CONFLICT: null });
    stage.kubernetes.remove('v1', 'Secret', 'shared', 'ecr-creds');
    await mends('PullSecretMissing', runNow);
    stage.kubernetes.deleteNamespace('shared');
  });

  it('of labels that were mistyped, and of what is missing there then', async () => {
    stage.kubernetes.createNamespace('capitals', { credentialType: 'ECR' });
    stage.kubernetes.createNamespace('stutter', { credentialType: 'ercr' });
    stage.kubernetes.createNamespace('dashed', { 'credential-type': 'ecr' });
    await mends('NamespaceLabelMistyped');
    await mends('PullSecretMissing', runNow, 'pull-secret-missing-of-three');
    for (const name of ['capitals', 'stutter', 'dashed']) stage.kubernetes.deleteNamespace(name);
  });

  it('of pods in a namespace without the label, which has another value of it', async () => {
    stage.kubernetes.createNamespace('plain', { credentialType: 'none' });
    await pods('plain', 'app', 2, [{ name: 'ecr-creds' }]);
    await mends('PodNamespaceUnlabelled', runNow);
    stage.kubernetes.deleteNamespace('plain');
  });

  it('of fifty pods of a Deployment that name another secret, at once', async () => {
    await pods('team-a', 'app', 50, [{ name: 'ecr-cred' }]);
    const [one, ...more] = await found('PodNamesNoSecret');
    assert.deepEqual([one?.looked, more], ['pod team-a/app-5f7-0 and 49 more of deployment app', []]);
    const made = () => {
      const { spec } = objectAt('apps/v1', 'Deployment', 'team-a', 'app') as Deployed;
      assert.deepEqual(spec.template.spec.imagePullSecrets, [{ name: 'ecr-creds' }]);
      // Its controller makes others in their place.
      stage.kubernetes.remove('apps/v1', 'Deployment', 'team-a', 'app');
      for (let index = 0; index < 50; index += 1) stage.kubernetes.remove('v1', 'Pod', 'team-a', `app-5f7-${index}`);
    };
    await mends('PodNamesNoSecret', made, 'pod-names-no-secret-of-fifty');
  });

  it('of a pod that nobody makes, and that names none', async () => {
    stage.kubernetes.apply({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { namespace: 'team-a', name: 'default' },
    });
    await pod('team-a', 'alone', `${host}/app:1`);
    await mends('PodNamesNoSecret');
    stage.kubernetes.remove('v1', 'Pod', 'team-a', 'alone');
  });

  it('of a pod whose registry is not served', async () => {
    const other = `${host.replace('us-east-1', 'eu-west-1')}/app:1`;
    await pod('team-a', 'elsewhere', other, [{ name: 'ecr-creds' }]);
    await mends('PodRegistryUnserved');
    const { data } = objectAt('v1', 'ConfigMap', ns, ns) as { data: Record<string, string> };
    assert.equal(data['DOCKER_REGISTRY'], `${host},${host.replace('us-east-1', 'eu-west-1')}`);
    await patchSettings({ DOCKER_REGISTRY: null });
    stage.kubernetes.remove('v1', 'Pod', 'team-a', 'elsewhere');
  });

  it("of a pod of the cluster's own, which is nobody's business here", async () => {
    await pod('kube-system', 'node', '602401143452.dkr.ecr.us-east-1.amazonaws.com/eks/pause:3.10');
    const told = await stage.told();
    assert.ok(!told.some(({ fix }) => fix.includes('kubectl label namespace kube-system')));
    assert.equal(told.find(({ check }) => check === 'secrets/pods')?.severity, 'note');
    stage.kubernetes.remove('v1', 'Pod', 'kube-system', 'node');
  });

  it('of a role that nobody bound, and of one that is too wide', async () => {
    stage.kubernetes.remove('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', '', ns);
    await mends('BindingMissing');
    const { rules } = objectAt('rbac.authorization.k8s.io/v1', 'ClusterRole', '', ns) as { rules: object[] };
    // Two that are to go, with the same verbs, before one that is to stay with less.
    const gone = ['services', 'endpoints'].map((each) => ({ apiGroups: [''], resources: [each], verbs: ['get'] }));
    const narrowed = { apiGroups: [''], resources: ['secrets', 'configmaps'], verbs: ['get', 'update'] };
    const wide = [...gone, ...rules, narrowed];
    await stage.merge(`/apis/rbac.authorization.k8s.io/v1/clusterroles/${ns}`, { rules: wide });
    await mends('RoleAllowsMore');
    assert.deepEqual(await found('PermissionMissing'), []);
    await stage.merge(`/apis/rbac.authorization.k8s.io/v1/clusterroles/${ns}`, { rules });
  });

  it('of an account that is not there', async () => {
    stage.kubernetes.remove('v1', 'ServiceAccount', ns, ns);
    await mends('ServiceAccountMissing');
    const golden = await readFile(join(import.meta.dirname, '../golden/doctor/service-account-missing.txt'), 'utf8');
    assert.match(golden, /\n1 to fix/, 'it is said once');
    await writeFile(join(stage.directory, 'token'), stage.kubernetes.serviceAccountToken(ns, ns));
  });

  for (const [schedule, reason] of [
    ['0 */12 * * *', 'ScheduleTooSparse'],
    ['0 */6 * * *', 'ScheduleLeavesNoSlack'],
  ] as const) {
    it(`of the schedule ${schedule}`, async () => {
      await patchCronJob({ schedule });
      await mends(reason);
      // It is the one that is shipped.
      assert.match(JSON.stringify(objectAt('batch/v1', 'CronJob', ns, ns)), /"schedule":"17 \*\/4 \* \* \*"/);
    });
  }

  it('of a CronJob that is suspended', async () => {
    await patchCronJob({ suspend: true });
    await mends('CronJobSuspended');
  });

  it('of a pod of its own that cannot start: above everything else, and not to be run once more', async () => {
    const metadata = { namespace: ns, name: 'first-pass' };
    const spec = {
      template: { spec: { restartPolicy: 'Never', containers: [{ name: ns, image: 'x/ecr-cred-helper:1' }] } },
    };
    stage.kubernetes.apply({ apiVersion: 'batch/v1', kind: 'Job', metadata, spec });
    await stage.setStatus(`/apis/batch/v1/namespaces/${ns}/jobs/first-pass`, { active: 1 });
    await pod(ns, 'first-pass-x', 'x/ecr-cred-helper:1', [], { 'job-name': 'first-pass' });
    stage.kubernetes.remove('v1', 'Secret', 'team-a', 'ecr-creds');
    const all = await foundAsGolden('workload-pod-waiting', (more) => stage.run(['doctor', ...more], stage.laptop));
    const told = all.filter(({ severity }) => severity === 'problem');
    assert.equal(told[0]?.reason, 'WorkloadPodWaiting');
    assert.match(told[0].found ?? '', /^ImagePullBackOff: no basic auth credentials$/);
    assert.ok(told.every(({ fix }) => !fix.includes('create job')));
    stage.kubernetes.remove('v1', 'Pod', ns, 'first-pass-x');
    stage.kubernetes.remove('batch/v1', 'Job', ns, 'first-pass');
    await runNow();
  });

  it('of a job whose pod the namespace does not let in: as of a pod that cannot start', async () => {
    const metadata = { namespace: ns, name: 'refused' };
    const spec = {
      template: { spec: { restartPolicy: 'Never', containers: [{ name: ns, image: 'x/ecr-cred-helper:1' }] } },
    };
    const { uid } = stage.kubernetes.apply({ apiVersion: 'batch/v1', kind: 'Job', metadata, spec }).metadata;
    assert.deepEqual(await found('WorkloadPodWaiting'), []);
    stage.kubernetes.apply({
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { namespace: ns, name: 'refused.1' },
      regarding: { apiVersion: 'batch/v1', kind: 'Job', namespace: ns, name: 'refused', uid },
      type: 'Warning',
      reason: 'FailedCreate',
      note: 'Error creating: pods "refused-x" is forbidden: violates PodSecurity "restricted:latest"',
      action: 'Creating',
      reportingController: 'job-controller',
      reportingInstance: 'job-controller',
      eventTime: new Date().toISOString().replace('Z', '000Z'),
    });
    const [first] = (await stage.told()).filter(({ severity }) => severity === 'problem');
    assert.equal(first?.reason, 'WorkloadPodWaiting');
    assert.match(first.found, /^FailedCreate: Error creating: pods "refused-x" is forbidden: violates PodSecurity/);
    const { code, stdout } = await stage.typed(first.command ?? '');
    assert.equal(code, 0);
    assert.match(stdout, /violates PodSecurity/);
    stage.kubernetes.remove('batch/v1', 'Job', ns, 'refused');
  });

  it('of a pod of its own that was killed for want of memory', async () => {
    const metadata = { namespace: ns, name: 'killed' };
    const containers = [{ name: ns, image: 'x/ecr-cred-helper:1' }];
    const spec = { template: { spec: { restartPolicy: 'Never', containers } } };
    stage.kubernetes.apply({ apiVersion: 'batch/v1', kind: 'Job', metadata, spec });
    const lastTransitionTime = new Date(Date.now() + 1000).toISOString().replace(/\.\d+Z$/, 'Z');
    const failed = { type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', message: 'x', lastTransitionTime };
    await stage.setStatus(`/apis/batch/v1/namespaces/${ns}/jobs/killed`, { conditions: [failed] });
    const labelled = { ...metadata, labels: { 'job-name': 'killed' } };
    stage.kubernetes.apply({ apiVersion: 'v1', kind: 'Pod', metadata: labelled, spec: { containers } });
    const state = { terminated: { exitCode: 137, reason: 'OOMKilled', finishedAt: lastTransitionTime } };
    const status = { name: ns, image: 'x', imageID: '', ready: false, restartCount: 0, state };
    await stage.setStatus(`/api/v1/namespaces/${ns}/pods/killed`, { phase: 'Failed', containerStatuses: [status] });
    await mends('LastRunFailed', () => stage.kubernetes.remove('batch/v1', 'Job', ns, 'killed'));
    const limits = JSON.stringify(stage.kubernetes.get('batch/v1', 'CronJob', ns, ns));
    assert.match(limits, /"limits":\{"cpu":"100m","memory":"128Mi"\}/);
  });

  it('of a fence that is not there, for settings other than those it is shipped for, too', async () => {
    await patchSettings({ ECR_SECRET_NAME: 'registry-login', ECR_LABEL_VALUE: 'yes' });
    await mends('FenceMissing', undefined, 'fence-missing-for-other-settings');
    assert.deepEqual(await found('FenceDiffers'), []);
    assert.equal((await found('FenceStands')).length, 1);
    await stage.typed('kubectl delete -k deploy/fence');
    await patchSettings({ ECR_SECRET_NAME: null, ECR_LABEL_VALUE: null });
    await mends('FenceMissing');
  });

  it('offers to be run as what runs: a Job like those of the CronJob, that asks for doctor', async () => {
    await stage.merge(`/api/v1/namespaces/${ns}/secrets/aws-creds`, { data: null });
    const [asked] = await found('AskedWithOtherCredentials');
    const made = asked?.command?.split(' && ')[0] ?? 'false';
    const { code, stderr } = await stage.typed(made);
    assert.equal(code, 0, stderr);
    const { spec } = objectAt('batch/v1', 'Job', ns, `${ns}-doctor`) as Ran;
    assert.deepEqual([spec.backoffLimit, spec.template.spec.containers[0]?.args], [0, ['doctor']]);
    giveKey(stage);
  });

  /** What the API server holds has the shape that its kind has. */
  function objectAt(apiVersion: string, kind: string, namespace: string, name: string): unknown {
    return stage.kubernetes.get(apiVersion, kind, namespace, name);
  }
  type Deployed = { spec: { template: { spec: { imagePullSecrets?: object[] } } } };
  type Ran = { spec: { backoffLimit: number; template: { spec: { containers: { args?: string[] }[] } } } };

  /** A pod that waits for its image. */
  async function pod(
    namespace: string,
    name: string,
    image: string,
    imagePullSecrets: object[] = [],
    labelled: Record<string, string> = {},
    owners: object[] = [],
  ): Promise<void> {
    const metadata = { namespace, name, labels: labelled, ownerReferences: owners };
    const spec = {
      containers: [{ name: 'app', image }],
      ...(imagePullSecrets.length === 0 ? {} : { imagePullSecrets }),
    };
    stage.kubernetes.apply({ apiVersion: 'v1', kind: 'Pod', metadata, spec });
    await stage.setStatus(`/api/v1/namespaces/${namespace}/pods/${name}`, waiting(image));
  }

  /** A Deployment whose pods wait. */
  async function pods(namespace: string, name: string, count: number, imagePullSecrets: object[]): Promise<void> {
    const image = `${host}/app:1`;
    const template = {
      metadata: { labels: { app: name } },
      spec: { imagePullSecrets, containers: [{ name: 'app', image }] },
    };
    const spec = { selector: { matchLabels: { app: name } }, template };
    stage.kubernetes.apply({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { namespace, name }, spec });
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${name}-5f7`, uid: 'u', controller: true };
    for (let index = 0; index < count; index += 1) {
      const labelled = { app: name, 'pod-template-hash': '5f7' };
      await pod(namespace, `${name}-5f7-${index}`, image, imagePullSecrets, labelled, [owner]);
    }
  }
});

describe('doctor, where nothing runs the program', () => {
  it('says what installs it, and judges what was installed from then on', async () => {
    const stage = await servedStage();
    try {
      stage.kubernetes.remove('v1', 'Namespace', '', ns);
      await until('the namespace is gone', () => stage.kubernetes.get('v1', 'Namespace', '', ns) === undefined);
      const [missing] = (await stage.told()).filter(({ reason }) => reason === 'WorkloadMissing');
      const { code, stderr } = await stage.typed(missing?.command ?? 'false');
      assert.equal(code, 0, stderr);
      const reasons = (await stage.told()).map(({ reason }) => reason);
      assert.ok(reasons.includes('SettingsOfInstallation') && reasons.includes('KeyAbsent'));
      // It was made a moment ago, and has not missed anything.
      assert.ok(!reasons.includes('CronJobNeverRan'));
    } finally {
      await stage.close();
    }
  });

  it('is satisfied by a fresh installation whose first pass is done', async () => {
    const stage = await servedStage();
    try {
      await runningCronJob(stage);
      await stage.setStatus(cronJobPath, {
        lastScheduleTime: null,
        lastSuccessfulTime: null,
      });
      const amiss = (await stage.told()).filter(({ severity }) => severity === 'problem');
      assert.deepEqual(amiss, []);
    } finally {
      await stage.close();
    }
  });
});

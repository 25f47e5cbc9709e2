/** What is found of namespaces, their pull secrets and the pods that wait for them; where something is said to type, it is typed. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  finds,
  foundAsGolden,
  host,
  isGolden,
  labels,
  typedMends,
  waitingPod,
  wellStage,
  type Stage,
} from './stage.ts';

const ns = 'ecr-cred-helper';
const secretPath = '/api/v1/namespaces/team-a/secrets/ecr-creds';

describe('doctor, of namespaces and pull secrets', () => {
  let stage: Stage;
  before(async () => {
    stage = await wellStage();
  });
  after(() => stage.close());
  /** What the next run of the CronJob does. */
  const meanwhile = async () => assert.equal((await stage.run([])).code, 0);
  const expiresIn = (hours: number) => {
    const annotations = { 'ecr-cred-helper/expires-at': new Date(Date.now() + hours * 3_600_000).toISOString() };
    return stage.merge(secretPath, { metadata: { annotations } });
  };
  const auths = (hosts: string[]) => {
    const config = Object.fromEntries(hosts.map((each) => [each, { auth: Buffer.from('a:b').toString('base64') }]));
    return { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths: config })).toString('base64') };
  };
  const madeByOthers = (hosts: string[]) => {
    stage.kubernetes.remove('v1', 'Secret', 'team-a', 'ecr-creds');
    const metadata = { namespace: 'team-a', name: 'ecr-creds' };
    const type = 'kubernetes.io/dockerconfigjson';
    stage.kubernetes.apply({ apiVersion: 'v1', kind: 'Secret', metadata, type, data: auths(hosts) }, 'terraform');
  };

  it('passes over a namespace that is being deleted', async () => {
    stage.kubernetes.createNamespace('leaving', labels);
    const metadata = { namespace: 'leaving', name: 'held', finalizers: ['example.com/hold'] };
    stage.kubernetes.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata });
    assert.equal((await stage.typed('kubectl delete namespace leaving --wait=false')).code, 0);
    await finds(stage, 'NamespaceTerminating');
    stage.kubernetes.remove('v1', 'ConfigMap', 'leaving', 'held');
    stage.kubernetes.deleteNamespace('leaving');
  });

  it('names a token that has expired', async () => {
    await expiresIn(-2);
    await typedMends(stage, 'PullSecretExpired', { meanwhile });
  });

  it('names one that should have been renewed', async () => {
    await expiresIn(1);
    await typedMends(stage, 'PullSecretExpiring', { meanwhile });
  });

  it('names a secret that nobody can log in with', async () => {
    await stage.merge(secretPath, { data: { '.dockerconfigjson': Buffer.from('{"auths":{}}').toString('base64') } });
    await typedMends(stage, 'PullSecretUnreadable', { meanwhile });
  });

  it('names who else keeps writing it', async () => {
    // As an operator that puts back what it thinks it should be.
    stage.kubernetes.apply(
      { ...stage.kubernetes.getSecret('team-a', 'ecr-creds'), metadata: { namespace: 'team-a', name: 'ecr-creds' } },
      'external-secrets',
    );
    const [rival] = await finds(stage, 'SecretHasOtherWriters');
    const { code, stdout } = await stage.typed(rival?.command ?? 'false');
    assert.equal(code, 0);
    assert.match(stdout, /external-secrets/);
  });

  it('names what others made, and nothing would be lost of', async () => {
    madeByOthers([host]);
    await finds(stage, 'PullSecretOfOthers');
    await meanwhile();
  });

  it('names what is shared with others because that was asked for', async () => {
    await stage.merge(`/api/v1/namespaces/${ns}/configmaps/${ns}`, { data: { ECR_ON_CONFLICT: 'merge' } });
    madeByOthers([host, 'ghcr.io']);
    await finds(stage, 'PullSecretShared');
  });
});

describe('doctor, of what a run would be refused', () => {
  let stage: Stage;
  before(async () => {
    stage = await wellStage();
  });
  after(() => stage.close());
  const meanwhile = async () => assert.equal((await stage.run([])).code, 0);
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'team-a', name: 'ecr-creds' } };
  const replace = (more: object) => {
    stage.kubernetes.remove('v1', 'Secret', 'team-a', 'ecr-creds');
    stage.kubernetes.apply({ ...secret, ...more }, 'terraform');
  };
  const dockerConfig = (text: string) => ({
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': Buffer.from(text).toString('base64') },
  });

  it('names a secret of another type', async () => {
    replace({ type: 'Opaque', data: { a: 'Yg==' } });
    await typedMends(stage, 'SecretTypeDiffers', { meanwhile });
  });

  it('names one that nobody may change', async () => {
    replace({ ...dockerConfig('{"auths":{}}'), immutable: true });
    await typedMends(stage, 'SecretImmutable', { meanwhile });
  });

  it('names one in which nobody can tell what would be lost', async () => {
    replace(dockerConfig('{"auths":{"ghcr.io":{"auth":5}}}'));
    const [unreadable] = await finds(stage, 'SecretUnreadable');
    // An editor is what it opens; here one that puts right what is wrong.
    const mend = `sed -i 's/^  .dockerconfigjson: .*/  .dockerconfigjson: e30=/'`;
    const { code, stderr } = await stage.typed(`KUBE_EDITOR="${mend}" ${unreadable?.command ?? 'false'}`);
    assert.equal(code, 0, stderr);
    await meanwhile();
    assert.ok(!(await stage.told()).some(({ reason }) => reason === 'SecretUnreadable'));
  });

  it('names a quota that leaves no room', async () => {
    stage.kubernetes.createNamespace('full', labels);
    const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { namespace: 'full', name: 'none' } };
    stage.kubernetes.apply({ ...quota, spec: { hard: { secrets: '0' } } });
    const [exceeded] = await finds(stage, 'QuotaExceeded');
    const { code, stdout } = await stage.typed(exceeded?.command ?? 'false');
    assert.equal(code, 0);
    assert.match(stdout, /^Namespace: +full$/m);
    stage.kubernetes.deleteNamespace('full');
  });

  it('names a policy or webhook of others', async () => {
    const message = 'admission webhook "policy.example.com" denied the request: no secrets on Fridays';
    const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 403, reason: 'Forbidden', message };
    stage.kubernetes.faults.add({
      match: { verb: 'patch', resource: 'secrets', namespace: 'team-a' },
      effect: { status: 403, body },
    });
    stage.kubernetes.remove('v1', 'Secret', 'team-a', 'ecr-creds');
    await finds(stage, 'AdmissionDenied');
    const missing = (await stage.told()).find(({ reason }) => reason === 'PullSecretMissing');
    // A run would be refused, too.
    assert.match(missing?.fix ?? '', /see above/);
    stage.kubernetes.faults.clear();
    await meanwhile();
  });
});

describe('doctor, of one namespace', () => {
  let stage: Stage;
  before(async () => {
    stage = await wellStage();
    // Both are amiss, and one of them is asked about.
    stage.kubernetes.createNamespace('team-b', labels);
    stage.kubernetes.createNamespace('plain');
    for (const namespace of ['team-b', 'plain']) await waitingPod(stage, 'web-0', { namespace });
  });
  after(() => stage.close());
  const of = (namespace: string) => (more: string[]) => stage.run(['doctor', '-n', namespace, ...more], stage.laptop);

  it('has nothing to say of the others', async () => {
    await isGolden('namespace-alone', of('team-a'));
  });

  it('names what is amiss in it', async () => {
    const meanwhile = async () => assert.equal((await stage.run([])).code, 0);
    await typedMends(stage, 'PullSecretMissing', { golden: 'namespace-alone-amiss', look: of('team-b'), meanwhile });
  });

  it('says that it has no label', async () => {
    await typedMends(stage, 'NamespaceUnlabelled', { look: of('plain') });
  });

  it('says that it is not there', async () => {
    const [missing] = await foundAsGolden('namespace-missing', of('team-z'));
    assert.equal(missing?.check, 'configuration/installation');
    const told = await stage.told(['-n', 'team-z']);
    const command = told.find(({ reason }) => reason === 'NamespaceMissing')?.command;
    assert.equal((await stage.typed(command ?? 'false')).code, 0);
  });
});

describe('doctor, of pods that wait', () => {
  let stage: Stage;
  before(async () => {
    stage = await wellStage();
  });
  after(() => stage.close());
  const without = (name: string, namespace = 'team-a') => stage.kubernetes.remove('v1', 'Pod', namespace, name);

  it('has nothing to do with one of the cluster', async () => {
    await waitingPod(stage, 'node', {
      namespace: 'kube-system',
      image: '602401143452.dkr.ecr.us-east-1.amazonaws.com/eks/pause:3',
    });
    await finds(stage, 'PodOfOthers');
    without('node', 'kube-system');
  });

  it('has the way of one to its image followed where the secret is all right', async () => {
    await waitingPod(stage, 'web-0');
    const [fails] = await finds(stage, 'PodPullFails');
    const [, ...words] = fails?.command?.split(' ') ?? [];
    const explained = await stage.run([...words, '-o', 'json'], stage.laptop);
    assert.match(explained.stdout, /"reason":"PodBackOff"/);
    without('web-0');
  });
});

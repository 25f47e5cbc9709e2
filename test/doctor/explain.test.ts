/** Why a pod waits for its image, from the label of its namespace to the registry. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { passwordOf } from '../support/login.ts';
import { foundAsGolden, host, isGolden, labels, waitingPod, wellStage, type Stage, type Told } from './stage.ts';

const waitsFor = (reason: string) => ({ waiting: { reason, message: 'it says why' } });

describe('explain', () => {
  let stage: Stage;
  before(async () => {
    stage = await wellStage();
  });
  after(() => stage.close());

  const pod = (name: string, changes: Parameters<typeof waitingPod>[2] = {}) => waitingPod(stage, name, changes);

  const explain = (name: string, args: readonly string[] = []) =>
    stage.run(['explain', name, '-n', 'team-a', ...args], stage.laptop);
  async function told(name: string, args: readonly string[] = []): Promise<Told[]> {
    return JSON.parse((await explain(name, ['-o', 'json', ...args])).stdout).findings;
  }
  const reasons = async (name: string, args: readonly string[] = []) =>
    (await told(name, args)).map(({ reason }) => reason);

  it('says that the kubelet tries again where the secret opens the image', async () => {
    await pod('web-0');
    await isGolden('explain-back-off', (more) => explain('pod/web-0', more));
  });

  it('names a pod that is not there, and how to see those that are', async () => {
    const [missing] = await foundAsGolden('pod-missing', (more) => explain('web-9', more));
    assert.equal(missing?.reason, 'PodMissing');
    assert.equal((await stage.typed(missing.command ?? 'false')).code, 0);
  });

  it('names a secret that the pod does not refer to', async () => {
    await pod('unreferring', { secrets: [] });
    assert.deepEqual(await reasons('unreferring'), ['PodNamesNoSecret']);
  });

  it('names a label that is missing', async () => {
    stage.kubernetes.createNamespace('plain');
    await pod('web-0', { namespace: 'plain' });
    assert.deepEqual(await reasons('web-0', ['--namespace', 'plain']), ['PodNamespaceUnlabelled']);
  });

  it('names a secret that is missing, and one that has expired', async () => {
    stage.kubernetes.createNamespace('fresh', labels);
    await pod('web-0', { namespace: 'fresh' });
    assert.deepEqual(await reasons('web-0', ['-n', 'fresh']), ['PullSecretMissing']);
    await stage.run([]);
    const annotations = { 'ecr-cred-helper/expires-at': '2026-01-01T00:00:00.000Z' };
    await stage.merge('/api/v1/namespaces/fresh/secrets/ecr-creds', { metadata: { annotations } });
    assert.deepEqual(await reasons('web-0', ['-n', 'fresh']), ['PullSecretExpired']);
  });

  it('names a host, an account or a region that the secret has no login for', async () => {
    await pod('elsewhere', { image: `${host.replace('us-east-1', 'eu-west-1')}/demo/hello:1.0` });
    await pod('mistyped', { image: `${host.replace('123456789012', '123456789021')}/demo/hello:1.0` });
    assert.deepEqual(await reasons('elsewhere'), ['PodRegistryUnserved']);
    const [near] = await told('mistyped');
    assert.match(near?.fix ?? '', new RegExp(`^Did you mean ${host}\\?`));
  });

  it('names a tag and a repository that are not there', async () => {
    await pod('untagged', { image: `${host}/demo/hello:9` });
    await pod('unknown', { image: `${host}/demo/none:1` });
    assert.deepEqual(await reasons('untagged'), ['ImageMissing']);
    assert.deepEqual(await reasons('unknown'), ['RepositoryMissing']);
  });

  it('names a registry that refuses the login in the secret', async () => {
    stage.door.open = false;
    try {
      assert.deepEqual(await reasons('web-0'), ['ImagePullDenied']);
    } finally {
      stage.door.open = true;
    }
  });

  it('names what it is where it is no image at all', async () => {
    await pod('configless', { reason: 'CreateContainerConfigError' });
    await isGolden('explain-other', (more) => explain('configless', more));
  });

  const said: [title: string, golden: string, phase: string, state: object][] = [
    ['nothing of a pod that runs', 'pod-pulls', 'Running', { running: {} }],
    ['of an image that may not be pulled', 'pod-image-never-pulled', 'Pending', waitsFor('ErrImageNeverPull')],
    ['of an image of another registry', 'pod-image-not-of-ecr', 'Pending', waitsFor('ErrImagePull')],
  ];
  for (const [title, golden, phase, state] of said) {
    it(`says what it is: ${title}`, async () => {
      const image = golden === 'pod-image-not-of-ecr' ? 'ghcr.io/example/app:1' : `${host}/demo/hello:1.0`;
      await pod('other', { image });
      const containerStatuses = [{ name: 'app', image, imageID: '', ready: false, restartCount: 0, state }];
      await stage.setStatus('/api/v1/namespaces/team-a/pods/other', { phase, containerStatuses });
      await isGolden(golden, (more) => explain('other', more));
      stage.kubernetes.remove('v1', 'Pod', 'team-a', 'other');
    });
  }

  it('says that no node takes it', async () => {
    await pod('homeless');
    const message = '0/3 nodes are available: 3 Insufficient memory.';
    const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }];
    await stage.setStatus('/api/v1/namespaces/team-a/pods/homeless', { conditions, containerStatuses: [] });
    const [unscheduled] = await foundAsGolden('pod-unscheduled', (more) => explain('homeless', more));
    const { code, stdout } = await stage.typed(unscheduled?.command ?? 'false');
    assert.equal(code, 0);
    assert.match(stdout, /PodScheduled/);
  });

  it('judges by the settings of what runs the program, not by those of this machine', async () => {
    await stage.merge('/api/v1/namespaces/ecr-cred-helper/configmaps/ecr-cred-helper', {
      data: { ECR_SECRET_NAME: 'other' },
    });
    try {
      const [found] = await told('web-0');
      assert.match(found?.found ?? '', /do not name other$|and not other$/);
    } finally {
      await stage.merge('/api/v1/namespaces/ecr-cred-helper/configmaps/ecr-cred-helper', {
        data: { ECR_SECRET_NAME: null },
      });
    }
  });

  it('shows no login, and writes nothing', async () => {
    const before = stage.kubernetes.revision();
    const { stdout, stderr } = await explain('web-0', ['--verbose']);
    const password = passwordOf(stage.login('team-a').auths[host]);
    assert.notEqual(password, '');
    assert.ok(!(stdout + stderr).includes(password));
    assert.equal(stage.kubernetes.revision(), before);
  });

  it('asks on behalf of somebody else, where it is told to', async () => {
    await isGolden('explain-forbidden', (more) => explain('web-0', ['--as', 'jane@example.com', ...more]));
  });

  it('wants a pod, and asks nothing of AWS', async () => {
    const { code, lines } = await stage.run(['explain'], stage.laptop);
    assert.deepEqual([code, lines[0]?.['code']], [2, 'OptionValueInvalid']);
    const issued = stage.aws.issuedTokens.length;
    await explain('web-0');
    assert.equal(stage.aws.issuedTokens.length, issued);
  });
});

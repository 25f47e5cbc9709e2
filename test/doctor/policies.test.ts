/** Doctor and the policies as they are shipped: what it says to type mends what it found. */
import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { run } from '../emulators/tools.ts';
import { build } from '../deploy/manifests.ts';
import { bundledTool } from '../support/bundled-tools.ts';
import { finds, startStage, typedMends, wellStage, type Stage } from './stage.ts';

const ns = 'ecr-cred-helper';

type Told = { check: string; reason: string; fix: string };

describe('doctor, of a fence for all that can be set', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage();
    stage.kubernetes.applyManifests(await build('deploy/fence'));
    stage.kubernetes.applyManifests(await build('deploy/first-pod'));
  });
  after(() => stage.close());

  it('says of another account, name and label what to type, and that mends it', async () => {
    const as = 'system:serviceaccount:default:default';
    const settings = { ECR_SECRET_NAME: 'registry-login', ECR_LABEL_NAME: 'example.com/pulls', ECR_LABEL_VALUE: 'yes' };
    const [around] = await told(settings, as);
    assert.equal(around?.reason, 'FenceAroundAnother');
    await typed(around.fix);
    const differing = (await told(settings, as)).filter(({ reason }) => reason === 'FenceDiffers');
    assert.equal(differing.length, 3);
    for (const { fix } of differing) await typed(fix);
    assert.deepEqual(await reasons(settings, as), ['FenceStands', 'FirstPodDiffers']);
  });

  async function told(settings: Record<string, string> = {}, as?: string): Promise<Told[]> {
    const args = as === undefined ? [] : ['--as', as];
    const { stdout } = await stage.doctor(['--output', 'json', ...args], settings);
    const { findings }: { findings: Told[] } = JSON.parse(stdout);
    return findings.filter(({ check }) => check === 'kubernetes/fence' || check === 'secrets/first-pod');
  }

  async function reasons(settings: Record<string, string> = {}, as?: string): Promise<string[]> {
    return (await told(settings, as)).map(({ reason }) => reason);
  }

  async function typed(command: string): Promise<void> {
    const path = `${dirname(await bundledTool('kubectl'))}:${process.env['PATH']}`;
    const { code, stderr } = await run('bash', ['-c', command], { PATH: path, KUBECONFIG: stage.laptop.KUBECONFIG });
    assert.equal(code, 0, stderr);
  }
});

describe('doctor, of admission policies', () => {
  let stage: Stage;
  before(async () => {
    stage = await wellStage();
    stage.kubernetes.applyManifests(await build('deploy/fence'));
    stage.kubernetes.applyManifests(await build('deploy/first-pod'));
  });
  after(() => stage.close());
  afterEach(() => stage.kubernetes.faults.clear());
  const patch = (data: Record<string, string | null>) =>
    stage.merge(`/api/v1/namespaces/${ns}/configmaps/${ns}`, { data });
  const policies = { apiVersion: 'admissionregistration.k8s.io/v1', name: 'ecr-cred-helper-fence' };

  it('finds those that are shipped', async () => {
    await finds(stage, 'FenceStands');
    await finds(stage, 'FirstPodStands', ['--verbose']);
  });

  it('names a fence that nothing binds', async () => {
    stage.kubernetes.remove(policies.apiVersion, 'ValidatingAdmissionPolicyBinding', '', policies.name);
    await typedMends(stage, 'FenceUnbound');
  });

  it('names one around another account', async () => {
    const path = `/apis/${policies.apiVersion}/validatingadmissionpolicies/${policies.name}`;
    const other = `request.userInfo.username == 'system:serviceaccount:platform:${ns}'`;
    const matchConditions = [{ name: 'it-is-the-program', expression: other }];
    await stage.merge(path, { spec: { matchConditions } });
    await typedMends(stage, 'FenceAroundAnother');
  });

  it('names what is for another secret', async () => {
    await patch({ ECR_SECRET_NAME: 'registry-login' });
    await finds(stage, 'FirstPodDiffers');
    await typedMends(stage, 'FenceDiffers');
    await patch({ ECR_SECRET_NAME: null });
    const [denied] = (await stage.told()).filter(({ reason }) => reason === 'FenceDenied');
    // Whoever reads it has run doctor.
    assert.match(denied?.fix ?? '', /above/);
    await typedMends(stage, 'FenceDiffers', { golden: 'fence-differs-from-the-default' });
  });

  it('says that an older cluster has none', async () => {
    const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404, message: 'x' };
    for (const resource of ['validatingadmissionpolicies', 'validatingadmissionpolicybindings']) {
      stage.kubernetes.faults.add({ match: { verb: 'list', resource }, effect: { status: 404, body } });
    }
    await finds(stage, 'FenceUnavailable');
  });
});

/** Doctor and the policies as they are shipped: what it says to type mends what it found. */
import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { run } from '../emulators/tools.ts';
import { build } from '../deploy/manifests.ts';
import { bundledTool } from '../support/bundled-tools.ts';
import { startStage, type Stage } from './stage.ts';

type Told = { check: string; reason: string; fix: string };

describe('doctor, of the admission policies', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage();
    stage.kubernetes.applyManifests(await build('deploy/fence'));
    stage.kubernetes.applyManifests(await build('deploy/first-pod'));
  });
  after(() => stage.close());

  it('finds them as they are shipped', async () => {
    assert.deepEqual(await reasons(), ['FenceStands', 'FirstPodStands']);
  });

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

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { account, isGolden, wellStage, type Stage } from './stage.ts';

describe('doctor, where all is well', () => {
  let stage: Stage;
  before(async () => {
    stage = await wellStage();
  });
  after(() => stage.close());

  it('says so in a few lines and exits with 0', async () => isGolden('well', (more) => stage.doctor(more)));

  it('tells everything it looked at when asked to', async () =>
    isGolden('well-verbose', (more) => stage.doctor(['--verbose', ...more])));

  it('answers machines with one JSON document', async () => {
    const run = await stage.doctor(['--output', 'json']);
    const document = JSON.parse(run.stdout);
    assert.deepEqual(Object.keys(document), ['exitCode', 'counts', 'findings']);
    assert.equal(document.exitCode, 0);
  });

  it('asks from a laptop as whoever the kubeconfig is for, and says whom to ask for', async () =>
    isGolden('as-administrator', (more) => stage.run(['doctor', ...more], stage.laptop)));

  it('looks as far as the ServiceAccount may, in the cluster', async () =>
    isGolden('in-cluster', (more) => stage.inCluster(more)));

  it('is refused to nobody for what it may not read: that is a note', async () => {
    const { code, stdout } = await stage.inCluster();
    assert.equal(code, 0);
    assert.match(stdout, /CouldNotLook/);
  });

  it('writes nothing', async () => {
    const before = stage.kubernetes.revision();
    await stage.doctor(['--image', 'x']);
    assert.equal(stage.kubernetes.revision(), before);
  });

  it('asks on behalf of the account for permissions alone', async () => {
    const { stdout } = await stage.doctor(['--verbose'], { COLUMNS: undefined });
    assert.match(stdout, new RegExp(`SelfSubjectReview as ${account}`));
    assert.match(stdout, /WorkloadFound/);
  });

  it('is explained by --help', () => {
    const { stdout, status } = spawnSync(process.execPath, ['src/main.ts', 'doctor', '--help-all'], {
      encoding: 'utf8',
    });
    assert.equal(status, 0);
    for (const flag of ['--as USER', '--image IMAGE', '--verbose', '--output FORMAT'])
      assert.match(stdout, new RegExp(flag));
  });
});

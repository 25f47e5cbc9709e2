import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startAws } from '../../emulators/aws/server.ts';
import { ended } from '../support/job-stage.ts';
import { clusterUnderTest, label, passwordIn, prefix, uidOf, type Cluster } from './cluster.ts';

describe('end to end', () => {
  let cluster: Cluster;
  let aws: Awaited<ReturnType<typeof startAws>>;

  before(async () => {
    aws = await startAws({});
    cluster = await clusterUnderTest();
    await cluster.createNamespace('a', { [label]: 'ecr' });
    await cluster.createNamespace('b', { [label]: 'ecr' });
    await cluster.createNamespace('plain', {});
  });
  after(async () => {
    await cluster.close();
    await aws.close();
  });

  it('shows in a dry run what it would do, and does nothing', async () => {
    const { code, lines } = await refresh(['--dry-run']);
    assert.equal(code, 0);
    assert.equal(lines.filter((line) => line['message'] === 'Pull secret would be created').length, 2);
    assert.equal(await cluster.secret('a'), undefined);
  });

  it('puts the pull secret into the labelled namespaces and nowhere else', async () => {
    assert.equal((await refresh()).code, 0);
    for (const name of ['a', 'b']) {
      const secret = await cluster.secret(name);
      assert.equal(secret?.['type'], 'kubernetes.io/dockerconfigjson');
      assert.ok(aws.isTokenValid(passwordIn(secret)));
    }
    assert.equal(await cluster.secret('plain'), undefined);
  });

  it('refreshes in place: another token, the same UID', async () => {
    const first = await cluster.secret('a');
    assert.equal((await refresh()).code, 0);
    const second = await cluster.secret('a');
    assert.equal(uidOf(second), uidOf(first));
    assert.notEqual(passwordIn(second), passwordIn(first));
  });

  it('leaves every secret as it was when ECR fails', async () => {
    const first = await cluster.secret('a');
    aws.faults.add({ effect: { error: 'ServerException' } });
    assert.equal((await refresh()).code, 3);
    aws.faults.clear();
    assert.deepEqual(await cluster.secret('a'), first);
  });

  it('skips a namespace that goes away and serves the others', async () => {
    await cluster.deleteNamespace('b');
    assert.equal((await refresh()).code, 0);
  });

  it('refuses a secret of another type and says so', async () => {
    await cluster.createNamespace('opaque', { [label]: 'ecr' });
    await cluster.create(`/api/v1/namespaces/${prefix}-opaque/secrets`, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'ecr-creds' },
      type: 'Opaque',
    });
    const { code, lines } = await refresh();
    assert.equal(code, 5);
    assert.ok(
      lines.some((line) => line['code'] === 'SecretTypeDiffers' && line['where'] === `${prefix}-opaque/ecr-creds`),
    );
  });

  describe('for whoever looks', () => {
    it('status shows the pull secret of each namespace, and what is amiss', async () => {
      const { code, stdout } = await asAdministrator(['status', '-o', 'json']);
      const { namespaces }: { namespaces: { namespace: string; state: string }[] } = JSON.parse(stdout);
      const states = new Map(namespaces.map(({ namespace, state }) => [namespace, state]));
      assert.equal(code, 5);
      assert.equal(states.get(`${prefix}-a`), 'PullSecretValid');
      assert.equal(states.get(`${prefix}-opaque`), 'PullSecretOfOthers');
    });

    it('doctor looks at everything, and names what a run would refuse', async () => {
      const { code, stdout } = await asAdministrator(['doctor', '-o', 'json']);
      const { findings }: { findings: { check: string; reason: string; looked: string }[] } = JSON.parse(stdout);
      assert.equal(code, 5);
      assert.ok(
        findings.some(({ reason, looked }) => reason === 'PullSecretValid' && looked === `${prefix}-a/ecr-creds`),
      );
      assert.ok(findings.some(({ reason }) => reason === 'SecretTypeDiffers'));
      for (const check of ['kubernetes/version', 'kubernetes/identity', 'namespaces/labels', 'workload/state']) {
        assert.ok(
          findings.some((finding) => finding.check === check),
          check,
        );
      }
    });

    it('explain names a pod that is not there', async () => {
      const { code, stdout } = await asAdministrator(['explain', 'none', '-n', `${prefix}-a`]);
      assert.equal(code, 5);
      assert.match(stdout, /PodMissing/);
    });

    it('prune shows what it would remove, and removes it when told to', async () => {
      await cluster.label('a', { [label]: null });
      // Never more than this: other namespaces of a real cluster are somebody's.
      const alone = ['-n', `${prefix}-a`];
      const shown = await asAdministrator(['prune', '--dry-run', ...alone]);
      assert.equal(shown.code, 0, shown.stderr);
      assert.match(shown.stdout, new RegExp(`would remove +${prefix}-a/ecr-creds`));
      assert.notEqual(await cluster.secret('a'), undefined);
      assert.equal((await asAdministrator(['prune', '--yes', ...alone])).code, 0);
      assert.equal(await cluster.secret('a'), undefined);
    });
  });

  const asAdministrator = (args: readonly string[]) => refresh(args, cluster.administrators);

  function refresh(args: readonly string[] = [], kubeconfig = cluster.kubeconfig) {
    const env = {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      KUBECONFIG: kubeconfig,
      ECR_LABEL_NAME: label,
      LOG_FORMAT: 'json',
      AWS_ENDPOINT_URL: aws.url,
      AWS_ACCESS_KEY_ID: aws.defaults.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.defaults.secretAccessKey,
      AWS_DEFAULT_REGION: 'us-east-1',
    };
    return ended(spawn(process.execPath, [join(import.meta.dirname, '../../src/main.ts'), ...args], { env }));
  }
});

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { writeKubeconfig } from '../../support/servers.ts';
import { startJobStage, type JobStage } from '../../support/job-stage.ts';

describe('outside a cluster', () => {
  let stage: JobStage;
  let outside: Record<string, string | undefined>;
  let kubeconfig: string;

  before(async () => {
    stage = await startJobStage();
    stage.kubernetes.createNamespace('team-a', { credentialType: 'ecr' });
    kubeconfig = join(stage.directory, 'kubeconfig');
    outside = { KUBERNETES_SERVICE_HOST: undefined, KUBERNETES_SERVICE_PORT: undefined, KUBECONFIG: kubeconfig };
  });
  after(() => stage.close());

  it('uses the token of a kubeconfig', async () => {
    await writeFile(kubeconfig, stage.kubernetes.kubeconfig());
    assert.equal((await stage.run([], outside)).code, 0);
  });

  it('warns where the token would go over the network unencrypted', async () => {
    const path = await writeKubeconfig(
      `${kubeconfig}-clear`,
      'http://192.0.2.1:1',
      { token: 'x' },
      stage.kubernetes.caPem,
    );
    const run = await stage.run([], { ...outside, KUBECONFIG: path, ECR_DEADLINE: '2s', ECR_REQUEST_TIMEOUT: '1s' });
    const line = run.lines.find(({ code }) => code === 'SentInClear');
    assert.equal(line?.['where'], 'http://192.0.2.1:1');
  });

  it('uses the client certificate of a kubeconfig', async () => {
    await writeFile(kubeconfig, stage.kubernetes.kubeconfig({ clientCertificate: true }));
    assert.equal((await stage.run([], outside)).code, 0);
  });

  it('merges the files that KUBECONFIG lists and passes over those that are not there', async () => {
    await writeFile(kubeconfig, stage.kubernetes.kubeconfig());
    const list = [join(stage.directory, 'nothing'), kubeconfig].join(':');
    assert.equal((await stage.run([], { ...outside, KUBECONFIG: list })).code, 0);
  });

  it('names the contexts there are where the one asked for is not', async () => {
    await writeFile(kubeconfig, stage.kubernetes.kubeconfig());
    const { code, lines } = await stage.run(['--context', 'production'], outside);
    assert.equal(code, 2);
    const line = lines.find(({ code }) => code === 'KubeconfigInvalid');
    assert.match(String(line?.['why']), /^it has no context named production; it has /);
  });

  it('shows the path of a key that is none: a path is no secret', async () => {
    const key = join(stage.directory, 'client.key');
    await writeFile(key, 'not a key\n');
    const user = { 'client-certificate': join(stage.directory, 'ca.crt'), 'client-key': key };
    const path = await writeKubeconfig(kubeconfig, stage.kubernetes.url, user, stage.kubernetes.caPem);
    const { code, lines } = await stage.run([], { ...outside, KUBECONFIG: path });
    assert.equal(code, 2);
    const line = lines.find(({ code }) => code === 'KubeconfigInvalid');
    assert.equal(line?.['why'], `client-key ${key} holds no PEM`);
  });

  it('says so where there is no cluster at all', async () => {
    const { code, lines } = await stage.run([], { ...outside, KUBECONFIG: undefined });
    assert.equal(code, 2);
    assert.ok(lines.some(({ code }) => code === 'ClusterNotConfigured'));
  });
});

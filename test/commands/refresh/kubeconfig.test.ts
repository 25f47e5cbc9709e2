import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { writeKubeconfig } from '../../support/servers.ts';
import { startWorld, type World } from '../../support/world.ts';

describe('outside a cluster', () => {
  let world: World;
  let outside: Record<string, string | undefined>;
  let kubeconfig: string;

  before(async () => {
    world = await startWorld();
    world.kubernetes.createNamespace('team-a', { credentialType: 'ecr' });
    kubeconfig = join(world.directory, 'kubeconfig');
    outside = { KUBERNETES_SERVICE_HOST: undefined, KUBERNETES_SERVICE_PORT: undefined, KUBECONFIG: kubeconfig };
  });
  after(() => world.close());

  it('uses the token of a kubeconfig', async () => {
    await writeFile(kubeconfig, world.kubernetes.kubeconfig());
    assert.equal((await world.run([], outside)).code, 0);
  });

  it('uses the client certificate of a kubeconfig', async () => {
    await writeFile(kubeconfig, world.kubernetes.kubeconfig({ clientCertificate: true }));
    assert.equal((await world.run([], outside)).code, 0);
  });

  it('merges the files that KUBECONFIG lists and passes over those that are not there', async () => {
    await writeFile(kubeconfig, world.kubernetes.kubeconfig());
    const list = [join(world.directory, 'nothing'), kubeconfig].join(':');
    assert.equal((await world.run([], { ...outside, KUBECONFIG: list })).code, 0);
  });

  it('names the contexts there are where the one asked for is not', async () => {
    await writeFile(kubeconfig, world.kubernetes.kubeconfig());
    const { code, lines } = await world.run(['--context', 'production'], outside);
    assert.equal(code, 2);
    const line = lines.find(({ code }) => code === 'KubeconfigInvalid');
    assert.match(String(line?.['why']), /^it has no context named production; it has /);
  });

  it('shows the path of a key that is none: a path is no secret', async () => {
    const key = join(world.directory, 'client.key');
    await writeFile(key, 'not a key\n');
    const user = { 'client-certificate': join(world.directory, 'ca.crt'), 'client-key': key };
    const path = await writeKubeconfig(kubeconfig, world.kubernetes.url, user, world.kubernetes.caPem);
    const { code, lines } = await world.run([], { ...outside, KUBECONFIG: path });
    assert.equal(code, 2);
    const line = lines.find(({ code }) => code === 'KubeconfigInvalid');
    assert.equal(line?.['why'], `client-key ${key} holds no PEM`);
  });

  it('says so where there is no cluster at all', async () => {
    const { code, lines } = await world.run([], { ...outside, KUBECONFIG: undefined });
    assert.equal(code, 2);
    assert.ok(lines.some(({ code }) => code === 'ClusterNotConfigured'));
  });
});

import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { startWorld, type World } from '../../support/world.ts';

const host = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
const labels = { credentialType: 'ecr' };

describe('a pass as the shipped ServiceAccount', () => {
  let world: World;

  beforeEach(async () => {
    await world?.close();
    world = await startWorld();
  });
  after(() => world.close());

  it('puts a working login into every labelled namespace and nowhere else', async () => {
    for (const name of ['team-a', 'team-b']) world.kubernetes.createNamespace(name, labels);
    world.kubernetes.createNamespace('plain', {});
    const { code } = await world.run();
    assert.equal(code, 0);
    for (const name of ['team-a', 'team-b']) {
      const login = world.login(name).auths[host];
      assert.equal(login?.username, 'AWS');
      assert.ok(world.aws.isTokenValid(login?.password ?? ''));
      assert.equal(login?.auth, Buffer.from(`AWS:${login?.password}`).toString('base64'));
    }
    assert.equal(world.kubernetes.getSecret('plain', 'ecr-creds'), undefined);
  });

  it('asks no more than it needs: one request a namespace, one a page, one to ECR, over few connections', async () => {
    world.kubernetes.createNamespaces(1_100, 'many', labels);
    world.kubernetes.stats.reset();
    const { code } = await world.run();
    const { requests, connections } = world.kubernetes.stats.counts();
    assert.equal(code, 0);
    assert.deepEqual(requests, { 'LIST namespaces': 3, 'PATCH secrets': 1_100 });
    assert.ok(connections <= 16, `${connections} connections`);
    assert.equal(world.aws.stats.count('GetAuthorizationToken'), 1);
  });

  it('changes a pull secret in place: the UID stays', async () => {
    world.kubernetes.createNamespace('team-a', labels);
    await world.run();
    const first = world.kubernetes.getSecret('team-a', 'ecr-creds');
    const before = world.login('team-a').auths[host]?.password;
    const { code } = await world.run();
    assert.equal(code, 0);
    assert.deepEqual(uidOf(world.kubernetes.getSecret('team-a', 'ecr-creds')), uidOf(first));
    assert.notEqual(world.login('team-a').auths[host]?.password, before);
  });

  it('serves several registries of one region with one token, and of two regions with two', async () => {
    world.kubernetes.createNamespace('team-a', labels);
    const hosts = [
      host,
      '210987654321.dkr.ecr.us-east-1.amazonaws.com',
      '123456789012.dkr.ecr.eu-west-1.amazonaws.com',
    ];
    const { code } = await world.run([], { DOCKER_REGISTRY: hosts.join(',') });
    assert.equal(code, 0);
    assert.deepEqual(Object.keys(world.login('team-a').auths).sort(), [...hosts].sort());
    assert.equal(world.aws.stats.count('GetAuthorizationToken'), 2);
  });

  it('changes nothing in a dry run, and shows what would change', async () => {
    world.kubernetes.createNamespace('team-a', labels);
    const { code, lines } = await world.run(['--dry-run']);
    assert.equal(code, 0);
    assert.ok(
      lines.some((line) => line['message'] === 'Pull secret would be created' && line['namespace'] === 'team-a'),
    );
    assert.equal(world.kubernetes.getSecret('team-a', 'ecr-creds'), undefined);
  });

  it('gives one JSON document on standard output', async () => {
    world.kubernetes.createNamespace('team-a', labels);
    const { stdout } = await world.run(['--output', 'json']);
    const summary = JSON.parse(stdout);
    assert.equal(summary.exitCode, 0);
    assert.equal(summary.counts.applied, 1);
    assert.deepEqual(summary.tokens[0].registries, [host]);
  });

  it('warns where no namespace carries the label', async () => {
    const { code, lines } = await world.run();
    assert.equal(code, 0);
    assert.equal(lines.find((line) => line['code'] === 'NoNamespaces')?.['where'], 'credentialType=ecr');
  });

  it('adopts a secret of another writer that holds the same registry alone', async () => {
    world.kubernetes.createNamespace('team-a', labels);
    putLogin(world, 'team-a', { [`https://${host}`]: { auth: 'b2xk' } });
    const { code, lines } = await world.run();
    assert.equal(code, 0);
    assert.ok(lines.some((line) => line['reason'] === 'SecretAdopted'));
    assert.deepEqual(Object.keys(world.login('team-a').auths), [host]);
  });

  it('refuses a secret that holds other logins, serves the others, and exits 5', async () => {
    for (const name of ['team-a', 'team-b']) world.kubernetes.createNamespace(name, labels);
    putLogin(world, 'team-a', { 'ghcr.io': { auth: 'b2xk' } });
    const { code, lines } = await world.run();
    assert.equal(code, 5);
    const line = lines.find(({ code }) => code === 'SecretHoldsOtherRegistries');
    assert.equal(line?.['where'], 'team-a/ecr-creds');
    assert.equal(line?.['why'], 'it holds logins for ghcr.io');
    assert.deepEqual(Object.keys(world.login('team-a').auths), ['ghcr.io']);
    assert.ok(world.login('team-b').auths[host]);
  });

  it('keeps other logins beside its own when told to merge, and never drops them unseen afterwards', async () => {
    world.kubernetes.createNamespace('team-a', labels);
    putLogin(world, 'team-a', { 'ghcr.io': { auth: 'b2xk' } });
    const merge = { ECR_ON_CONFLICT: 'merge' };
    for (const pass of [1, 2]) assert.equal((await world.run([], merge)).code, 0, `pass ${pass}`);
    assert.deepEqual(Object.keys(world.login('team-a').auths).sort(), [host, 'ghcr.io']);
    assert.equal((await world.run()).code, 5);
    assert.deepEqual(Object.keys(world.login('team-a').auths).sort(), [host, 'ghcr.io']);
  });

  it('overwrites other logins when told to', async () => {
    world.kubernetes.createNamespace('team-a', labels);
    putLogin(world, 'team-a', { 'ghcr.io': { auth: 'b2xk' } });
    assert.equal((await world.run([], { ECR_ON_CONFLICT: 'overwrite' })).code, 0);
    assert.deepEqual(Object.keys(world.login('team-a').auths), [host]);
  });

  it('finishes what is under way at SIGTERM and reports the rest as not done', async () => {
    world.kubernetes.createNamespaces(40, 'many', labels);
    world.kubernetes.faults.add({ match: { verb: 'patch', resource: 'secrets' }, effect: { delayMs: 150 } });
    const child = world.start(['--output', 'json', '--concurrency', '1']);
    let stdout = '';
    child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')));
    child.stderr?.once('data', () => child.kill('SIGTERM'));
    const { promise, resolve } = Promise.withResolvers<number | null>();
    child.once('close', resolve);
    assert.equal(await promise, 5);
    const summary = JSON.parse(stdout);
    assert.equal(summary.failures[0].code, 'Interrupted');
    assert.match(summary.failures[0].why, /^stopped by SIGTERM; not done: many/);
    assert.equal(summary.counts.applied + summary.counts.notDone, 40);
  });
});

function putLogin(world: World, namespace: string, auths: Record<string, object>): void {
  const data = { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') };
  world.kubernetes.apply(
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'ecr-creds', namespace },
      type: 'kubernetes.io/dockerconfigjson',
      data,
    },
    'somebody-else',
  );
}

function uidOf(secret: unknown): unknown {
  // The emulator answers a Secret as Kubernetes has it.
  return (secret as { metadata: { uid: string } }).metadata.uid;
}

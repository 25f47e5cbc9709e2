import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { startJobStage, type JobStage } from '../../support/job-stage.ts';
import { passwordOf } from '../../support/login.ts';

const host = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
const labels = { credentialType: 'ecr' };

describe('a pass as the shipped ServiceAccount', () => {
  let stage: JobStage;

  beforeEach(async () => {
    await stage?.close();
    stage = await startJobStage();
  });
  after(() => stage.close());

  it('puts a working login into every labelled namespace and nowhere else', async () => {
    for (const name of ['team-a', 'team-b']) stage.kubernetes.createNamespace(name, labels);
    stage.kubernetes.createNamespace('plain', {});
    const { code } = await stage.run();
    assert.equal(code, 0);
    for (const name of ['team-a', 'team-b']) {
      const login = stage.login(name).auths[host];
      assert.ok(stage.aws.isTokenValid(passwordOf(login)));
      assert.deepEqual(Object.keys(login ?? {}), ['auth']);
    }
    assert.equal(stage.kubernetes.getSecret('plain', 'ecr-creds'), undefined);
  });

  it('asks no more than it needs: one request a namespace, one a page, one to ECR, over few connections', async () => {
    stage.kubernetes.createNamespaces(1_100, 'many', labels);
    stage.kubernetes.stats.reset();
    const { code } = await stage.run();
    const { requests, connections } = stage.kubernetes.stats.counts();
    assert.equal(code, 0);
    assert.deepEqual(requests, { 'LIST namespaces': 3, 'PATCH secrets': 1_100 });
    assert.ok(connections <= 16, `${connections} connections`);
    assert.equal(stage.aws.stats.count('GetAuthorizationToken'), 1);
  });

  it('changes a pull secret in place: the UID stays', async () => {
    stage.kubernetes.createNamespace('team-a', labels);
    await stage.run();
    const first = stage.kubernetes.getSecret('team-a', 'ecr-creds');
    const before = stage.login('team-a').auths[host]?.auth;
    const { code } = await stage.run();
    assert.equal(code, 0);
    assert.deepEqual(uidOf(stage.kubernetes.getSecret('team-a', 'ecr-creds')), uidOf(first));
    assert.notEqual(stage.login('team-a').auths[host]?.auth, before);
  });

  it('serves several registries of one region with one token, and of two regions with two', async () => {
    stage.kubernetes.createNamespace('team-a', labels);
    const hosts = [
      host,
      '210987654321.dkr.ecr.us-east-1.amazonaws.com',
      '123456789012.dkr.ecr.eu-west-1.amazonaws.com',
    ];
    const { code } = await stage.run([], { DOCKER_REGISTRY: hosts.join(',') });
    assert.equal(code, 0);
    assert.deepEqual(Object.keys(stage.login('team-a').auths).sort(), [...hosts].sort());
    assert.equal(stage.aws.stats.count('GetAuthorizationToken'), 2);
  });

  it('refreshes the others where one region gives no token, keeps the login that is there of it, and says so', async () => {
    stage.kubernetes.createNamespace('team-a', labels);
    const other = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
    const registries = { DOCKER_REGISTRY: `${host},${other}` };
    await stage.run([], registries);
    const before = stage.login('team-a').auths;
    stage.aws.faults.add({
      match: { service: 'ecr', region: 'eu-west-1' },
      effect: { error: 'AccessDeniedException' },
    });
    const { code, lines } = await stage.run([], registries);
    assert.equal(code, 5);
    const failure = lines.find((line) => line['code'] === 'RegionUnserved');
    assert.match(String(failure?.['where']), /^eu-west-1 \(123456789012\.dkr\.ecr\.eu-west-1\.amazonaws\.com\), ecr$/);
    assert.match(String(failure?.['why']), /^AWS does not allow this identity to do that: AccessDeniedException/);
    const after = stage.login('team-a').auths;
    assert.deepEqual(after[other], before[other]);
    assert.notDeepEqual(after[host], before[host]);
    assert.deepEqual(lines.find((line) => line['message'] === 'Pass finished')?.['applied'], 1);

    stage.kubernetes.createNamespace('team-b', labels);
    assert.equal((await stage.run([], registries)).code, 5);
    assert.deepEqual(Object.keys(stage.login('team-b').auths), [host]);
    stage.aws.faults.clear();
    assert.equal((await stage.run([], registries)).code, 0);
    assert.deepEqual(Object.keys(stage.login('team-b').auths).sort(), [host, other].sort());
  });

  it('gives up where no region gives a token, and names each', async () => {
    stage.kubernetes.createNamespace('team-a', labels);
    stage.aws.faults.add({ match: { service: 'ecr' }, effect: { error: 'AccessDeniedException' } });
    const registries = { DOCKER_REGISTRY: `${host},123456789012.dkr.ecr.eu-west-1.amazonaws.com` };
    const { code, lines } = await stage.run([], registries);
    stage.aws.faults.clear();
    assert.equal(code, 3);
    assert.equal(lines.filter((line) => line['code'] === 'AwsAccessDenied').length, 2);
  });

  it('changes nothing in a dry run, and shows what would change', async () => {
    stage.kubernetes.createNamespace('team-a', labels);
    const { code, lines } = await stage.run(['--dry-run']);
    assert.equal(code, 0);
    assert.ok(
      lines.some((line) => line['message'] === 'Pull secret would be created' && line['namespace'] === 'team-a'),
    );
    assert.equal(stage.kubernetes.getSecret('team-a', 'ecr-creds'), undefined);
  });

  it('gives one JSON document on standard output', async () => {
    stage.kubernetes.createNamespace('team-a', labels);
    const { stdout } = await stage.run(['--output', 'json']);
    const summary = JSON.parse(stdout);
    assert.equal(summary.exitCode, 0);
    assert.equal(summary.counts.applied, 1);
    assert.deepEqual(summary.tokens[0].registries, [host]);
  });

  it('warns where no namespace carries the label', async () => {
    const { code, lines } = await stage.run();
    assert.equal(code, 0);
    assert.equal(lines.find((line) => line['code'] === 'NoNamespaces')?.['where'], 'credentialType=ecr');
  });

  it('adopts a secret of another writer that holds the same registry alone', async () => {
    stage.kubernetes.createNamespace('team-a', labels);
    putLogin(stage, 'team-a', { [`https://${host}`]: { auth: 'bWU6b2xk' } });
    const { code, lines } = await stage.run();
    assert.equal(code, 0);
    assert.ok(lines.some((line) => line['reason'] === 'SecretAdopted'));
    assert.deepEqual(Object.keys(stage.login('team-a').auths), [host]);
  });

  it('refuses a secret that holds other logins, serves the others, and exits 5', async () => {
    for (const name of ['team-a', 'team-b']) stage.kubernetes.createNamespace(name, labels);
    putLogin(stage, 'team-a', { 'ghcr.io': { auth: 'bWU6b2xk' } });
    const { code, lines } = await stage.run();
    assert.equal(code, 5);
    const line = lines.find(({ code }) => code === 'SecretHoldsOtherRegistries');
    assert.equal(line?.['where'], 'team-a/ecr-creds');
    assert.equal(line?.['why'], 'it holds logins for ghcr.io');
    assert.deepEqual(Object.keys(stage.login('team-a').auths), ['ghcr.io']);
    assert.ok(stage.login('team-b').auths[host]);
  });

  it('keeps other logins beside its own when told to merge, and never drops them unseen afterwards', async () => {
    stage.kubernetes.createNamespace('team-a', labels);
    putLogin(stage, 'team-a', { 'ghcr.io': { auth: 'bWU6b2xk' } });
    const merge = { ECR_ON_CONFLICT: 'merge' };
    for (const pass of [1, 2]) assert.equal((await stage.run([], merge)).code, 0, `pass ${pass}`);
    assert.deepEqual(Object.keys(stage.login('team-a').auths).sort(), [host, 'ghcr.io']);
    assert.equal((await stage.run()).code, 5);
    assert.deepEqual(Object.keys(stage.login('team-a').auths).sort(), [host, 'ghcr.io']);
  });

  it('overwrites other logins when told to', async () => {
    stage.kubernetes.createNamespace('team-a', labels);
    putLogin(stage, 'team-a', { 'ghcr.io': { auth: 'bWU6b2xk' } });
    assert.equal((await stage.run([], { ECR_ON_CONFLICT: 'overwrite' })).code, 0);
    assert.deepEqual(Object.keys(stage.login('team-a').auths), [host]);
  });

  it('finishes what is under way at SIGTERM and reports the rest as not done', async () => {
    stage.kubernetes.createNamespaces(40, 'many', labels);
    stage.kubernetes.faults.add({ match: { verb: 'patch', resource: 'secrets' }, effect: { delayMs: 150 } });
    const child = stage.start(['--output', 'json', '--concurrency', '1']);
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

function putLogin(stage: JobStage, namespace: string, auths: Record<string, object>): void {
  const data = { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') };
  stage.kubernetes.apply(
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

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { createAuthority } from '../../emulators/certificates.ts';
import { labels, refuseToStream, secretName, startStage, type Stage } from '../support/controller-stage.ts';
import { until } from '../support/until.ts';

describe('while the API server is troubled', () => {
  let stage: Stage;

  beforeEach(async () => {
    stage = await startStage();
  });
  afterEach(() => stage.close());

  it('a restart of it loses nothing: what came, changed and went meanwhile is seen', async () => {
    const names = stage.kubernetes.createNamespaces(50, 'many', labels);
    const replica = await stage.start();
    await replica.ready();
    await stage.served(...names);
    const restarted = stage.kubernetes.restart(1000);
    stage.kubernetes.createNamespace('meanwhile', labels);
    stage.kubernetes.remove('v1', 'Secret', names[0] ?? '', secretName);
    stage.kubernetes.deleteNamespace(names[1] ?? '');
    stage.kubernetes.compact();
    await restarted;
    await stage.served('meanwhile', ...names.filter((_, index) => index !== 1));
    await until('all is counted', async () => (await replica.metric('secrets{state="valid"}')) === 50);
    stage.kubernetes.createNamespace('afterwards', labels);
    await stage.served('afterwards');
    assert.equal(replica.count('No longer leading'), 0);
    assert.equal((await replica.get('/readyz')).status, 200);
  });

  it('a restart under load: every namespace is served', async () => {
    stage.kubernetes.faults.add({ match: { verb: 'patch', resource: 'secrets' }, effect: { delayMs: 20 } });
    const names = stage.kubernetes.createNamespaces(300, 'many', labels);
    const replica = await stage.start();
    await until('it is at work', () => stage.isServed(names[20] ?? ''));
    await stage.kubernetes.restart(500);
    await stage.served(...names);
    await replica.ready();
    assert.equal(await replica.metric('secrets{state="valid"}'), 300);
  });

  for (const [title, env] of Object.entries({
    'with a Lease': {},
    alone: { ECR_LEADER_ELECTION: 'false' },
  })) {
    it(`etcd restored from a backup: within ten seconds all is as it should be, ${title}`, async () => {
      const replica = await stage.start(env);
      const old = stage.kubernetes.createNamespaces(5, 'old', labels);
      await replica.ready();
      await stage.served(...old);
      stage.kubernetes.remove('v1', 'Secret', old[0] ?? '', secretName);
      const restore = stage.kubernetes.backup();
      await stage.served(...old);
      // The counter of the server comes to stand well before what was seen.
      const lost = stage.kubernetes.createNamespaces(100, 'lost', labels);
      await stage.served(...lost);
      await restore(500);
      const backMs = Date.now();
      stage.kubernetes.createNamespace('made-after', labels);
      await stage.served('made-after', ...old);
      const tookMs = Date.now() - backMs;
      assert.ok(tookMs < 10_000, `${tookMs} ms`);
      await until('all is counted', async () => (await replica.metric('secrets{state="valid"}')) === 6);
      assert.equal(replica.count("The API server's data were restored from a backup, listing all anew"), 1);
      assert.equal((await replica.get('/readyz')).status, 200);
    });
  }

  it('a server that cannot stream a list is asked for pages', async () => {
    const names = stage.kubernetes.createNamespaces(700, 'many', labels);
    refuseToStream(stage);
    const replica = await stage.start();
    await replica.ready();
    await stage.served(...names);
    const lists = stage.audit.filter(({ verb }) => verb === 'list').map(({ resource }) => resource);
    assert.deepEqual(lists.toSorted(byText), ['namespaces', 'namespaces', 'secrets']);
  });

  it('a namespace that it keeps failing for hears of it once, and once that it is over', async () => {
    const replica = await stage.start();
    await replica.ready();
    stage.kubernetes.faults.add({
      match: { verb: 'patch', resource: 'secrets', namespace: 'unlucky' },
      times: 3,
      effect: { status: 500 },
    });
    stage.kubernetes.createNamespace('unlucky', labels);
    const quota = {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'none', namespace: 'full' },
      spec: { hard: { secrets: '0' } },
    };
    stage.kubernetes.createNamespace('full', {});
    stage.kubernetes.apply(quota);
    const metadata = { name: 'full', labels };
    stage.kubernetes.apply({ apiVersion: 'v1', kind: 'Namespace', metadata });
    await until('a Warning', () => stage.events('full').length === 1);
    const failures = 'applies_total{result="failed",reason="QuotaExceeded"}';
    await until('it is tried again', async () => (await replica.metric(failures)) >= 2);
    assert.equal(stage.events('full').length, 1);
    assert.equal(replica.lines.filter(({ code }) => code === 'QuotaExceeded').length, 1);
    stage.kubernetes.remove('v1', 'ResourceQuota', 'full', 'none');
    await stage.served('full');
    await until('a Normal', () => stage.events('full').length === 2);
    await stage.served('unlucky');
  });
});

describe('while ECR is troubled', () => {
  let stage: Stage;

  beforeEach(async () => {
    stage = await startStage();
  });
  afterEach(() => stage.close());

  it('a hung call is given up, and asked again until it succeeds', async () => {
    stage.kubernetes.createNamespace('waits', labels);
    stage.aws.faults.add({ times: 2, effect: { hang: true } });
    const replica = await stage.start({ ECR_REQUEST_TIMEOUT: '300ms' });
    await stage.served('waits');
    await replica.ready();
    assert.equal(await replica.metric('ecr_calls_total{result="ok"}'), 1);
  });

  it('a hung call does not keep it from stopping', async () => {
    stage.aws.faults.add({ effect: { hang: true } });
    const replica = await stage.start();
    // Until it leads it stands by, which is ready without a token.
    await replica.leads();
    await replica.said('In sync');
    await until('ECR is asked', () => stage.aws.stats.calls.length > 0);
    const { status, text } = await replica.get('/readyz');
    assert.deepEqual([status, text], [503, 'ECR has given no token yet\n']);
    assert.equal((await replica.get('/healthz')).status, 200);
    assert.equal(await replica.stop(), 0);
  });

  it('a failing ECR is complained of once, and everybody is served as soon as it answers', async () => {
    stage.kubernetes.createNamespace('waits', labels);
    stage.aws.faults.add({ effect: { error: 'ServerException' } });
    const replica = await stage.start();
    const calls = 'ecr_calls_total{result="AwsUnavailable"}';
    await until('it is tried again', async () => (await replica.metric(calls)) >= 2);
    assert.equal(stage.kubernetes.getSecret('waits', secretName), undefined);
    stage.aws.faults.clear();
    await stage.served('waits');
    assert.equal(replica.count('ECR gave no tokens, trying again'), 1);
    assert.equal(replica.count('ECR answers again'), 1);
  });
});

describe('while tokens live a few seconds', () => {
  let stage: Stage;

  before(async () => {
    stage = await startStage({ tokenLifeMs: 12_000 });
  });
  after(() => stage.close());

  it('they are renewed at half of their life; while ECR fails the last good one serves, and the alarm is raised', async () => {
    const replica = await stage.start();
    stage.kubernetes.createNamespace('served', labels);
    await stage.served('served');
    const first = stage.password('served');
    const uid = stage.kubernetes.getSecret('served', secretName)?.metadata.uid;
    await until('the secret is renewed', () => stage.password('served') !== first);
    assert.ok(stage.isServed('served'));
    assert.equal(stage.kubernetes.getSecret('served', secretName)?.metadata.uid, uid);
    const renewed = stage.password('served');

    stage.aws.faults.add({ effect: { error: 'ServerException' } });
    await replica.said('ECR gave no tokens, trying again');
    stage.kubernetes.createNamespace('meanwhile', labels);
    await stage.served('meanwhile');
    assert.equal(stage.password('meanwhile'), renewed);
    await replica.said(({ reason }) => reason === 'TokensExpiring');
    assert.equal(stage.password('served'), renewed);
    stage.aws.faults.clear();
    await until('the secrets are renewed', () => {
      return ['served', 'meanwhile'].every((name) => stage.isServed(name) && stage.password(name) !== renewed);
    });
  });
});

describe('what rotates on disk', () => {
  let stage: Stage;

  afterEach(() => stage.close());

  it('the key of an IAM user in a mounted file', async () => {
    stage = await startStage({ tokenLifeMs: 6000 });
    const { aws, directory } = stage;
    const file = join(directory, 'credentials');
    const write = (id: string, key: string) =>
      writeFile(file, `[default]\naws_access_key_id = ${id}\naws_secret_access_key = ${key}\n`);
    await write(aws.defaults.accessKeyId, aws.defaults.secretAccessKey);
    const replica = await stage.start({
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
      AWS_SHARED_CREDENTIALS_FILE: file,
    });
    await replica.said('Tokens refreshed');

    const nextKey = {
      accessKeyId: 'AKIAI44QH8DHBEXAMPLE',
      secretAccessKey: 'je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY',
    };
    aws.addUser({ ...nextKey, account: aws.defaults.account });
    aws.removeUser(aws.defaults.accessKeyId);
    await replica.said('ECR gave no tokens, trying again');
    await write(nextKey.accessKeyId, nextKey.secretAccessKey);
    await replica.said('ECR answers again');
    stage.kubernetes.createNamespace('afterwards', labels);
    await stage.served('afterwards');
    assert.equal(aws.stats.calls.at(-1)?.accessKeyId, nextKey.accessKeyId);
  });

  it('the web identity token', async () => {
    stage = await startStage({ tokenLifeMs: 6000 });
    const { aws, directory } = stage;
    const file = join(directory, 'web-identity-token');
    const identity = { roleArn: aws.defaults.roleArn };
    await writeFile(file, 'not-known-yet-to-the-emulator');
    const replica = await stage.start({
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
      AWS_WEB_IDENTITY_TOKEN_FILE: file,
      AWS_ROLE_ARN: identity.roleArn,
    });
    await replica.said('ECR gave no tokens, trying again');
    aws.addWebIdentity('the-token-of-today', { subject: 'system:serviceaccount:ecr-cred-helper:ecr-cred-helper' });
    await writeFile(file, 'the-token-of-today');
    await replica.said('Tokens refreshed');
  });

  it("the service account's token", async () => {
    let aheadMs = 0;
    stage = await startStage({ now: () => Date.now() + aheadMs });
    const replica = await stage.start();
    await replica.ready();
    aheadMs = 2 * 3_600_000;
    const token = stage.kubernetes.serviceAccountToken('ecr-cred-helper', 'ecr-cred-helper');
    await writeFile(join(replica.mounted, 'token'), token);
    stage.kubernetes.dropConnections();
    stage.kubernetes.createNamespace('afterwards', labels);
    await stage.served('afterwards');
    assert.equal(replica.count('No longer leading'), 0);
    assert.ok(stage.audit.some(({ status }) => status === 401));
  });

  it("the bundle with the API server's CA", async () => {
    stage = await startStage();
    const replica = await stage.start();
    await replica.ready();
    const next = await createAuthority('next emulator CA');
    await writeFile(join(replica.mounted, 'ca.crt'), `${stage.kubernetes.caPem}\n${next.ca}`);
    stage.kubernetes.certify(await next.issue({ commonName: 'kubernetes', hosts: ['127.0.0.1'] }));
    stage.kubernetes.createNamespace('afterwards', labels);
    await stage.served('afterwards');
    assert.equal(replica.count('No longer leading'), 0);
  });
});

function byText(a: string, b: string): number {
  return a.localeCompare(b);
}

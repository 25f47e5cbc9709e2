import assert from 'node:assert/strict';
import { mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { inClusterConnection, isInCluster } from '../../../src/adapters/kubernetes/in-cluster.ts';
import { certificates } from './api-server.ts';

describe('the token of the mounted service account', () => {
  let directory: string;
  let nowMs: number;
  const token = () => join(directory, 'token');

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ecr-cred-helper-account-'));
  });
  after(() => rm(directory, { recursive: true, force: true }));
  beforeEach(async () => {
    nowMs = 0;
    await writeFile(token(), 'first');
    await writeFile(join(directory, 'ca.crt'), certificates.ca);
  });

  const opened = () => {
    const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };
    const found = inClusterConnection(env, directory, () => nowMs);
    assert.ok(found.ok);
    const connection = found.value;
    return {
      connection,
      sent: async () => (await connection.credentials()).headers['authorization'],
    };
  };

  it('is read again after a minute, not before', async () => {
    const { sent } = opened();
    await writeFile(token(), 'second');
    nowMs = 59_999;
    assert.equal(await sent(), 'Bearer first');
    nowMs = 60_000;
    assert.equal(await sent(), 'Bearer second');
  });

  for (const [what, spoil] of Object.entries({
    'is not there': () => rm(token()),
    'is empty': () => writeFile(token(), ''),
    'holds something else': () => writeFile(token(), 'two\ntokens'),
  })) {
    it(`is the last good one where the file ${what} for a moment, and the new one then`, async () => {
      const { sent } = opened();
      await spoil();
      nowMs = 60_000;
      assert.equal(await sent(), 'Bearer first');
      await writeFile(token(), 'second');
      assert.equal(await sent(), 'Bearer second');
    });
  }

  it('is named where the server does not take the last one and the file cannot be read', async () => {
    const { connection } = opened();
    const used = await connection.credentials();
    await rm(token());
    await assert.rejects(() => connection.renewed(used), /ENOENT.*token/);
  });

  it('is none where two stand in the file, nor where it is empty', async () => {
    for (const [content, why] of Object.entries({ 'two\ntokens': /holds a line break/, '': /is empty/ })) {
      await writeFile(token(), content);
      const found = inClusterConnection({ KUBERNETES_SERVICE_HOST: '10.0.0.1' }, directory, () => 0);
      assert.match(found.ok ? '' : found.failure.why, why);
    }
  });
});

describe('the mounted service account', () => {
  let directory: string;
  const authority = () => join(directory, 'ca.crt');
  const inPod = { KUBERNETES_SERVICE_HOST: '10.0.0.1' };
  const opened = (env: object = inPod, nowMs = () => 0) => inClusterConnection(env, directory, nowMs);

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ecr-cred-helper-account-'));
  });
  after(() => rm(directory, { recursive: true, force: true }));
  beforeEach(async () => {
    await writeFile(join(directory, 'token'), 'token');
    await writeFile(authority(), certificates.ca);
  });

  it('has an authority that is read again as it rotates, and else stays the same object', async () => {
    const now = { ms: 0 };
    const found = opened(inPod, () => now.ms);
    assert.ok(found.ok);
    const first = await found.value.credentials();
    now.ms = 60_000;
    assert.equal((await found.value.credentials()).tls, first.tls);
    const other = `${certificates.ca}\n`;
    await writeFile(authority(), other);
    await utimes(authority(), new Date(), new Date(Date.now() + 5000));
    now.ms = 120_000;
    assert.equal((await found.value.credentials()).tls.ca, other);
  });
  it('is of no use without a certificate', async () => {
    await writeFile(authority(), 'text');
    const found = opened();
    assert.match(
      found.ok ? '' : `${found.failure.code}: ${found.failure.why}`,
      /^CertificatesUnreadable: .*holds no PEM/,
    );
  });
  it('makes a pod of it where there is an address, too', async () => {
    assert.equal(isInCluster(inPod, directory), true);
    assert.equal(isInCluster({}, directory), false);
    await rm(join(directory, 'token'));
    assert.equal(isInCluster(inPod, directory), false);
  });
  it('is one that cannot be looked at, too, and says what keeps it from that', async () => {
    for (const name of ['token', 'ca.crt']) {
      await rm(join(directory, name));
      await symlink(name, join(directory, name));
    }
    assert.equal(isInCluster(inPod, directory), true);
    const found = opened();
    assert.match(found.ok ? '' : `${found.failure.code}: ${found.failure.why}`, /^CertificatesUnreadable: ELOOP/);
    for (const name of ['token', 'ca.crt']) await rm(join(directory, name));
  });
  it('stays as it was read while its authority cannot be looked at', async () => {
    const now = { ms: 0 };
    const found = opened(inPod, () => now.ms);
    assert.ok(found.ok);
    const { tls } = await found.value.credentials();
    await rm(authority());
    await symlink('ca.crt', authority());
    await writeFile(join(directory, 'token'), 'another');
    now.ms = 60_000;
    assert.deepEqual(await found.value.credentials(), { headers: { authorization: 'Bearer another' }, tls });
    await rm(authority());
  });
  it('is for a server whose address may be one of IPv6', () => {
    const server = (env: object) => {
      const found = opened(env);
      return found.ok ? found.value.server.href : found.failure.code;
    };
    assert.equal(
      server({ KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' }),
      'https://[fd00::1]:6443/',
    );
    assert.equal(server(inPod), 'https://10.0.0.1/');
    assert.equal(server({}), 'ClusterNotConfigured');
  });
});

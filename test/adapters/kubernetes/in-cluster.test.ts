import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { inClusterConnection } from '../../../src/adapters/kubernetes/in-cluster.ts';
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
});

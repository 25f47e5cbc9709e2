import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startAws } from '../../emulators/aws/server.ts';
import { startKubernetes } from '../../emulators/kubernetes/index.ts';
import { findConnection } from '../../src/adapters/kubernetes/connect.ts';
import { createTransport, type Transport } from '../../src/adapters/kubernetes/requests.ts';
import { isRecord, type ApiAnswer } from '../../src/core/api-reply.ts';
import { ended } from '../support/world.ts';

const host = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
const prefix = `ecr-e2e-${randomBytes(4).toString('hex')}`;
const label = `${prefix}/credentials`;
const never = new AbortController().signal;

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

  function refresh(args: readonly string[] = []) {
    const env = {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      KUBECONFIG: cluster.kubeconfig,
      ECR_LABEL_NAME: label,
      AWS_ENDPOINT_URL: aws.url,
      AWS_ACCESS_KEY_ID: aws.defaults.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.defaults.secretAccessKey,
      AWS_DEFAULT_REGION: 'us-east-1',
    };
    return ended(spawn(process.execPath, [join(import.meta.dirname, '../../src/main.ts'), ...args], { env }));
  }
});

type Cluster = Awaited<ReturnType<typeof clusterUnderTest>>;

/** What `E2E_KUBECONFIG` names, else the emulator; both are reached through a kubeconfig. */
async function clusterUnderTest() {
  const directory = await mkdtemp(join(tmpdir(), 'ecr-cred-helper-e2e-'));
  const named = process.env['E2E_KUBECONFIG'] ?? '';
  const emulator = named === '' ? await startKubernetes({ namespaceDeletionMs: 100 }) : undefined;
  const kubeconfig = emulator === undefined ? named : join(directory, 'kubeconfig');
  if (emulator !== undefined) await writeFile(kubeconfig, emulator.kubeconfig(), { mode: 0o600 });
  const transport = await connected(kubeconfig);
  const created: string[] = [];
  const create = async (path: string, object: object): Promise<void> => {
    const reply = await transport.request({ method: 'POST', path, body: JSON.stringify(object) }, never);
    assert.ok(reply.kind === 'answer' && reply.status === 201, JSON.stringify(reply));
  };
  const deleteNamespace = async (name: string): Promise<void> => {
    await transport.request({ method: 'DELETE', path: `/api/v1/namespaces/${prefix}-${name}` }, never);
  };
  return {
    kubeconfig,
    create,
    deleteNamespace,
    async createNamespace(name: string, labels: Record<string, string>): Promise<void> {
      created.push(name);
      const metadata = { name: `${prefix}-${name}`, labels };
      await create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata });
    },
    async secret(name: string): Promise<Record<string, unknown> | undefined> {
      const path = `/api/v1/namespaces/${prefix}-${name}/secrets/ecr-creds`;
      const reply = await transport.request({ method: 'GET', path }, never);
      return bodyOf(reply.kind === 'answer' ? reply : undefined);
    },
    async close(): Promise<void> {
      for (const name of created) await deleteNamespace(name);
      transport.close();
      await emulator?.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function connected(kubeconfig: string): Promise<Transport> {
  const connection = await findConnection({
    kubeconfig,
    env: {},
    homeDirectory: '/nonexistent',
    serviceAccountDirectory: '/nonexistent',
    nowMs: Date.now,
  });
  if (!connection.ok) throw new Error(connection.failure.why);
  return createTransport(connection.value, { timeoutMs: 15_000, concurrency: 4, userAgent: 'e2e', nowMs: Date.now });
}

function bodyOf(reply: ApiAnswer | undefined): Record<string, unknown> | undefined {
  return reply?.status === 200 && isRecord(reply.body) ? reply.body : undefined;
}

function passwordIn(secret: Record<string, unknown> | undefined): string {
  const data = isRecord(secret?.['data']) ? String(secret['data']['.dockerconfigjson']) : '';
  return JSON.parse(Buffer.from(data, 'base64').toString('utf8')).auths[host].password;
}

function uidOf(secret: Record<string, unknown> | undefined): unknown {
  return isRecord(secret?.['metadata']) ? secret['metadata']['uid'] : undefined;
}

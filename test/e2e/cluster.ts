import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKubernetes } from '../../emulators/kubernetes/index.ts';
import { findConnection } from '../../src/adapters/kubernetes/connect.ts';
import { createTransport, type Transport } from '../../src/adapters/kubernetes/requests.ts';
import { isRecord, type ApiAnswer } from '../../src/core/api/reply.ts';

const host = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
/** Of everything that a file of the suite makes. */
export const prefix = `ecr-e2e-${randomBytes(4).toString('hex')}`;
export const label = `${prefix}/credentials`;
const never = new AbortController().signal;

export type Cluster = Awaited<ReturnType<typeof clusterUnderTest>>;

/** What `E2E_KUBECONFIG` names, else the emulator; both are reached through a kubeconfig. */
export async function clusterUnderTest() {
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
    /** Sets labels of one of the suite's namespaces; `null` takes one away. */
    async label(name: string, labels: Record<string, string | null>): Promise<void> {
      const path = `/api/v1/namespaces/${prefix}-${name}`;
      const body = JSON.stringify({ metadata: { labels } });
      const reply = await transport.request(
        { method: 'PATCH', path, body, contentType: 'application/merge-patch+json' },
        never,
      );
      assert.ok(reply.kind === 'answer' && reply.status === 200, JSON.stringify(reply));
    },
    async deleteSecret(name: string): Promise<void> {
      const path = `/api/v1/namespaces/${prefix}-${name}/secrets/ecr-creds`;
      const reply = await transport.request({ method: 'DELETE', path }, never);
      assert.ok(reply.kind === 'answer' && reply.status === 200, JSON.stringify(reply));
    },
    /** The Events of a namespace, by their reasons. */
    async eventReasons(name: string): Promise<string[]> {
      const path = `/apis/events.k8s.io/v1/namespaces/${prefix}-${name}/events`;
      const reply = await transport.request({ method: 'GET', path }, never);
      const items = bodyOf(reply.kind === 'answer' ? reply : undefined)?.['items'];
      return Array.isArray(items) ? items.filter(isRecord).map((event) => String(event['reason'])) : [];
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
    learn: () => undefined,
  });
  if (!connection.ok) throw new Error(connection.failure.why);
  return createTransport(connection.value, { timeoutMs: 15_000, concurrency: 4, userAgent: 'e2e', nowMs: Date.now });
}

function bodyOf(reply: ApiAnswer | undefined): Record<string, unknown> | undefined {
  return reply?.status === 200 && isRecord(reply.body) ? reply.body : undefined;
}

/** The password for the emulated account's registry. */
export function passwordIn(secret: Record<string, unknown> | undefined): string {
  const data = isRecord(secret?.['data']) ? String(secret['data']['.dockerconfigjson']) : '';
  return JSON.parse(Buffer.from(data, 'base64').toString('utf8')).auths[host].password;
}

export function uidOf(secret: Record<string, unknown> | undefined): unknown {
  return isRecord(secret?.['metadata']) ? secret['metadata']['uid'] : undefined;
}

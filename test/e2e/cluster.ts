import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { startKubernetes } from '../../emulators/kubernetes/index.ts';
import { createTransport, type Transport } from '../../src/adapters/kubernetes/requests.ts';
import { isRecord, type ApiAnswer } from '../../src/core/api/reply.ts';
import { buildOwn, objectsOf } from '../deploy/manifests.ts';
import { run } from '../emulators/tools.ts';
import { bundledTool } from '../support/bundled-tools.ts';
import { until } from '../support/until.ts';
import { connectionOf } from '../support/connected.ts';
import { passwordOf } from '../support/login.ts';

const host = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
/** Of everything that a file of the suite makes. */
export const prefix = `ecr-e2e-${randomBytes(4).toString('hex')}`;
export const label = `${prefix}/credentials`;
const never = new AbortController().signal;
const account = { namespace: `${prefix}-home`, name: `ecr-cred-helper-${prefix}` };

export type Cluster = Awaited<ReturnType<typeof clusterUnderTest>>;

/**
 * What `E2E_KUBECONFIG` names, else the emulator, with the access installed that `deploy/controller` ships, and the fence around
 * it and `deploy/first-pod` where the API server has such policies. The program is run as that account.
 */
export async function clusterUnderTest() {
  const directory = await mkdtemp(join(tmpdir(), 'ecr-cred-helper-e2e-'));
  const named = process.env['E2E_KUBECONFIG'] ?? '';
  const emulator = named === '' ? await startKubernetes({ namespaceDeletionMs: 100 }) : undefined;
  const administrators = emulator === undefined ? named : join(directory, 'administrator');
  if (emulator !== undefined) await writeFile(administrators, emulator.kubeconfig(), { mode: 0o600 });
  const administrator = await connected(administrators);
  const created: string[] = [];
  const create = async (path: string, object: object): Promise<unknown> => {
    const reply = await administrator.request({ method: 'POST', path, body: JSON.stringify(object) }, never);
    assert.ok(reply.kind === 'answer' && reply.status === 201, JSON.stringify(reply));
    return reply.body;
  };
  const createNamespace = async (name: string, labels: Record<string, string>): Promise<void> => {
    created.push(name);
    const metadata = { name: `${prefix}-${name}`, labels };
    await create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata });
  };
  const deleteNamespace = async (name: string): Promise<void> => {
    await administrator.request({ method: 'DELETE', path: `/api/v1/namespaces/${prefix}-${name}` }, never);
  };

  await createNamespace('home', {});
  const kinds = await admissionKinds(administrator);
  const has = {
    fence: kinds.includes('"validatingadmissionpolicies"'),
    firstPod: kinds.includes('"mutatingadmissionpolicies"'),
  };
  const installed = join(directory, 'installed.yaml');
  await writeFile(installed, await access(has));
  await kubectl(administrators, 'apply', '--server-side', '-f', installed);
  const kubeconfig = join(directory, 'kubeconfig');
  const token = await create(`/api/v1/namespaces/${account.namespace}/serviceaccounts/${account.name}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: 3600 },
  });
  await writeFile(kubeconfig, await kubeconfigOf(administrators, tokenIn(token)), { mode: 0o600 });
  const asAccount = await connected(kubeconfig);
  if (has.fence) await untilFenced(asAccount);

  return {
    /** That of the program's account. */
    kubeconfig,
    /** That of an administrator. */
    administrators,
    /** What the API server has the policies for. */
    has,
    /** Asks as the program's account: with a token that somebody has stolen. */
    asAccount: (method: string, path: string, body: string | undefined, contentType: string): Promise<number> =>
      statusOf(asAccount, method, path, body, contentType),
    /** Sends an apply as the administrator, under another field manager. */
    put(name: string, object: { metadata: { name: string } }): Promise<number> {
      const secret = `${prefix}-${name}/secrets/${object.metadata.name}`;
      const path = `/api/v1/namespaces/${secret}?fieldManager=somebody&force=true`;
      return statusOf(administrator, 'PATCH', path, JSON.stringify(object), 'application/apply-patch+yaml');
    },
    /** Creates a pod that no node takes; gives back its pull secrets. */
    async pod(name: string, spec: object, isDryRun: boolean): Promise<unknown> {
      const path = `/api/v1/namespaces/${prefix}-${name}/pods${isDryRun ? '?dryRun=All' : ''}`;
      const containers = [{ name: 'main', image: 'registry.invalid/none' }];
      const made = await create(path, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { generateName: 'e2e-' },
        spec: { containers, schedulingGates: [{ name: `${prefix}/never` }], ...spec },
      });
      return isRecord(made) && isRecord(made['spec']) ? made['spec']['imagePullSecrets'] : undefined;
    },
    create,
    createNamespace,
    deleteNamespace,
    /** Sets labels of one of the suite's namespaces; `null` takes one away. */
    async label(name: string, labels: Record<string, string | null>): Promise<void> {
      const path = `/api/v1/namespaces/${prefix}-${name}`;
      const body = JSON.stringify({ metadata: { labels } });
      assert.equal(await statusOf(administrator, 'PATCH', path, body, 'application/merge-patch+json'), 200);
    },
    async deleteSecret(name: string): Promise<void> {
      const path = `/api/v1/namespaces/${prefix}-${name}/secrets/ecr-creds`;
      const reply = await administrator.request({ method: 'DELETE', path }, never);
      assert.ok(reply.kind === 'answer' && reply.status === 200, JSON.stringify(reply));
    },
    /** Removes it, whatever holds it; nothing where there is none. */
    async removeSecret(name: string): Promise<void> {
      const path = `/api/v1/namespaces/${prefix}-${name}/secrets/ecr-creds`;
      const free = JSON.stringify({ metadata: { finalizers: null } });
      const found = await statusOf(administrator, 'PATCH', path, free, 'application/merge-patch+json');
      if (found === 200) await statusOf(administrator, 'DELETE', path, undefined, 'application/json');
    },
    /** The Events of a namespace, by their reasons. */
    async eventReasons(name: string): Promise<string[]> {
      const path = `/apis/events.k8s.io/v1/namespaces/${prefix}-${name}/events`;
      const reply = await administrator.request({ method: 'GET', path }, never);
      const items = bodyOf(reply.kind === 'answer' ? reply : undefined)?.['items'];
      return Array.isArray(items) ? items.filter(isRecord).map((event) => String(event['reason'])) : [];
    },
    async secret(name: string): Promise<Record<string, unknown> | undefined> {
      const path = `/api/v1/namespaces/${prefix}-${name}/secrets/ecr-creds`;
      const reply = await administrator.request({ method: 'GET', path }, never);
      return bodyOf(reply.kind === 'answer' ? reply : undefined);
    },
    async close(): Promise<void> {
      for (const name of created) await deleteNamespace(name);
      await kubectl(administrators, 'delete', '--ignore-not-found', '--wait=false', '-f', installed);
      administrator.close();
      asAccount.close();
      await emulator?.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

type Has = { fence: boolean; firstPod: boolean };

/** What an overlay of somebody's own would install, but for what runs pods: that is run here. */
async function access(has: Has): Promise<string> {
  const url = (path: string): string => `https://github.com/ecr-cred-helper/ecr-cred-helper//deploy/${path}?ref=v0`;
  const user = `system:serviceaccount:${account.namespace}:${account.name}`;
  const fence = [
    { op: 'replace', path: '/spec/matchConditions/0/expression', value: `request.userInfo.username == '${user}'` },
    { op: 'replace', path: '/spec/variables/1/expression', value: `'${label}'` },
  ];
  const labels = '/spec/matchConstraints/namespaceSelector/matchLabels';
  const firstPod = [{ op: 'replace', path: labels, value: { [label]: 'ecr' } }];
  const patch = (kind: string, operations: object) => ({ target: { kind }, patch: JSON.stringify(operations) });
  const own = {
    namespace: account.namespace,
    nameSuffix: `-${prefix}`,
    resources: [url('controller'), ...(has.fence ? [url('fence')] : []), ...(has.firstPod ? [url('first-pod')] : [])],
    components: [url('components/prune')],
    patches: [
      ...(has.fence ? [patch('ValidatingAdmissionPolicy', fence)] : []),
      ...(has.firstPod ? [patch('MutatingAdmissionPolicy', firstPod)] : []),
    ],
  };
  const kinds = /^(ServiceAccount|(Cluster)?Role(Binding)?|(Validating|Mutating)AdmissionPolicy(Binding)?)$/;
  const objects = objectsOf(await buildOwn(stringify(own))).filter(({ kind }) => kinds.test(kind));
  return objects.map((object) => stringify(object)).join('---\n');
}

async function admissionKinds(administrator: Transport): Promise<string> {
  const reply = await administrator.request({ method: 'GET', path: '/apis/admissionregistration.k8s.io/v1' }, never);
  return JSON.stringify(bodyOf(reply.kind === 'answer' ? reply : undefined) ?? {});
}

/** A server takes a moment until a new policy holds. */
async function untilFenced(asAccount: Transport): Promise<void> {
  const body = JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'ecr-creds' }, type: 'Opaque' });
  const path = `/api/v1/namespaces/${account.namespace}/secrets/ecr-creds?fieldManager=e2e&dryRun=All`;
  await until('the fence holds', async () => {
    return (await statusOf(asAccount, 'PATCH', path, body, 'application/apply-patch+yaml')) === 422;
  });
}

async function kubectl(kubeconfig: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(await bundledTool('kubectl'), ['--kubeconfig', kubeconfig, ...args]);
  assert.equal(code, 0, stderr);
  return stdout;
}

/** The administrator's kubeconfig with another user in it. */
async function kubeconfigOf(administrators: string, token: string): Promise<string> {
  const shown = await kubectl(administrators, 'config', 'view', '--raw', '--minify', '--flatten', '-o', 'json');
  const config: { users: { name: string; user: object }[] } = JSON.parse(shown);
  return JSON.stringify({ ...config, users: config.users.map(({ name }) => ({ name, user: { token } })) });
}

function tokenIn(body: unknown): string {
  const status = isRecord(body) ? body['status'] : undefined;
  return isRecord(status) ? String(status['token']) : '';
}

async function connected(kubeconfig: string): Promise<Transport> {
  const options = { timeoutMs: 15_000, concurrency: 4, userAgent: 'e2e', nowMs: Date.now };
  return createTransport(await connectionOf(kubeconfig), options);
}

async function statusOf(
  transport: Transport,
  method: string,
  path: string,
  body: string | undefined,
  contentType: string,
): Promise<number> {
  const request = { method: method as 'PATCH', path, ...(body === undefined ? {} : { body, contentType }) };
  const reply = await transport.request(request, never);
  assert.equal(reply.kind, 'answer');
  return reply.kind === 'answer' ? reply.status : 0;
}

function bodyOf(reply: ApiAnswer | undefined): Record<string, unknown> | undefined {
  return reply?.status === 200 && isRecord(reply.body) ? reply.body : undefined;
}

/** The password for the emulated account's registry. */
export function passwordIn(secret: Record<string, unknown> | undefined): string {
  const data = isRecord(secret?.['data']) ? String(secret['data']['.dockerconfigjson']) : '';
  return passwordOf(JSON.parse(Buffer.from(data, 'base64').toString('utf8')).auths[host]);
}

export function uidOf(secret: Record<string, unknown> | undefined): unknown {
  return isRecord(secret?.['metadata']) ? secret['metadata']['uid'] : undefined;
}

import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createTransport } from '../../src/adapters/kubernetes/requests.ts';
import { isAsDocumented } from './schemas.ts';
import { startJobStage, type Run } from './job-stage.ts';

const root = join(import.meta.dirname, '../..');

export const host = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
export const labels = { credentialType: 'ecr' };
export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;

export type OperatorStage = Awaited<ReturnType<typeof startOperatorStage>>;

/** The parts of a pull secret in which tests differ; what is left out is as the program writes it. */
export type Wanted = {
  /** From now, in milliseconds; null: no annotations. */
  expiresInMs?: number | null;
  hosts?: readonly string[];
  auths?: readonly string[];
  manager?: string;
  labels?: Readonly<Record<string, string>>;
  type?: string;
};

/** A cluster, and a person with a kubeconfig who may do what one of the roles in `deploy/operators` allows. */
export async function startOperatorStage(role: 'status' | 'prune') {
  const job = await startJobStage();
  const { kubernetes } = job;
  kubernetes.applyManifests(await readFile(join(root, `deploy/operators/${role}.yaml`), 'utf8'));
  kubernetes.apply(binding(`ecr-cred-helper-${role}`));
  const token = kubernetes.serviceAccountToken('default', 'operator');
  const kubeconfig = join(job.directory, 'operator.kubeconfig');
  const administrator = join(job.directory, 'administrator.kubeconfig');
  await writeFile(kubeconfig, kubernetes.kubeconfig({ token }));
  await writeFile(administrator, kubernetes.kubeconfig());
  const noAws = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined, AWS_ENDPOINT_URL: undefined };
  const env = { KUBECONFIG: kubeconfig, AWS_DEFAULT_REGION: undefined, ...noAws };

  return {
    ...job,
    administrator,
    env,
    /** Requests of the administrator, as the program makes them. */
    administratorTransport: () => transportOf(kubernetes),
    /** Runs a command as that person. */
    as: (args: readonly string[], changes: Record<string, string | undefined> = {}): Promise<Run> =>
      job.run(args, { ...env, ...changes }),
    /** A pull secret as a pass writes it, `expiresInMs` from now, and issued twelve hours before that. */
    secret: (namespace: string, wanted: Wanted = {}): void =>
      void kubernetes.apply(pullSecret(namespace, wanted), wanted.manager ?? 'ecr-cred-helper'),
    /** A ServiceAccount that gives its pods these secrets. */
    account: (namespace: string, name: string, secrets: readonly string[]): void =>
      void kubernetes.apply({
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name, namespace },
        imagePullSecrets: secrets.map((each) => ({ name: each })),
      }),
    pullSecretsOf: (namespace: string, name: string): unknown =>
      kubernetes.get('v1', 'ServiceAccount', namespace, name)?.['imagePullSecrets'],
  };
}

function transportOf({ url, adminToken, caPem }: { url: string; adminToken: string; caPem: string }) {
  const credentials = { headers: { authorization: `Bearer ${adminToken}` }, tls: { ca: caPem } };
  const connection = {
    server: new URL(url),
    proxy: undefined,
    credentials: () => credentials,
    renewed: () => Promise.resolve(undefined),
  };
  return createTransport(connection, { timeoutMs: 10_000, concurrency: 1, userAgent: 'stage', nowMs: Date.now });
}

function binding(role: string): object {
  const apiGroup = 'rbac.authorization.k8s.io';
  return {
    apiVersion: `${apiGroup}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: 'operator' },
    roleRef: { apiGroup, kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'ServiceAccount', name: 'operator', namespace: 'default' }],
  };
}

/** A pull secret as this program makes it, but for what is wanted otherwise. */
export function pullSecret(namespace: string, wanted: Wanted = {}): object {
  const { expiresInMs = 10 * hourMs, hosts = [host], type = 'kubernetes.io/dockerconfigjson' } = wanted;
  const auths = Object.fromEntries((wanted.auths ?? hosts).map((each) => [each, { auth: 'QVdTOnBhc3N3b3Jk' }]));
  const instant = (fromNowMs: number) => new Date(Date.now() + fromNowMs).toISOString();
  const notes = {
    'ecr-cred-helper/registries': hosts.join(','),
    'ecr-cred-helper/refreshed-at': instant((expiresInMs ?? 0) - 12 * hourMs),
    'ecr-cred-helper/expires-at': instant(expiresInMs ?? 0),
  };
  const own = wanted.labels ?? { 'app.kubernetes.io/managed-by': 'ecr-cred-helper' };
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'ecr-creds', namespace, labels: own, annotations: expiresInMs === null ? {} : notes },
    type,
    data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') },
  };
}

/** Holds a text against a golden file; `UPDATE_GOLDEN=1` writes it anew. What differs by the moment is put generally. */
export async function isGolden(name: string, text: string): Promise<void> {
  const [, command] = /^(status|prune)\/.*\.json\.txt$/.exec(name) ?? [];
  const printed = text.replace(/exit code \d+\n$/, '');
  if (command === 'status' || command === 'prune') isAsDocumented(command, printed);
  const path = join(root, 'test/golden', name);
  const got = text
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, '<time>')
    .replaceAll(/"expiresInSeconds":-?\d+/g, '"expiresInSeconds":"<seconds>"')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:<port>')
    .replaceAll(/"requestId":"[\w-]+"/g, '"requestId":"<id>"');
  if (process.env['UPDATE_GOLDEN'] === '1') {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, got);
  }
  assert.equal(got, await readFile(path, 'utf8'));
}

/** What people would see of a run, and its exit code. */
export function shown({ code, stdout }: Run): string {
  return `${stdout}exit code ${code}\n`;
}

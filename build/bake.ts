import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAws } from '../emulators/aws/server.ts';
import { startKubernetes } from '../emulators/kubernetes/index.ts';

const FEW_NAMESPACES = 3;

/**
 * Writes `main.cache` into `dist`: V8's code cache after a real pass, which holds the functions that a pass needs and no
 * others. V8 takes it under the same version only; limits of the heap do not matter.
 * @returns its size in bytes.
 * @throws Error where the pass does not succeed.
 */
export async function bake(dist: string): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'ecr-cred-helper-bake-'));
  const [aws, kubernetes] = await Promise.all([startAws(), startKubernetes()]);
  try {
    kubernetes.createNamespaces(FEW_NAMESPACES, 'bake-', { credentialType: 'ecr' });
    await writeFile(join(directory, 'token'), kubernetes.adminToken, { mode: 0o600 });
    await writeFile(join(directory, 'ca.crt'), kubernetes.caPem);
    await pass(dist, {
      HOME: directory,
      AWS_ACCESS_KEY_ID: aws.defaults.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.defaults.secretAccessKey,
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: aws.url,
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: String(kubernetes.port),
      SERVICE_ACCOUNT_DIRECTORY: directory,
    });
  } finally {
    await Promise.all([aws.close(), kubernetes.close(), rm(directory, { recursive: true, force: true })]);
  }
  return (await stat(join(dist, 'main.cache'))).size;
}

async function pass(dist: string, env: Record<string, string>): Promise<void> {
  const worker = join(import.meta.dirname, 'bake-worker.cjs');
  const child = spawn(process.execPath, [worker, dist], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  await once(child, 'close');
  if (child.exitCode !== 0)
    throw new Error(`the pass that warms the code cache ended with ${child.exitCode}:\n${output}`);
}

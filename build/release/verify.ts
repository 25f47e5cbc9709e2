import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAws } from '../../emulators/aws/server.ts';
import { startKubernetes } from '../../emulators/kubernetes/index.ts';
import { podEnv } from '../../emulators/pod-env.ts';
import type { Image } from '../../image/buildah.ts';
import { smoke } from '../../image/smoke.ts';
import { onThisMachine } from './image.ts';
import type { Platform } from './platforms.ts';

const LIMIT_MS = 120_000;
const NAMESPACES = 3;
const spy = join(import.meta.dirname, 'cache-spy.cjs');

/** The `process.versions` of the Node in an image. */
export async function nodeVersionsOf(image: Image, platform: Platform): Promise<Record<string, string>> {
  const { node } = programOf(image, platform);
  const { stdout } = await run([...node, '-p', 'JSON.stringify(process.versions)'], {});
  return JSON.parse(stdout);
}

/**
 * Runs an image that was built: on amd64 in an OCI runtime, as Kubernetes would; for another machine its program in an emulator.
 * @param manifests the CronJob's, with its roles.
 * @returns what was seen.
 * @throws Error where something is not as it should be.
 */
export async function verify(image: Image, platform: Platform, version: string, manifests: string): Promise<string> {
  assert.equal(image.config.Labels['org.opencontainers.image.version'], version);
  const { node, args } = programOf(image, platform);
  const shown = await run([...node, '-r', spy, ...args, '--version'], {});
  assert.deepEqual(shown, { code: 0, stdout: `ecr-cred-helper ${version}\n`, stderr: 'main.cjs taken\n' });
  if (platform.emulator !== undefined) return emulatedPass([...node, ...args], platform.emulator);
  return (await smoke(image, version, manifests)).join('; ');
}

/** What runs the image's Node here, and what follows that in the entrypoint, by their paths here. */
function programOf(image: Image, platform: Platform): { node: string[]; args: string[] } {
  const [program = '', ...args] = image.config.Entrypoint.map((part) =>
    part.startsWith('/') ? join(image.rootfs, part) : part,
  );
  return { node: onThisMachine(platform, image.rootfs, program), args };
}

async function emulatedPass(command: readonly string[], emulator: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ecr-cred-helper-release-'));
  const [aws, kubernetes] = await Promise.all([startAws(), startKubernetes()]);
  try {
    const served = kubernetes.createNamespaces(NAMESPACES, 'release-', { credentialType: 'ecr' });
    await writeFile(join(folder, 'token'), kubernetes.adminToken, { mode: 0o600 });
    await writeFile(join(folder, 'ca.crt'), kubernetes.caPem);
    const { code, stderr } = await run(command, {
      ...podEnv(aws, kubernetes),
      SERVICE_ACCOUNT_DIRECTORY: folder,
    });
    assert.equal(code, 0, stderr);
    for (const name of served) {
      assert.equal(kubernetes.getSecret(name, 'ecr-creds')?.['type'], 'kubernetes.io/dockerconfigjson', name);
    }
    return `${emulator} served ${served.length} namespaces, with V8's code caches`;
  } finally {
    await Promise.all([aws.close(), kubernetes.close(), rm(folder, { recursive: true, force: true })]);
  }
}

async function run(command: readonly string[], env: Record<string, string>) {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: LIMIT_MS });
  const read = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (read.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (read.stderr += text));
  await once(child, 'close');
  return { code: child.exitCode, ...read };
}

import assert from 'node:assert/strict';
import { chmod, chown, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAws } from '../emulators/aws/server.ts';
import { startKubernetes } from '../emulators/kubernetes/index.ts';
import { podEnv } from '../emulators/pod-env.ts';
import type { Image } from './buildah.ts';
import { runContainer, type Ended } from './container.ts';
import { must, whereIs } from './tools.ts';

/** What the shipped CronJob allows. */
const MEMORY_MIB = 64;
/** Two pages, each with nearly as much in it as an answer may have. */
const NAMESPACES = 1000;
const NOTE_CHARACTERS = 3700;
const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Runs the image against the emulators, as the shipped ServiceAccount with the shipped roles.
 * @returns what was found, one line each.
 * @throws Error where something is not as it should be.
 */
export async function smoke(image: Image, version: string, manifests: string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'ecr-cred-helper-image-'));
  const [aws, kubernetes] = await Promise.all([startAws(), startKubernetes()]);
  try {
    kubernetes.createNamespace('ecr-cred-helper');
    kubernetes.applyManifests(manifests);
    const served = Array.from({ length: NAMESPACES }, (_, index) => `image-${index}`);
    for (const name of served) {
      const metadata = { name, labels: { credentialType: 'ecr' }, annotations: { note: 'n'.repeat(NOTE_CHARACTERS) } };
      kubernetes.apply({ apiVersion: 'v1', kind: 'Namespace', metadata });
    }
    kubernetes.createNamespace('unlabelled');
    await writeFile(join(folder, 'token'), kubernetes.serviceAccountToken('ecr-cred-helper', 'ecr-cred-helper'));
    await writeFile(join(folder, 'ca.crt'), kubernetes.caPem);
    // The container's user is not the one that made it.
    await chmod(folder, 0o755);
    const settings = {
      env: podEnv(aws, kubernetes),
      mounts: { [serviceAccount]: folder },
    };
    const { runtime, memoryMiB } = await workingRuntime(image, folder);
    const limit = memoryMiB === undefined ? {} : { memoryMiB };

    const shown = await runContainer(runtime, image, folder, { ...settings, ...limit, args: ['--version'] });
    assert.deepEqual(shown, { code: 0, output: `ecr-cred-helper ${version}\n` });

    const pass = await runContainer(runtime, image, folder, { ...settings, ...limit });
    assert.equal(pass.code, 0, pass.output);
    for (const name of served) {
      assert.equal(kubernetes.getSecret(name, 'ecr-creds')?.['type'], 'kubernetes.io/dockerconfigjson', name);
    }
    assert.equal(kubernetes.getSecret('unlabelled', 'ecr-creds'), undefined);

    const looked = await asOnALaptop(runtime, image, folder, kubernetes.kubeconfig());
    assert.equal(looked.code, 0, looked.output);
    assert.match(looked.output, new RegExp(`^${NAMESPACES} namespaces: ${NAMESPACES} valid$`, 'm'));

    if (memoryMiB !== undefined) await heapFits(runtime, image, folder, memoryMiB);

    await hasNoShell(image);
    assert.ok(image.config.Entrypoint.includes('--disable-sigusr1'));
    await stat(join(image.rootfs, 'app/NODE-LICENSE'));
    const under = memoryMiB === undefined ? 'without a memory limit (no memory cgroup here)' : `in ${memoryMiB} MiB`;
    return [`${runtime} served ${served.length} namespaces as ${image.config.User}, read-only root, ${under}`];
  } finally {
    await Promise.all([aws.close(), kubernetes.close(), rm(folder, { recursive: true, force: true })]);
  }
}

/** The first runtime here that starts the image, with a memory limit where it can set one. */
async function workingRuntime(image: Image, folder: string): Promise<{ runtime: string; memoryMiB?: number }> {
  const failures: Ended[] = [];
  for (const name of ['runc', 'crun']) {
    const runtime = await whereIs(name);
    if (runtime === undefined) continue;
    for (const limit of [{ memoryMiB: MEMORY_MIB }, {}]) {
      const ended = await runContainer(runtime, image, folder, { env: {}, mounts: {}, args: ['--version'], ...limit });
      if (ended.code === 0) return { runtime, ...limit };
      failures.push(ended);
    }
  }
  const why = failures.map(({ output }) => output.trim()).join('\n') || 'none is installed: apt-get install runc';
  throw new Error(`no OCI runtime could start the image\n${why}`);
}

/** As `docker run` starts it in docs/laptop.md: with a kubeconfig that only its owner may read, as that owner. */
async function asOnALaptop(runtime: string, image: Image, folder: string, kubeconfig: string): Promise<Ended> {
  const uid = 1000;
  const path = join(folder, 'kubeconfig');
  await writeFile(path, kubeconfig, { mode: 0o600 });
  await chown(path, uid, uid);
  const mounts = { '/kubeconfig': path };
  return runContainer(runtime, image, folder, { env: { KUBECONFIG: '/kubeconfig' }, mounts, args: ['status'], uid });
}

/** Node takes a part of what the container may have for its heap; outside of one, it would be a part of the machine's memory. */
async function heapFits(runtime: string, image: Image, folder: string, memoryMiB: number): Promise<void> {
  for (const limitMiB of [memoryMiB, 2 * memoryMiB]) {
    const script = 'v8.getHeapStatistics().heap_size_limit';
    const told = await runContainer(runtime, image, folder, { env: {}, mounts: {}, script, memoryMiB: limitMiB });
    const share = Number(told.output) / 2 ** 20 / limitMiB;
    assert.ok(share > 0.5 && share < 0.75, `in ${limitMiB} MiB the heap may have ${told.output}`);
  }
}

async function hasNoShell(image: Image): Promise<void> {
  const folders = ['bin', 'sbin', 'usr/bin', 'usr/sbin', 'usr/local/bin'].map((folder) => join(image.rootfs, folder));
  const lists = await Promise.all(folders.map((folder) => readdir(folder).catch(() => [])));
  assert.deepEqual(lists.flat(), ['node']);
  const foreign = await must('find', [image.rootfs, '-perm', '/6000', '-type', 'f']);
  assert.equal(foreign, '', 'files with the setuid or setgid bit');
}

import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buildRoot, runtimeRoot } from './bases.ts';
import { must } from './tools.ts';

export type Image = {
  name: string;
  /** Bytes of all layers as a registry holds them. */
  compressedBytes: number;
  /** Bytes of the files. */
  unpackedBytes: number;
  config: { Entrypoint: string[]; Env?: string[]; User: string; Labels: Record<string, string> };
  /** The root file system, mounted until `dispose`. */
  rootfs: string;
  dispose: () => Promise<void>;
};

type Inspection = { OCIv1: { config: Image['config'] } };

const root = join(import.meta.dirname, '..');
const folder = join(root, '.tmp/image');
const storage = ['--root', join(folder, 'storage'), '--runroot', join(folder, 'run'), '--storage-driver', 'vfs'];

/** Builds image/Dockerfile from local bases with buildah, as root, in a storage of its own under .tmp. */
export async function buildImage(version: string, revision: string): Promise<Image> {
  const name = `localhost/ecr-cred-helper:${version}`;
  await rm(folder, { recursive: true, force: true });
  await buildRoot(join(folder, 'build-base'));
  await runtimeRoot(join(folder, 'runtime-base'));
  for (const base of ['build-base', 'runtime-base']) await commitBase(base);
  await buildah(
    'bud',
    '--isolation',
    'chroot',
    '--pull-never',
    '--format',
    'oci',
    '--layers=false',
    '--file',
    join(root, 'image/Dockerfile'),
    '--ignorefile',
    join(root, 'image/Dockerfile.dockerignore'),
    // The packages that `npm ci` has installed here, instead of a second installation.
    '--volume',
    `${join(root, 'node_modules')}:/src/node_modules:ro`,
    '--build-arg',
    'INSTALL=true',
    '--build-arg',
    'BUILD_IMAGE=localhost/build-base',
    '--build-arg',
    'RUNTIME_IMAGE=localhost/runtime-base',
    '--build-arg',
    `VERSION=${version}`,
    '--build-arg',
    `REVISION=${revision}`,
    '--tag',
    name,
    root,
  );
  return opened(name);
}

async function opened(name: string): Promise<Image> {
  const container = (await buildah('from', '--pull-never', name)).trim();
  const rootfs = (await buildah('mount', container)).trim();
  const { OCIv1 }: Inspection = JSON.parse(await buildah('inspect', '--type', 'image', name));
  return {
    name,
    rootfs,
    config: OCIv1.config,
    unpackedBytes: Number((await must('du', ['-sb', rootfs])).split('\t')[0]),
    compressedBytes: await compressedBytes(name),
    dispose: async () => {
      await buildah('rm', container);
    },
  };
}

async function compressedBytes(name: string): Promise<number> {
  const layout = join(folder, 'oci');
  await buildah('push', '--quiet', name, `oci:${layout}:latest`);
  const index: { manifests: { digest: string }[] } = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8'));
  const blob = (digest: string): string => join(layout, 'blobs', ...digest.split(':'));
  const manifest: { layers: { digest: string }[] } = JSON.parse(
    await readFile(blob(index.manifests[0]?.digest ?? ''), 'utf8'),
  );
  const sizes = await Promise.all(manifest.layers.map(async ({ digest }) => (await stat(blob(digest))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function commitBase(base: string): Promise<void> {
  const container = (await buildah('from', 'scratch')).trim();
  await buildah('copy', '--quiet', container, join(folder, base), '/');
  await buildah('config', '--env', 'PATH=/usr/local/bin:/usr/bin:/bin', container);
  await buildah('commit', '--quiet', container, `localhost/${base}`);
  await buildah('rm', container);
}

function buildah(...args: string[]): Promise<string> {
  return must('buildah', [...storage, ...args]);
}

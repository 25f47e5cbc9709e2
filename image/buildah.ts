import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
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

/** What an OCI layout says of a blob: https://github.com/opencontainers/image-spec/blob/main/descriptor.md */
export type Descriptor = { mediaType: string; digest: string; size: number };

const root = join(import.meta.dirname, '..');

/** buildah, as root, with a storage of its own in `folder`. What is built is dated `epochSeconds`, where that is given. */
export function buildahIn(folder: string, epochSeconds?: number) {
  const storage = ['--root', join(folder, 'storage'), '--runroot', join(folder, 'run'), '--storage-driver', 'vfs'];
  const dated = epochSeconds === undefined ? [] : ['--timestamp', String(epochSeconds)];
  const buildah = (...args: string[]): Promise<string> => must('buildah', [...storage, ...args]);

  /** Makes an image of one layer out of a directory tree. */
  async function commitTree(tree: string, name: string, architecture = 'amd64'): Promise<void> {
    const container = (await buildah('from', 'scratch')).trim();
    await buildah('copy', '--quiet', container, tree, '/');
    await buildah('config', '--arch', architecture, '--env', 'PATH=/usr/local/bin:/usr/bin:/bin', container);
    await buildah('commit', '--quiet', ...dated, container, name);
    await buildah('rm', container);
  }

  /** Builds image/Dockerfile. */
  async function build(name: string, args: Readonly<Record<string, string>>, ...options: string[]): Promise<void> {
    const how = ['--isolation', 'chroot', '--pull-never', '--format', 'oci', '--layers=false', ...dated];
    const file = join(root, 'image/Dockerfile');
    const files = ['--file', file, '--ignorefile', `${file}.dockerignore`];
    const arguments_ = Object.entries(args).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]);
    await buildah('bud', ...how, ...files, ...arguments_, ...options, '--tag', name, root);
  }

  /** Writes an image into an OCI layout, beside what is in it. @returns its manifest. */
  async function push(name: string, layout: string): Promise<Descriptor> {
    await buildah('push', '--quiet', name, `oci:${layout}:${name}`);
    const index: { manifests: (Descriptor & { annotations?: Record<string, string> })[] } = JSON.parse(
      await readFile(join(layout, 'index.json'), 'utf8'),
    );
    const found = index.manifests.find(({ annotations }) => Object.values(annotations ?? {}).includes(name));
    if (found === undefined) throw new Error(`${layout}/index.json has no ${name}`);
    const { mediaType, digest, size } = found;
    return { mediaType, digest, size };
  }

  /** An image that was built, with its file system to look at. */
  async function opened(name: string): Promise<Image> {
    const container = (await buildah('from', '--pull-never', name)).trim();
    const rootfs = (await buildah('mount', container)).trim();
    const { OCIv1 }: { OCIv1: { config: Image['config'] } } = JSON.parse(
      await buildah('inspect', '--type', 'image', name),
    );
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
    const { digest } = await push(name, layout);
    const manifest: { layers: { digest: string }[] } = JSON.parse(await readFile(blobIn(layout, digest), 'utf8'));
    const sizes = await Promise.all(
      manifest.layers.map(async (layer) => (await stat(blobIn(layout, layer.digest))).size),
    );
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  return { commitTree, build, push, opened };
}

/** Where an OCI layout has the blob of a digest. */
export function blobIn(layout: string, digest: string): string {
  return join(layout, 'blobs', ...digest.split(':'));
}

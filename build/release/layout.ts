import { cp, mkdir, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { blobIn, type Descriptor } from '../../image/buildah.ts';
import { packTar } from './archives.ts';

/** An image, and the machine it is for. */
type Made = { platform: { architecture: string }; manifest: Descriptor };

const INDEX = 'application/vnd.oci.image.index.v1+json';

/**
 * Packs the image of a platform as the archive of an OCI layout, which `docker load`, `ctr images import` and skopeo read.
 * @param layout with nothing in it but that image.
 * @param reference as it is known in a registry, with its tag.
 */
export async function packImage(
  { platform, manifest }: Made,
  layout: string,
  reference: string,
  archive: string,
  epochSeconds: number,
): Promise<void> {
  const annotations = {
    'io.containerd.image.name': reference,
    'org.opencontainers.image.ref.name': reference.slice(reference.lastIndexOf(':') + 1),
  };
  await writeIndex(layout, [{ ...described(platform.architecture, manifest), annotations }]);
  await packTar(layout, archive, epochSeconds);
}

/**
 * Makes one image for all platforms out of their layouts, in a layout of its own.
 * @returns the digest by which it is known in a registry.
 */
export async function joinImages(
  images: readonly (readonly [Made, string])[],
  into: string,
  tag: string,
): Promise<string> {
  await mkdir(into, { recursive: true });
  for (const [, layout] of images) await cp(layout, into, { recursive: true });
  const manifests = images.map(([{ platform, manifest }]) => described(platform.architecture, manifest));
  const index = JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests });
  const digest = `sha256:${createHash('sha256').update(index).digest('hex')}`;
  await writeFile(blobIn(into, digest), index);
  const annotations = { 'org.opencontainers.image.ref.name': tag };
  await writeIndex(into, [{ mediaType: INDEX, digest, size: Buffer.byteLength(index), annotations }]);
  return digest;
}

function described(architecture: string, manifest: Descriptor) {
  return { ...manifest, platform: { architecture, os: 'linux' } };
}

async function writeIndex(layout: string, manifests: readonly object[]): Promise<void> {
  await writeFile(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests }));
}

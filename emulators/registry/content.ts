import { registryError } from './auth.ts';
import type { Blob, Image } from './image.ts';

/** An image under its name in the registry. */
export type NamedImage = { repository: string; tag: string; image: Image };

export type Found = { status: number; headers: Record<string, string>; body: Buffer | string };

/** What the registry has for a path of the distribution API (`/v2/…`), in ECR's words where it has nothing. */
export function lookUp(images: readonly NamedImage[], path: string): Found {
  if (path === '/v2/') return { status: 200, headers: { 'content-type': 'application/json' }, body: '{}' };
  const match = /^\/v2\/(.+)\/(manifests|blobs|tags)\/([^/]+)$/.exec(path);
  if (match === null) return registryError(404, 'UNSUPPORTED', 'The operation is unsupported.');
  const [, repository = '', kind, reference = ''] = match;
  const held = images.filter((image) => image.repository === repository);
  if (held.length === 0) {
    return registryError(
      404,
      'NAME_UNKNOWN',
      `The repository with name '${repository}' does not exist in the registry`,
    );
  }
  if (kind === 'tags') return tagList(repository, held);
  return kind === 'manifests' ? manifest(held, reference) : layerOrConfig(held, reference);
}

function tagList(repository: string, held: readonly NamedImage[]): Found {
  const body = JSON.stringify({ name: repository, tags: held.map(({ tag }) => tag) });
  return { status: 200, headers: { 'content-type': 'application/json' }, body };
}

function manifest(held: readonly NamedImage[], reference: string): Found {
  const found = held.find(({ tag, image }) => tag === reference || image.manifest.digest === reference);
  if (found === undefined) return registryError(404, 'MANIFEST_UNKNOWN', 'Requested image not found');
  return blobReply(found.image.manifest, found.image.manifest.mediaType);
}

function layerOrConfig(held: readonly NamedImage[], digest: string): Found {
  const blobs = held.flatMap(({ image }) => [image.config, ...image.layers]);
  const found = blobs.find((blob) => blob.digest === digest);
  if (found === undefined) return registryError(404, 'BLOB_UNKNOWN', 'blob unknown to registry');
  return blobReply(found, 'application/octet-stream');
}

function blobReply({ digest, bytes }: Blob, contentType: string): Found {
  return { status: 200, headers: { 'content-type': contentType, 'docker-content-digest': digest }, body: bytes };
}

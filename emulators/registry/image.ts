import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

/** Content that is addressed by its digest. */
export type Blob = { digest: string; mediaType: string; bytes: Buffer };

/** A whole image: its manifest, and the blobs that this names. */
export type Image = { manifest: Blob; config: Blob; layers: readonly Blob[] };

const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const CONFIG = 'application/vnd.docker.container.image.v1+json';
const LAYER = 'application/vnd.docker.image.rootfs.diff.tar.gzip';

/** Builds a small, valid image of one layer with one file; the same content gives the same digests. */
export function buildImage(fileName: string, content: string): Image {
  const tar = tarOf(fileName, Buffer.from(content));
  const layer = blob(LAYER, gzipSync(tar));
  const config = jsonBlob(CONFIG, {
    architecture: 'amd64',
    os: 'linux',
    config: { Cmd: ['/bin/cat', `/${fileName}`] },
    rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
    history: [{ created: '1970-01-01T00:00:00Z', created_by: `COPY ${fileName} /` }],
  });
  const manifest = jsonBlob(MANIFEST, {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: descriptor(config),
    layers: [descriptor(layer)],
  });
  return { manifest, config, layers: [layer] };
}

/** `sha256:` and the hash in hexadecimal. */
export function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function jsonBlob(mediaType: string, value: unknown): Blob {
  return blob(mediaType, Buffer.from(JSON.stringify(value)));
}

function blob(mediaType: string, bytes: Buffer): Blob {
  return { digest: digestOf(bytes), mediaType, bytes };
}

function descriptor({ mediaType, bytes, digest }: Blob) {
  return { mediaType, size: bytes.length, digest };
}

const BLOCK = 512;

// A ustar archive: a header block, the file padded to whole blocks, two empty blocks.
function tarOf(name: string, content: Buffer): Buffer {
  const padding = (BLOCK - (content.length % BLOCK)) % BLOCK;
  return Buffer.concat([tarHeader(name, content.length), content, Buffer.alloc(padding + 2 * BLOCK)]);
}

function tarHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  header.write(name, 0);
  header.write(octal(0o644, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(size, 11), 124);
  header.write(octal(0, 11), 136);
  header.write('0', 156);
  header.write('ustar', 257);
  header.write('00', 263);
  // The checksum is taken with its own field full of blanks.
  header.write(' '.repeat(8), 148);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

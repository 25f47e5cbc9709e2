import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Blob, Image } from '../../../emulators/registry/image.ts';
import { run, type Finished } from '../tools.ts';

/** Writes a docker config with one login, as a pull secret holds it, and returns the file's path. */
export async function writeLogin(directory: string, host: string, password: string): Promise<string> {
  const file = join(directory, 'config.json');
  const auth = Buffer.from(`AWS:${password}`).toString('base64');
  await writeFile(file, JSON.stringify({ auths: { [host]: { auth } } }));
  return file;
}

/** Pulls an image into `<directory>/pulled` with nothing but a docker config; certificates are not verified by default. */
export function pull(
  directory: string,
  reference: string,
  authFile: string,
  env: Record<string, string> = {},
  tlsFlags: readonly string[] = ['--src-tls-verify=false'],
): Promise<Finished> {
  const to = `dir:${join(directory, 'pulled')}`;
  return skopeo(['copy', ...tlsFlags, '--authfile', authFile, `docker://${reference}`, to], env);
}

/** Pushes an image from a directory that is written for it. */
export async function push(directory: string, image: Image, reference: string, authFile: string): Promise<Finished> {
  const from = join(directory, 'layout');
  await mkdir(from);
  await writeFile(join(from, 'version'), 'Directory Transport Version: 1.1\n');
  await writeFile(join(from, 'manifest.json'), image.manifest.bytes);
  await Promise.all([image.config, ...image.layers].map((blob) => writeFile(blobFile(from, blob), blob.bytes)));
  return skopeo(['copy', '--dest-tls-verify=false', '--authfile', authFile, `dir:${from}`, `docker://${reference}`]);
}

/** The layer of the image that `pull` wrote, where it has the one that is expected. */
export function pulledLayer(directory: string, image: Image): Promise<Buffer> {
  const [layer] = image.layers;
  if (layer === undefined) throw new Error('the image has no layer');
  return readFile(blobFile(join(directory, 'pulled'), layer));
}

function blobFile(directory: string, { digest }: Blob): string {
  return join(directory, digest.replace('sha256:', ''));
}

function skopeo(args: string[], env: Record<string, string> = {}): Promise<Finished> {
  return run('skopeo', ['--insecure-policy', ...args], env);
}

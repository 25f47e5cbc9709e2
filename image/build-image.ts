import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buildRoot, runtimeRoot } from './bases.ts';
import { buildahIn, type Image } from './buildah.ts';

const root = join(import.meta.dirname, '..');
const folder = join(root, '.tmp/image');

/** Builds image/Dockerfile with all its stages from local bases, in a storage of its own under .tmp. */
export async function buildImage(version: string, revision: string): Promise<Image> {
  const name = `localhost/ecr-cred-helper:${version}`;
  await rm(folder, { recursive: true, force: true });
  await buildRoot(join(folder, 'build-base'));
  await runtimeRoot(join(folder, 'runtime-base'));
  const buildah = buildahIn(folder);
  for (const base of ['build-base', 'runtime-base']) await buildah.commitTree(join(folder, base), `localhost/${base}`);
  const args = {
    INSTALL: 'true',
    BUILD_IMAGE: 'localhost/build-base',
    RUNTIME_IMAGE: 'localhost/runtime-base',
    VERSION: version,
    REVISION: revision,
  };
  // The packages that `npm ci` has installed here, instead of a second installation.
  await buildah.build(name, args, '--volume', `${join(root, 'node_modules')}:/src/node_modules:ro`);
  return buildah.opened(name);
}

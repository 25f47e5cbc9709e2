import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle, packageDirectories, type Bundle } from './bundle.ts';
import { installLoader } from './install-loader.ts';
import { licencesOf } from './licences.ts';
import { manualPage } from './man.ts';

const root = join(import.meta.dirname, '..');

/**
 * Builds all that runs and belongs to it into `dist`, but for V8's code caches, which fit one node: bundles, loader, licences of
 * what is bundled, manual.
 */
export async function buildProgram(dist: string, version: string): Promise<Bundle[]> {
  const bundles = await bundle('src/main.ts', dist, version);
  await installLoader(dist);
  await writeFile(join(dist, 'THIRD-PARTY-LICENSES'), await licencesOf(root, packageDirectories(bundles)));
  await writeFile(join(dist, 'ecr-cred-helper.1'), manualPage(version));
  return bundles;
}

/** Manifests against the types of an older Kubernetes: a field of another name, or a value of another type, does not compile. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run, withDirectory } from '../emulators/tools.ts';
import { root } from './manifests.ts';
import type { Manifest } from './schema.ts';

/** Where the descriptions are wrong, and servers of these versions are not. */
const mistaken = [
  // It is wanted of every rule of a podFailurePolicy.
  "Property 'onPodConditions' is missing in type",
  // The package leaves out what comes after the names, which 1.30 has in webhooks as in policies.
  `'"resources"' does not exist in type 'NamedRuleWithOperations'`,
];

/** What the compiler has to say of the objects, by a package of the types of 1.25, or of 1.30. */
export async function compiled(objects: readonly Manifest[], types = 'kubernetes-types-1.25'): Promise<string[]> {
  const lines = objects.map(({ apiVersion, ...rest }, index) => {
    const module =
      apiVersion === 'v1' ? 'core/v1' : apiVersion.replace('.k8s.io', '').replace('rbac.authorization', 'rbac');
    const type = `import('${types}/${module}.js').${rest.kind}`;
    return `export const object${index}: ${type} = ${JSON.stringify({ apiVersion, ...rest })};\n`;
  });
  // Below the project, where packages are found.
  const parent = join(root, '.tmp');
  await mkdir(parent, { recursive: true });
  return withDirectory(async (directory) => {
    await writeFile(join(directory, 'objects.ts'), lines.join(''));
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--skipLibCheck'];
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const { stdout, stderr } = await run(process.execPath, [
      tsc,
      '--ignoreConfig',
      ...options,
      join(directory, 'objects.ts'),
    ]);
    assert.equal(stderr, '');
    return stdout
      .split('\n')
      .filter((line) => line.includes('error TS') && !mistaken.some((words) => line.includes(words)));
  }, parent);
}

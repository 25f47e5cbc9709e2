/**
 * The manifests against the oldest Kubernetes that is supported, 1.25, by the types of its API: a field of another name, or a
 * value of another type, does not compile. `schema.ts` has the newest one's. A stable API never loses a field, so what both
 * take is taken by all in between.
 */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { run, withDirectory } from '../emulators/tools.ts';
import { build, legacy, objectsOf, overlays, root, withComponents } from './manifests.ts';
import type { Manifest } from './schema.ts';

/** Those that are stable later than that say so in their folder's README. */
const later = ['deploy/fence', 'deploy/first-pod'];
const custom = new Set(['ServiceMonitor', 'PrometheusRule']);

test('Kubernetes 1.25 knows every field of every manifest', async () => {
  const shipped = [
    ...objectsOf(await legacy()),
    ...(await withComponents('deploy/cronjob', 'namespace', 'first-pass')),
    ...(await withComponents('deploy/controller', 'network-policy', 'prune')),
  ];
  for (const overlay of overlays.filter((name) => !later.includes(name)))
    shipped.push(...objectsOf(await build(overlay)));
  assert.deepEqual(await compiled(shipped.filter(({ kind }) => !custom.has(kind))), []);
});

test('a field that it does not know is found, and so is a value of the wrong type', async () => {
  const budget = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'a' } };
  const younger = { ...budget, spec: { unhealthyPodEvictionPolicy: 'AlwaysAllow' } };
  const mistyped = { ...budget, spec: { maxUnavailable: true } };
  const faults = await compiled([younger, mistyped]);
  assert.equal(faults.length, 2);
  assert.match(faults[0] ?? '', /unhealthyPodEvictionPolicy"' does not exist in type/);
  assert.match(faults[1] ?? '', /Type 'true' is not assignable to type 'string \| number/);
});

/** The description of 1.25 and 1.26 wants it of every rule of a podFailurePolicy; no server ever did. */
const notRequired = "Property 'onPodConditions' is missing in type";

/** What the compiler has to say of the objects. */
async function compiled(objects: readonly Manifest[]): Promise<string[]> {
  const lines = objects.map(({ apiVersion, ...rest }, index) => {
    const module =
      apiVersion === 'v1' ? 'core/v1' : apiVersion.replace('.k8s.io', '').replace('rbac.authorization', 'rbac');
    const type = `import('kubernetes-types-1.25/${module}.js').${rest.kind}`;
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
    return stdout.split('\n').filter((line) => line.includes('error TS') && !line.includes(notRequired));
  }, parent);
}

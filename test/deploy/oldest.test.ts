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

/** Those that need a newer one. */
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

test('Kubernetes 1.30 knows every field of the fence', async () => {
  assert.deepEqual(await compiled(objectsOf(await build('deploy/fence')), 'kubernetes-types'), []);
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

/** Where the descriptions are wrong, and servers of these versions are not. */
const mistaken = [
  // It is wanted of every rule of a podFailurePolicy.
  "Property 'onPodConditions' is missing in type",
  // The package leaves out what comes after the names, which 1.30 has in webhooks as in policies.
  `'"resources"' does not exist in type 'NamedRuleWithOperations'`,
];

/** What the compiler has to say of the objects, by a package of the types of 1.25, or of 1.30. */
async function compiled(objects: readonly Manifest[], types = 'kubernetes-types-1.25'): Promise<string[]> {
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

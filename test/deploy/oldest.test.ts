/**
 * The manifests against the oldest Kubernetes that is supported, 1.25, by the types of its API: a field of another name, or a
 * value of another type, does not compile. `schema.ts` has the newest one's. A stable API never loses a field, so what both
 * take is taken by all in between.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build, legacy, objectsOf, overlays, withComponents } from './manifests.ts';
import { compiled } from './oldest.ts';

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

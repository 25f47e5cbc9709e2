/** The policy that gives new pods the pull secret, against pods that a real API server admitted under one. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fastJsonPatch from 'fast-json-patch';
import { changes, type MutatingPolicy } from './admission.ts';
import { build, buildOwn, objectsOf, root } from './manifests.ts';
import type { Manifest } from './schema.ts';

type Entry = { name?: string };
type Spec = { imagePullSecrets?: Entry[] | null; serviceAccountName?: string };
type Recorded = { name: string; labelled: boolean; spec: Spec; imagePullSecrets?: Entry[] };

const { pods }: { pods: Recorded[] } = JSON.parse(
  await readFile(join(root, 'test/conformance/admission.json'), 'utf8'),
);
const shipped = objectsOf(await build('deploy/first-pod'));
const policy = policyIn(shipped);
const labelled = { credentialType: 'ecr', other: 'x' };

describe('a pod in a labelled namespace', () => {
  test('there are as many as a real server was asked', () => assert.equal(pods.length, 28));

  for (const [index, { name, labelled: isLabelled, spec, imagePullSecrets }] of pods.entries()) {
    test(`${index}: ${name}${isLabelled ? '' : ', without the label'}`, () => {
      const seen = asSeen(spec);
      assert.deepEqual(admitted(policy, isLabelled ? labelled : {}, seen).imagePullSecrets, imagePullSecrets);
    });
  }

  test('has it once, however often it is judged', () => {
    const once = admitted(policy, labelled, {});
    assert.deepEqual(admitted(policy, labelled, once), once);
    assert.equal(Object(shipped[0]).spec.reinvocationPolicy, 'IfNeeded');
  });

  test('is left alone where it is the mirror of a static pod', () => {
    const mirror = { metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' } }, spec: {} };
    assert.deepEqual(changes(policy, labelled, mirror), []);
    const other = { metadata: { annotations: { a: 'b' } }, spec: {} };
    assert.equal(changes(policy, labelled, other).length, 1);
  });

  test('has its other fields as they were', () => {
    const spec = { containers: [{ name: 'a', image: 'b' }], imagePullSecrets: [{ name: 'mine' }] };
    const { imagePullSecrets: _, ...rest } = admitted(policy, labelled, spec);
    assert.deepEqual(rest, { containers: spec.containers });
  });
});

test('no pod is kept from being made, whatever becomes of the policy', () => {
  assert.equal(Object(shipped.find(({ kind }) => kind === 'MutatingAdmissionPolicy')).spec.failurePolicy, 'Ignore');
});

test('its patch is made of plain maps, since typed objects in a list bring an API server down', () => {
  for (const { patchType, jsonPatch } of policy.spec.mutations) {
    assert.equal(patchType, 'JSONPatch');
    assert.doesNotMatch(jsonPatch.expression, /Object/);
  }
});

test('another label and name stand in three places, as the page shows', async () => {
  const page = await readFile(join(root, 'docs/operations.md'), 'utf8');
  const blocks = [...page.matchAll(/```yaml\n([^]*?)```/g)].map(([, text = '']) => text);
  const overlay = blocks.find((text) => text.includes('deploy/first-pod')) ?? '';
  const own = policyIn(objectsOf(await buildOwn(overlay)));
  assert.deepEqual(admitted(own, { 'example.com/pulls': 'yes' }, {}).imagePullSecrets, [{ name: 'registry-login' }]);
  const mine = [{ name: 'registry-login' }];
  assert.deepEqual(admitted(own, { 'example.com/pulls': 'yes' }, { imagePullSecrets: mine }).imagePullSecrets, mine);
  assert.deepEqual(changes(own, labelled, { metadata: {}, spec: {} }), []);
});

/** What a server stores: nothing of an empty list, and the ServiceAccount's in a pod that names none. */
function asSeen({ imagePullSecrets, ...spec }: Spec): Spec {
  const ofAccount: Record<string, Entry[]> = { withsecret: [{ name: 'sa-secret' }], withours: [{ name: 'ecr-creds' }] };
  const own = imagePullSecrets ?? [];
  const all = own.length > 0 ? own : (ofAccount[spec.serviceAccountName ?? ''] ?? []);
  return { ...spec, ...(all.length === 0 ? {} : { imagePullSecrets: all }) };
}

function admitted(by: MutatingPolicy, labels: Record<string, string>, spec: Spec): Spec {
  const pod = structuredClone({ metadata: {}, spec });
  const operations = changes(by, labels, pod);
  for (const operation of operations) assert.deepEqual(Object.keys(operation), ['op', 'path', 'value']);
  fastJsonPatch.applyPatch(pod, operations as never);
  return pod.spec;
}

function policyIn(objects: readonly Manifest[]): MutatingPolicy {
  const [found] = objects.filter(({ kind }) => kind === 'MutatingAdmissionPolicy');
  return found as unknown as MutatingPolicy; // its fields are what the schema test holds
}

/** What the chart renders, for values as people have them. */
import assert from 'node:assert/strict';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { applyConflicts } from './upgrade.ts';
import { objectsOf, root } from '../deploy/manifests.ts';
import { compiled } from '../deploy/oldest.ts';
import { faultsOf, type Manifest } from '../deploy/schema.ts';
import { run, withDirectory } from '../emulators/tools.ts';
import { bundledTool } from '../support/bundled-tools.ts';
import { chart, objects, region, rendered } from './chart.ts';
import { valuesSets } from './values-sets.ts';

const golden = (name: string) => join(root, 'test/golden/chart', `${name}.yaml`);
const custom = new Set(['ServiceMonitor', 'PrometheusRule']);
const policies = new Set([
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
]);
const found = new Map<string, string>();
for (const [name, { values, release }] of Object.entries(valuesSets)) found.set(name, await rendered(values, release));
const objectsIn = (name: string): Manifest[] => objectsOf(found.get(name) ?? '').filter((object) => object !== null);

for (const [name, { values, release }] of Object.entries(valuesSets)) {
  describe(`the chart, with the values of ${name}`, () => {
    it('renders what is recorded', async () => {
      if (process.env['UPDATE_GOLDEN'] === '1') {
        await mkdir(join(golden(name), '..'), { recursive: true });
        await writeFile(golden(name), found.get(name) ?? '');
      }
      assert.equal(found.get(name), await readFile(golden(name), 'utf8'));
    });

    it('is the same to Helm 3 and Helm 4', async () => {
      assert.deepEqual(await objects(values, { ...release, helm: 'helm3' }), await objects(values, release));
    });

    it('holds only fields and values that the newest Kubernetes knows', () => {
      assert.deepEqual(objectsIn(name).flatMap(faultsOf), []);
    });
  });
}

it('Kubernetes 1.25 knows every field of every render', async () => {
  const all = [...found.keys()].flatMap(objectsIn);
  assert.deepEqual(await compiled(all.filter(({ kind }) => !custom.has(kind) && !policies.has(kind))), []);
});

it('has the labels of its release on everything, and names nothing twice', () => {
  for (const name of found.keys()) {
    const all = objectsIn(name);
    for (const { kind, metadata } of all) {
      const labels: Record<string, string> = 'labels' in metadata ? Object(metadata.labels) : {};
      assert.equal(labels['app.kubernetes.io/name'], 'ecr-cred-helper', `${name}: ${kind}`);
      assert.equal(labels['app.kubernetes.io/managed-by'], 'Helm', `${name}: ${kind}`);
    }
    const names = all.map(({ kind, metadata: { namespace, name: own } }) => `${kind} ${namespace}/${own}`);
    assert.deepEqual(names, [...new Set(names)]);
  }
});

it('has no warning of helm lint, in either way to run', async () => {
  for (const helm of ['helm', 'helm3'] as const) {
    for (const mode of ['cronjob', 'controller']) {
      const set = ['--set', `mode=${mode},settings.AWS_REGION=us-east-1`];
      const { code, stdout } = await run(await bundledTool(helm), ['lint', '--strict', chart, ...set]);
      assert.equal(code, 0, stdout);
      assert.doesNotMatch(stdout, /WARNING|ERROR/);
    }
  }
});

describe('an upgrade', () => {
  for (const name of found.keys()) {
    it(`from the recorded render of ${name} changes no field that is immutable`, async () => {
      const before = objectsOf(await readFile(golden(name), 'utf8')).filter((object) => object !== null);
      const next = await nextVersion(name);
      assert.notDeepEqual(next, before, 'the version is in it');
      assert.deepEqual(await applyConflicts(before, next), []);
    });
  }

  it('from one way to run to the other changes none either', async () => {
    const ways = [{ mode: 'cronjob' }, { mode: 'controller' }];
    const [job = [], controller = []] = await Promise.all(ways.map((way) => objects({ ...region, ...way })));
    assert.deepEqual(await applyConflicts(job, controller), []);
    assert.deepEqual(await applyConflicts(controller, job), []);
  });

  it('that would change one is found', async () => {
    const before = await objects({ ...region, mode: 'controller' });
    const changed = before.map((object) => {
      const text = JSON.stringify(object);
      return object.kind === 'Deployment'
        ? JSON.parse(text.replaceAll('"app.kubernetes.io/component"', '"part"'))
        : object;
    });
    const [conflict] = await applyConflicts(before, changed);
    assert.match(conflict ?? '', /field is immutable/);
  });
});

/** What a later version of the chart renders. */
async function nextVersion(name: string): Promise<Manifest[]> {
  const { values, release } = valuesSets[name] ?? { values: {} };
  return withDirectory(async (directory) => {
    await cp(chart, directory, { recursive: true });
    const path = join(directory, 'Chart.yaml');
    const next = (await readFile(path, 'utf8')).replaceAll(/^(version|appVersion): .*$/gm, '$1: 9.9.9');
    await writeFile(path, next);
    return objects(values, { ...release, chart: directory });
  });
}

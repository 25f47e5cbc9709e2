import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { startKubernetes } from '../../../emulators/kubernetes/index.ts';
import { build } from '../../deploy/manifests.ts';
import { bundledTool } from '../../support/bundled-tools.ts';
import { run } from '../tools.ts';

it('a Job that kubectl makes from the CronJob, and sends as protobuf, is the one that it would send as JSON', async () => {
  const kubernetes = await startKubernetes();
  const folder = await mkdtemp(join(tmpdir(), 'ecr-cred-helper-'));
  try {
    await writeFile(join(folder, 'kubeconfig'), kubernetes.kubeconfig());
    kubernetes.createNamespace('ecr-cred-helper');
    kubernetes.applyManifests(await build('deploy/cronjob'));
    const kubectl = await bundledTool('kubectl');
    const make = `${kubectl} -n ecr-cred-helper create job --from=cronjob/ecr-cred-helper`;
    const typed = `${make} typed && ${make} piped --dry-run=client -o json | ${kubectl} create -f -`;
    const { code, stderr } = await run('sh', ['-c', typed], { KUBECONFIG: join(folder, 'kubeconfig') });
    assert.equal(code, 0, stderr);
    const [piped, sent] = ['piped', 'typed'].map((name) => kubernetes.get('batch/v1', 'Job', 'ecr-cred-helper', name));
    assert.deepEqual(withoutNothing(sent?.['spec']), withoutNothing(piped?.['spec']));
    assert.deepEqual(sent?.metadata.ownerReferences, piped?.metadata.ownerReferences);
  } finally {
    await kubernetes.close();
    await rm(folder, { recursive: true });
  }
});

/** An empty object says as much as none. */
function withoutNothing(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_key, each: unknown) => {
    const isEmpty = each === null || (typeof each === 'object' && Object.keys(each).length === 0);
    return isEmpty ? undefined : each;
  });
}

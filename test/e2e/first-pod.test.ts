/** What new pods are given, in a namespace with the label and in one without. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { until } from '../support/until.ts';
import { clusterUnderTest, label, prefix, type Cluster } from './cluster.ts';

type Recorded = { name: string; labelled: boolean; spec: object; imagePullSecrets?: { name?: string }[] };

const { pods }: { pods: Recorded[] } = JSON.parse(
  await readFile(join(import.meta.dirname, '../conformance/admission.json'), 'utf8'),
);
const accounts = { withsecret: 'sa-secret', withours: 'ecr-creds' };

describe('a new pod', () => {
  let cluster: Cluster;
  before(async () => {
    cluster = await clusterUnderTest();
    await cluster.createNamespace('yes', { [label]: 'ecr' });
    await cluster.createNamespace('no', {});
    for (const namespace of ['yes', 'no']) {
      for (const [name, secret] of Object.entries(accounts)) {
        const path = `/api/v1/namespaces/${prefix}-${namespace}/serviceaccounts`;
        const imagePullSecrets = [{ name: secret }];
        await cluster.create(path, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name }, imagePullSecrets });
      }
    }
    // A server takes a moment until a new policy holds.
    if (cluster.has.firstPod)
      await until('the policy holds', async () => (await cluster.pod('yes', {}, true)) !== undefined);
  });
  after(() => cluster.close());

  for (const [index, { name, labelled, spec, imagePullSecrets }] of pods.entries()) {
    it(`${index}: ${name}${labelled ? '' : ', without the label'}`, async () => {
      const got = await cluster.pod(labelled ? 'yes' : 'no', spec, name === 'dry run');
      const without = pods.find((pod) => !pod.labelled && pod.name === name)?.imagePullSecrets;
      assert.deepEqual(got, cluster.has.firstPod ? imagePullSecrets : without);
    });
  }
});

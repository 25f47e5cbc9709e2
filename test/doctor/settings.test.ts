/** The settings that an installation gives its pods, and who may see them. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { objectsOf } from '../deploy/manifests.ts';
import { cronJobPath, finds, giveKey, host, runningCronJob, typedMends, wellStage, type Stage } from './stage.ts';

const ns = 'ecr-cred-helper';

describe('doctor, of the settings', () => {
  let stage: Stage;
  before(async () => {
    stage = await wellStage();
  });
  after(() => stage.close());
  const patch = (data: Record<string, string | null>) =>
    stage.merge(`/api/v1/namespaces/${ns}/configmaps/${ns}`, { data });

  it('names a ConfigMap without which no container starts', async () => {
    const configMap = stage.kubernetes.remove('v1', 'ConfigMap', ns, ns);
    await stage.merge(cronJobPath, envOf('AWS_REGION', { configMapKeyRef: { name: ns, key: 'AWS_REGION' } }));
    await typedMends(stage, 'ReferenceMissing');
    await runningCronJob(stage);
    stage.kubernetes.apply({ ...configMap, metadata: { name: ns, namespace: ns } });
  });

  it('names a key of one that nobody takes', async () => {
    await patch({ 'README.md': 'who to ask about it' });
    await finds(stage, 'KeyUnread');
    await patch({ 'README.md': null });
  });

  it('names a registry that is the own one', async () => {
    await patch({ DOCKER_REGISTRY: host });
    await finds(stage, 'RegistryOfAccount', ['--verbose']);
    await patch({ DOCKER_REGISTRY: null });
  });

  it('says whose credentials AWS was asked with, where it is not those of the pods', async () => {
    await stage.merge(`/api/v1/namespaces/${ns}/secrets/aws-creds`, { data: null });
    await finds(stage, 'AskedWithOtherCredentials');
    giveKey(stage);
  });

  function envOf(name: string, valueFrom: object): object {
    const containers = [{ name: ns, image: `ghcr.io/${ns}/${ns}:2.0.0`, env: [{ name, valueFrom }] }];
    return { spec: { jobTemplate: { spec: { template: { spec: { containers } } } } } };
  }
});

describe('doctor, run by somebody who may see little', () => {
  let stage: Stage;
  before(async () => {
    stage = await wellStage();
    const token = stage.kubernetes.serviceAccountToken('default', 'oncall');
    await writeFile(join(stage.directory, 'oncall'), stage.kubernetes.kubeconfig({ token }));
    const role = await readFile(join(import.meta.dirname, '../../deploy/operators/doctor.yaml'), 'utf8');
    const [clusterRole] = objectsOf(role).filter(({ kind }) => kind === 'ClusterRole');
    // Without the Role in the namespace of the installation: its settings are not read.
    stage.kubernetes.applyManifests([
      clusterRole ?? {},
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: 'oncall' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: clusterRole?.metadata.name },
        subjects: [{ kind: 'ServiceAccount', namespace: 'default', name: 'oncall' }],
      },
    ]);
  });
  after(() => stage.close());

  it('judges the settings of the machine instead, and says so', async () => {
    await finds(stage, 'SettingsUnseen', [], { KUBECONFIG: join(stage.directory, 'oncall') });
  });

  it('says nothing of permissions where it may not ask on behalf of the account', async () => {
    const kubeconfig = { KUBECONFIG: join(stage.directory, 'oncall') };
    const [asked] = await finds(stage, 'AskedAsOurselves', [], kubeconfig);
    assert.match(asked?.command ?? '', /create job/);
    const told = await stage.told([], kubeconfig);
    assert.deepEqual(
      told.filter(({ check }) => ['kubernetes/permissions', 'kubernetes/excess'].includes(check)),
      [],
    );
    const [admission] = told.filter(({ check }) => check === 'namespaces/admission');
    assert.match(admission?.found ?? '', /^could not look: as ourselves writing is not allowed/);
  });

  it('says whom to ask as where it was asked as a person', async () => {
    await finds(stage, 'AskedAsSomebodyElse', ['--as', 'jane@example.com']);
  });
});

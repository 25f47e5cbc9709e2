/** Doctor of an installation whose names are not the usual ones, from a laptop and from a pod of the installation's own. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { buildOwn, objectsOf } from '../deploy/manifests.ts';
import { giveKey, servedStage, type Stage, type Told } from './stage.ts';

const platform = 'platform';
/** The controller in a namespace of its own choice, with a Lease of another name. */
const kustomization = `
namespace: ${platform}
resources:
  - https://github.com/ecr-cred-helper/ecr-cred-helper//deploy/controller?ref=v2.0.0
configMapGenerator:
  - {name: ecr-cred-helper-controller, namespace: ecr-cred-helper, behavior: merge, literals: [ECR_LEASE_NAME=elected]}
patches:
  - target: {kind: Role, name: ecr-cred-helper-lease}
    patch: |-
      - {op: replace, path: /rules/0/resourceNames, value: [elected]}
`;

const amiss = ({ severity, reason }: Told) =>
  severity === 'problem' || ['RoleAllowsMore', 'PermissionMissing'].includes(reason);

describe('doctor, of a controller in another namespace with a Lease of another name', () => {
  let stage: Stage;
  before(async () => {
    stage = await servedStage();
    stage.kubernetes.createNamespace(platform);
    giveKey(stage, undefined, platform);
    for (const object of objectsOf(await buildOwn(kustomization))) {
      if (object.kind !== 'PodDisruptionBudget') stage.kubernetes.apply(object);
    }
    const path = `/apis/apps/v1/namespaces/${platform}/deployments/ecr-cred-helper`;
    await stage.setStatus(path, { replicas: 2, readyReplicas: 2 });
  });
  after(() => stage.close());

  it('asks for the Lease that its settings name', async () => {
    const told = await stage.told();
    assert.deepEqual(told.filter(amiss), []);
    assert.ok(
      told.some(({ looked }) => looked === 'get, update, watch leases.coordination.k8s.io "elected" in platform'),
    );
  });

  it('asks for none where its settings have it elect nobody', async () => {
    const [config] = stage.kubernetes
      .list('v1', 'ConfigMap', platform)
      .filter(({ metadata }) => metadata.name.startsWith('ecr-cred-helper-controller'));
    const path = `/api/v1/namespaces/${platform}/configmaps/${config?.metadata.name}`;
    await stage.merge(path, { data: { ECR_LEADER_ELECTION: 'false' } });
    const told = await stage.told();
    await stage.merge(path, { data: { ECR_LEADER_ELECTION: null } });
    // The role that is shipped allows it all the same, and is not called wide for that.
    assert.deepEqual(told.filter(amiss), []);
    assert.deepEqual(
      told.filter(({ looked }) => looked.includes('leases')),
      [],
    );
  });

  it('takes the rules of its account for what they are where it may look at no Deployment', async () => {
    await writeFile(join(stage.directory, 'namespace'), platform);
    await writeFile(join(stage.directory, 'token'), stage.kubernetes.serviceAccountToken(platform, 'ecr-cred-helper'));
    const { stdout } = await stage.inCluster(['-o', 'json']);
    const { findings }: { findings: Told[] } = JSON.parse(stdout);
    assert.deepEqual(findings.filter(amiss), []);
    const fence = findings.find(({ check }) => check === 'kubernetes/fence');
    assert.equal(fence?.looked, `a fence around system:serviceaccount:${platform}:ecr-cred-helper`);
  });
});

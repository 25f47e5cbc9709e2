/** Whoever has the role for doctor sees everything, and of what is taken away it is said that it could not be looked at. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Role } from 'kubernetes-types/rbac/v1.js';
import { objectsOf, ofKind, root } from '../deploy/manifests.ts';
import type { Manifest } from '../deploy/schema.ts';
import { waitingPod, wellStage, type Stage, type Told } from './stage.ts';

const rbac = 'rbac.authorization.k8s.io/v1';
const name = 'ecr-cred-helper-doctor';
const shipped = objectsOf(await readFile(join(root, 'deploy/operators/doctor.yaml'), 'utf8'));

describe('doctor, run by somebody on call', () => {
  let stage: Stage;
  before(async () => {
    stage = await wellStage();
    // A permission less is told of, too: then roles are looked at.
    stage.kubernetes.apply({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { namespace: 'default', name: 'oncall' },
    });
    const kubeconfig = join(stage.directory, 'oncall');
    await writeFile(
      kubeconfig,
      stage.kubernetes.kubeconfig({ token: stage.kubernetes.serviceAccountToken('default', 'oncall') }),
    );
    const subjects = [{ kind: 'ServiceAccount', namespace: 'default', name: 'oncall' }];
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', name };
    stage.kubernetes.applyManifests([
      {
        apiVersion: rbac,
        kind: 'ClusterRoleBinding',
        metadata: { name },
        roleRef: { ...roleRef, kind: 'ClusterRole' },
        subjects,
      },
      {
        apiVersion: rbac,
        kind: 'RoleBinding',
        metadata: { name, namespace: 'ecr-cred-helper' },
        roleRef: { ...roleRef, kind: 'Role' },
        subjects,
      },
    ]);
    await waitingPod(stage, 'web-0');
    // Too wide by a verb, so that there is something to be said of it.
    const wide = { apiGroups: [''], resources: ['configmaps'], verbs: ['list'] };
    const { rules } = stage.kubernetes.get(rbac, 'ClusterRole', '', 'ecr-cred-helper') as { rules?: object[] };
    await stage.merge(`/apis/${rbac}/clusterroles/ecr-cred-helper`, { rules: [...(rules ?? []), wide] });
  });
  after(() => stage.close());

  /** What could not be looked at, or was looked at in another way. */
  async function unseen(roles: readonly Manifest[]): Promise<string[]> {
    for (const { kind, metadata } of shipped)
      stage.kubernetes.remove(rbac, kind, metadata.namespace ?? '', metadata.name);
    stage.kubernetes.applyManifests(roles);
    const told: Told[] = await stage.told([], { KUBECONFIG: join(stage.directory, 'oncall') });
    const signs = told.filter(
      ({ reason, fix }) =>
        ['CouldNotLook', 'AskedAsOurselves', 'SettingsUnseen', 'NoNamespaces'].includes(reason) ||
        (reason === 'RoleAllowsMore' && !fix.includes('kubectl patch clusterrole')),
    );
    return [...new Set([...signs.map(({ check }) => check), ...(await unexplained())])];
  }

  /** The same of explain. */
  async function unexplained(): Promise<string[]> {
    const env = { ...stage.laptop, KUBECONFIG: join(stage.directory, 'oncall') };
    const { stdout } = await stage.run(['explain', 'web-0', '-n', 'team-a', '-o', 'json'], env);
    const { findings }: { findings: Told[] } = JSON.parse(stdout);
    const signs = findings.filter(
      ({ reason, found }) => ['CouldNotLook', 'PodForbidden'].includes(reason) || found.includes('may not be read'),
    );
    return signs.map(({ check }) => `explain: ${check}`);
  }

  it('can look at everything with the role that is for that', async () => {
    assert.deepEqual(await unseen(shipped), []);
  });

  /** Each permission, and the check that says that it lacks. */
  const needed: [verb: string, resource: string, checks: string[]][] = [
    ['list', 'namespaces', ['namespaces/labels']],
    ['get', 'namespaces', ['explain: namespaces/labels']],
    ['list', 'pods', ['secrets/pods']],
    ['get', 'pods', ['explain: pod/images']],
    ['list', 'events', ['explain: pod/images']],
    ['get', 'secrets ecr-creds', ['secrets/state']],
    ['list', 'cronjobs', ['workload/state']],
    ['list', 'jobs', ['workload/state']],
    ['list', 'deployments', ['workload/state']],
    ['get', 'clusterroles', ['kubernetes/excess']],
    ['list', 'clusterroles', ['kubernetes/excess']],
    ['list', 'clusterrolebindings', ['kubernetes/excess']],
    ['list', 'validatingadmissionpolicies', ['kubernetes/fence']],
    ['list', 'validatingadmissionpolicybindings', ['kubernetes/fence']],
    ['list', 'mutatingadmissionpolicies', ['secrets/first-pod']],
    ['get', 'configmaps ecr-cred-helper', ['configuration/installation']],
    ['get', 'secrets aws-creds', ['configuration/installation']],
    ['get', 'serviceaccounts ecr-cred-helper', ['configuration/installation']],
    ['impersonate', 'serviceaccounts ecr-cred-helper', ['kubernetes/identity']],
    ['get', 'roles', ['kubernetes/excess']],
    ['list', 'roles', ['kubernetes/excess']],
    ['list', 'rolebindings', ['kubernetes/excess']],
  ];

  it('has a role of which each permission is tried here', () => {
    const rules = [...ofKind(shipped, 'ClusterRole'), ...ofKind(shipped, 'Role')].flatMap(
      ({ rules: own }) => own ?? [],
    );
    const parts = rules.flatMap(({ verbs, resources = [], resourceNames = [] }) =>
      resources.flatMap((resource) =>
        verbs.map((verb) => `${verb} ${[resource, ...resourceNames.slice(0, 1)].join(' ')}`),
      ),
    );
    assert.deepEqual(parts.toSorted(), needed.map(([verb, resource]) => `${verb} ${resource}`).toSorted());
  });

  for (const [verb, resource, checks] of needed) {
    it(`says at what it could not look without ${verb} on ${resource}`, async () => {
      const less = shipped.map((object) => without(object, verb, resource));
      assert.deepEqual(
        (await unseen(less)).filter((check) => checks.includes(check)),
        checks,
      );
    });
  }
});

function without(object: Manifest, verb: string, wanted: string): Manifest {
  const [resource = '', name] = wanted.split(' ');
  // Only roles stand in that file.
  const { rules = [] } = object as unknown as Role;
  const less = rules.flatMap((rule) => {
    if (rule.resources?.includes(resource) !== true || (name !== undefined && rule.resourceNames?.[0] !== name))
      return [rule];
    const others = rule.resources.filter((each) => each !== resource);
    const verbs = rule.verbs.filter((each) => each !== verb);
    return [
      ...(others.length === 0 ? [] : [{ ...rule, resources: others }]),
      ...(verbs.length === 0 ? [] : [{ ...rule, resources: [resource], verbs }]),
    ];
  });
  return Object.assign({}, object, { rules: less });
}

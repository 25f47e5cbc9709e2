/** What doctor takes for needed and what the shipped roles allow are the same, both ways. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { PolicyRule } from 'kubernetes-types/rbac/v1.js';
import { needsOf, type RunsAs } from '../../src/core/doctor/permissions.ts';
import { bindingOf, type Need } from '../../src/core/doctor/roles.ts';
import { build, legacy, objectsOf, ofKind } from '../deploy/manifests.ts';
import type { Manifest } from '../deploy/schema.ts';
import { account, isGolden, startStage, type Stage, type Told } from './stage.ts';

const rbac = 'rbac.authorization.k8s.io/v1';
const lease = { namespace: 'ecr-cred-helper', name: 'ecr-cred-helper', isUsed: true };
const installation = { secretName: 'ecr-creds', lease };

/** What is shipped, and whose roles these are. */
const shipped: [from: string, objects: Manifest[], runsAs: RunsAs][] = [
  ['deploy/cronjob', objectsOf(await build('deploy/cronjob')), 'job'],
  ['deploy/legacy.yaml', objectsOf(await legacy()), 'job'],
  ['deploy/controller', objectsOf(await build('deploy/controller')), 'controller'],
];

for (const [from, all, runsAs] of shipped) {
  const objects = all.filter(({ apiVersion }) => apiVersion === rbac);
  const needs = needsOf({ runsAs, ...installation });

  describe(`doctor, run as ${from}`, () => {
    let stage: Stage;
    before(async () => {
      stage = await startStage();
    });
    after(() => stage.close());

    it('has nothing to say of its permissions', async () => {
      const findings = await permissionsUnder(stage, objects);
      assert.deepEqual(
        findings.filter(({ severity }) => severity !== 'ok'),
        [],
      );
      assert.equal(findings.at(-1)?.reason, 'RoleIsTight');
    });

    it('has as many needs as the roles have permissions', () => {
      const permissions = rulesOf(objects).flatMap(({ verbs, resources = [] }) =>
        verbs.map((verb) => [verb, ...resources]),
      );
      assert.equal(permissions.length, needs.length);
    });

    for (const need of needs) {
      it(`without ${need.verb} on ${need.resource} names exactly that rule`, async () => {
        const less = objects.map((object) => without(object, need));
        assert.notDeepEqual(less, objects, 'no role allows what is needed');
        const findings = await permissionsUnder(stage, less);
        const missing = findings.filter(({ reason }) => reason === 'PermissionMissing');
        assert.deepEqual(
          missing.map(({ found }) => /^not allowed: \w+ /.exec(found)?.[0]),
          [`not allowed: ${need.verb} `],
        );
        const typed = await stage.typed(missing[0]?.command ?? 'false');
        assert.equal(typed.code, 0, typed.stderr);
      });
    }

    const bindings = [...ofKind(objects, 'ClusterRoleBinding'), ...ofKind(objects, 'RoleBinding')];
    for (const { kind = '', metadata: { namespace = '', name = '' } = {}, roleRef } of bindings) {
      it(`without the ${kind} ${name} names that it is missing, and nothing else`, async () => {
        await permissionsUnder(stage, objects);
        for (const known of stage.kubernetes.list(rbac, kind, namespace)) {
          if (bindingOf('ClusterRoleBinding', known).role.name === roleRef.name)
            stage.kubernetes.remove(rbac, kind, namespace, known.metadata.name);
        }
        // What runs tells which roles it needs.
        const running = all.filter((object) => object.kind === 'CronJob' || object.kind === 'Deployment');
        for (const object of running) stage.kubernetes.apply(object);
        const amiss = (await told(stage)).filter(({ severity }) => severity !== 'ok');
        for (const each of running)
          stage.kubernetes.remove(each.apiVersion, each.kind, each.metadata.namespace ?? '', each.metadata.name);
        assert.deepEqual(
          amiss.map(({ reason, looked }) => [reason, looked.split(' ')[1]]),
          [['BindingMissing', roleRef.name]],
        );
        const typed = await stage.typed(amiss[0]?.command ?? 'false');
        assert.equal(typed.code, 0, typed.stderr);
      });
    }

    it('has nothing to say where all that it said was typed', async () => {
      assert.deepEqual(
        (await told(stage)).filter(({ severity }) => severity !== 'ok'),
        [],
      );
    });
  });
}

describe('doctor, run as an account without any role', () => {
  it('names every rule there has to be', async () => {
    const stage = await startStage();
    try {
      stage.kubernetes.remove(rbac, 'ClusterRoleBinding', '', 'ecr-cred-helper');
      stage.kubernetes.createNamespace('team-a', { credentialType: 'ecr' });
      await isGolden('role-missing', (more) => stage.doctor(more));
    } finally {
      await stage.close();
    }
  });
});

/** What doctor says of permissions where the account has these roles. */
async function permissionsUnder(stage: Stage, objects: readonly Manifest[]): Promise<Told[]> {
  for (const { kind, metadata } of objects)
    stage.kubernetes.remove(rbac, kind, metadata.namespace ?? '', metadata.name);
  stage.kubernetes.applyManifests(objects);
  return told(stage);
}

async function told(stage: Stage): Promise<Told[]> {
  const findings = await stage.told(['--as', account]);
  return findings.filter(({ check }) => check === 'kubernetes/permissions' || check === 'kubernetes/excess');
}

function rulesOf(objects: readonly Manifest[]): PolicyRule[] {
  return [...ofKind(objects, 'ClusterRole'), ...ofKind(objects, 'Role')].flatMap(({ rules }) => rules ?? []);
}

/** The object, if it is a role, without the permission. A rule without verbs is not allowed, so it goes with its last one. */
function without(object: Manifest, { verb, resource, name }: Need): Manifest {
  const rules = rulesOf([object]);
  if (rules.length === 0) return object;
  const less = rules.map((rule) => {
    const allows = rule.resources?.includes(resource) === true && rule.resourceNames?.[0] === name;
    return allows ? { ...rule, verbs: rule.verbs.filter((each) => each !== verb) } : rule;
  });
  return Object.assign({}, object, { rules: less.filter(({ verbs }) => verbs.length > 0) });
}

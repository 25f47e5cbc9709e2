import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { needsOf, ruleFor, type RunsAs } from '../../src/core/doctor/permissions.ts';
import { isGolden, startStage, type Stage } from './stage.ts';

type Rule = { apiGroups: string[]; resources: string[]; resourceNames?: string[]; verbs: string[] };
type Role = { apiVersion: string; kind: string; metadata: { name: string; namespace?: string }; rules: Rule[] };

const root = join(import.meta.dirname, '../..');
const rbac = 'rbac.authorization.k8s.io/v1';

/** The shipped roles, and whose they are. */
const shipped: Record<string, { roles: Role[]; runsAs: RunsAs }> = {
  'deploy/base/cluster-role.yaml': { roles: await rolesIn('deploy/base/cluster-role.yaml'), runsAs: 'job' },
  'deploy/legacy.yaml': { roles: await rolesIn('deploy/legacy.yaml'), runsAs: 'job' },
};

for (const [file, { roles, runsAs }] of Object.entries(shipped)) {
  describe(`doctor, run as ${file}`, () => {
    let stage: Stage;
    before(async () => {
      stage = await startStage();
    });
    after(() => stage.close());

    it('has nothing to say of its permissions', async () => {
      const findings = await permissionsUnder(stage, roles);
      assert.deepEqual(
        findings.filter(({ severity }) => severity !== 'ok'),
        [],
      );
      assert.deepEqual(
        findings.map(({ reason }) => reason),
        ['PermissionGranted', 'PermissionGranted', 'RoleIsTight'],
      );
    });

    for (const { role, rule, verb } of partsOf(roles)) {
      it(`without ${verb} on ${rule.resources.join()} names exactly that rule`, async () => {
        const less = roles.map((each) => (each === role ? without(each, rule, verb) : each));
        const findings = await permissionsUnder(stage, less);
        const need = needsOf({ runsAs, secretName: 'ecr-creds', namespace: 'ecr-cred-helper' }).find(
          (each) => each.verb === verb && rule.resources.includes(each.resource),
        );
        assert.ok(need !== undefined, 'the role allows what nothing needs');
        assert.deepEqual(
          findings.filter(({ reason }) => reason === 'PermissionMissing').map(({ fix }) => fix),
          [`Add to its ClusterRole: ${ruleFor(need, [verb])}`],
        );
      });
    }
  });
}

describe('doctor, run as an account without any role', () => {
  it('names every rule there has to be', async () => {
    const stage = await startStage();
    try {
      stage.kubernetes.remove(rbac, 'ClusterRoleBinding', '', 'ecr-cred-helper');
      stage.kubernetes.createNamespace('team-a', { credentialType: 'ecr' });
      await isGolden('role-missing.txt', await stage.doctor());
    } finally {
      await stage.close();
    }
  });
});

type Told = { check: string; severity: string; reason: string; fix: string };

/** What doctor says of permissions where the account has these roles. */
async function permissionsUnder(stage: Stage, roles: readonly Role[]): Promise<Told[]> {
  for (const role of roles) stage.kubernetes.remove(rbac, 'ClusterRole', '', role.metadata.name);
  stage.kubernetes.applyManifests(roles);
  const { stdout } = await stage.doctor(['--output', 'json']);
  const { findings }: { findings: Told[] } = JSON.parse(stdout);
  return findings.filter(({ check }) => check === 'kubernetes/permissions' || check === 'kubernetes/excess');
}

async function rolesIn(file: string): Promise<Role[]> {
  const documents = parseAllDocuments(await readFile(join(root, file), 'utf8'));
  return documents
    .map((document): Role => document.toJS())
    .filter(({ kind }) => kind === 'ClusterRole' || kind === 'Role');
}

function partsOf(roles: readonly Role[]): { role: Role; rule: Rule; verb: string }[] {
  return roles.flatMap((role) => role.rules.flatMap((rule) => rule.verbs.map((verb) => ({ role, rule, verb }))));
}

/** A rule without verbs is not allowed, so it goes with its last one. */
function without(role: Role, rule: Rule, verb: string): Role {
  const left = { ...rule, verbs: rule.verbs.filter((each) => each !== verb) };
  return {
    ...role,
    rules: role.rules.map((each) => (each === rule ? left : each)).filter(({ verbs }) => verbs.length > 0),
  };
}

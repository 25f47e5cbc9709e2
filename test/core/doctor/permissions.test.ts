import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApiReply } from '../../../src/core/api/reply.ts';
import {
  allowed,
  findExcess,
  findPermissions,
  mentionsLeases,
  needsOf,
  ruleFor,
  type Need,
} from '../../../src/core/doctor/permissions.ts';

const job = { runsAs: 'job', secretName: 'ecr-creds', namespace: 'here' } as const;
const answer = (status: number, body: unknown): ApiReply => ({ kind: 'answer', status, body });
const decided = (is: unknown) => answer(201, { status: { allowed: is } });
const inWords = ({ verb, resource, name = '*', namespace = '*' }: Need) =>
  `${verb} ${resource} ${name} in ${namespace}`;

describe('what the program needs', () => {
  it('is in a CronJob to list namespaces, and to read and write the one secret', () => {
    assert.deepEqual(needsOf(job).map(inWords), [
      'list namespaces * in *',
      'create secrets ecr-creds in *',
      'patch secrets ecr-creds in *',
      'get secrets ecr-creds in *',
    ]);
  });
  it('is in a controller to see them, too, to send Events and to hold its Lease', () => {
    assert.deepEqual(needsOf({ ...job, runsAs: 'controller' }).map(inWords), [
      'list namespaces * in *',
      'watch namespaces * in *',
      'create secrets ecr-creds in *',
      'patch secrets ecr-creds in *',
      'get secrets ecr-creds in *',
      'list secrets ecr-creds in *',
      'watch secrets ecr-creds in *',
      'create events * in *',
      'create leases * in here',
      'get leases ecr-cred-helper in here',
      'update leases ecr-cred-helper in here',
      'watch leases ecr-cred-helper in here',
    ]);
  });
});

describe('a permission', () => {
  const cases: Record<string, [reply: ApiReply, decision: boolean | undefined]> = {
    'is there where the server says so': [decided(true), true],
    'is missing where the server says so': [decided(false), false],
    'is not known where the server says neither': [decided('true'), undefined],
    'is not known where the answer is none of the API server': [answer(200, '<html>'), undefined],
    'is not known where it may not be asked for': [answer(403, { status: { allowed: true } }), undefined],
    'is not known where nobody answers': [{ kind: 'broken', cause: 'TimedOut', message: 'late' }, undefined],
  };
  for (const [title, [reply, decision]] of Object.entries(cases)) {
    it(title, () => assert.equal(allowed(reply), decision));
  }

  const asked = (decide: (need: Need) => unknown, installation = needsOf(job)) =>
    findPermissions(installation.map((need) => ({ need, reply: decided(decide(need)) })));
  it('is told for each resource with all its verbs', () => {
    assert.deepEqual(
      asked(() => true).map(({ reason, looked }) => `${reason}: ${looked}`),
      [
        'PermissionGranted: list namespaces',
        'PermissionGranted: create, patch, get secrets "ecr-creds" in every namespace',
      ],
    );
  });
  it('that is missing is told with the rule to add, which allows what is missing alone', () => {
    const [, secrets] = asked(({ verb }) => verb !== 'patch');
    assert.equal(secrets?.reason, 'PermissionMissing');
    assert.match(
      secrets?.fix ?? '',
      /ClusterRole.*\{apiGroups: \[""\], resources: \[secrets\], resourceNames: \[ecr-creds\], verbs: \[patch\]\}/,
    );
  });
  it('that is missing in one namespace is mended by a Role there', () => {
    const findings = asked(({ resource }) => resource !== 'leases', needsOf({ ...job, runsAs: 'controller' }));
    assert.match(findings.at(-1)?.fix ?? '', /Role in here/);
  });
  it('that cannot be asked for is no missing one', () => {
    assert.deepEqual(
      asked(() => undefined).map(({ reason }) => reason),
      ['CouldNotLook'],
    );
  });
  it('is written as a rule that can stand in a role', () => {
    assert.equal(
      ruleFor({ group: 'events.k8s.io', resource: 'events' }, ['create', 'get']),
      '{apiGroups: [events.k8s.io], resources: [events], verbs: [create, get]}',
    );
  });
});

describe('a role', () => {
  type Rule = { apiGroups: string[]; resources: string[]; verbs: string[]; resourceNames?: string[] };
  const rules = (...resourceRules: unknown[]) => answer(201, { status: { resourceRules, incomplete: false } });
  const secrets: Rule = {
    apiGroups: [''],
    resources: ['secrets'],
    verbs: ['get', 'patch', 'create'],
    resourceNames: ['ecr-creds'],
  };
  const cases: Record<string, [reply: ApiReply, reasons: string[]]> = {
    'is tight where it allows what is needed': [rules(secrets), ['RoleIsTight']],
    'is tight with what an option needs': [rules({ ...secrets, verbs: ['list', 'delete'] }), ['RoleIsTight']],
    'is tight with what everybody may': [
      rules({ apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectaccessreviews'], verbs: ['create'] }),
      ['RoleIsTight'],
    ],
    'allows more where it names no secret': [rules({ ...secrets, resourceNames: [] }), ['RoleAllowsMore']],
    'allows more where it names another secret, too': [
      rules({ ...secrets, resourceNames: ['ecr-creds', 'tls'] }),
      ['RoleAllowsMore'],
    ],
    'allows more where it has another verb': [rules({ ...secrets, verbs: ['get', 'update'] }), ['RoleAllowsMore']],
    'allows more where it has another resource': [
      rules({ ...secrets, resources: ['secrets', 'configmaps'] }),
      ['RoleAllowsMore'],
    ],
    'allows more where it has another group': [rules({ ...secrets, apiGroups: ['', 'apps'] }), ['RoleAllowsMore']],
    'is told once of a rule that it has twice': [
      rules({ ...secrets, verbs: ['*'] }, { ...secrets, verbs: ['*'] }),
      ['RoleAllowsMore'],
    ],
    'is not called tight where the server does not tell all of it': [
      answer(201, { status: { resourceRules: [], incomplete: true } }),
      [],
    ],
    'is not known where the server does not tell it': [answer(403, {}), ['CouldNotLook']],
  };
  for (const [title, [reply, reasons]] of Object.entries(cases)) {
    it(title, () =>
      assert.deepEqual(
        findExcess(reply, job, 'a').map(({ reason }) => reason),
        reasons,
      ),
    );
  }
  it("is the controller's where it asks for leases", () => {
    assert.equal(
      mentionsLeases(rules({ apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get'] })),
      true,
    );
    assert.equal(mentionsLeases(rules(secrets)), false);
  });
});

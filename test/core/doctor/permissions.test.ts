import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApiReply } from '../../../src/core/api/reply.ts';
import {
  allowed,
  findExcess,
  findPermissions,
  needsOf,
  ruleFor,
  useShownBy,
} from '../../../src/core/doctor/permissions.ts';
import {
  bindingOf,
  isBoundTo,
  roleOf,
  type Binding,
  type Need,
  type Role,
  type Roles,
} from '../../../src/core/doctor/roles.ts';

const lease = { namespace: 'here', name: 'ecr-cred-helper', isUsed: true };
const job = { runsAs: 'job', secretName: 'ecr-creds', lease } as const;
const account = 'system:serviceaccount:here:helper';
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
    findPermissions(
      installation.map((need) => ({ need, reply: decided(decide(need)) })),
      { account },
    );
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
        findExcess(reply, [job], { account }).map(({ reason }) => reason),
        reasons,
      ),
    );
  }
  it('is told verb by verb what it allows too much', () => {
    const wide = { ...secrets, verbs: ['create', 'patch', 'get', 'update', 'deletecollection'] };
    const [found] = findExcess(rules(wide), [job], { account });
    assert.equal(found?.found, 'it allows more than is needed: update, deletecollection secrets "ecr-creds"');
  });
  it('is not too much where another that runs as the account needs it', () => {
    const watching = rules({ ...secrets, verbs: ['get', 'watch'] });
    const reasonsOf = (...all: Parameters<typeof findExcess>[1]) =>
      findExcess(watching, all, { account }).map(({ reason }) => reason);
    assert.deepEqual(reasonsOf(job), ['RoleAllowsMore']);
    assert.deepEqual(reasonsOf(job, { ...job, runsAs: 'controller' }), ['RoleIsTight']);
    assert.deepEqual(reasonsOf(job, { ...job, runsAs: 'controller', secretName: 'other' }), ['RoleAllowsMore']);
  });
  it("is the controller's where it asks for leases, and for the Lease that they name", () => {
    const named = {
      apiGroups: ['coordination.k8s.io'],
      resources: ['leases'],
      verbs: ['get'],
      resourceNames: ['mine'],
    };
    const controller = { ...job, runsAs: 'controller', lease: { ...lease, name: 'mine' } };
    assert.deepEqual(useShownBy(rules(named), 'ecr-creds', 'here'), controller);
    assert.deepEqual(useShownBy(rules(secrets), 'ecr-creds', 'here'), job);
  });
  it('may be for a Lease that nobody is elected by: the role that is shipped is not wide', () => {
    const alone = { ...job, runsAs: 'controller', lease: { ...lease, isUsed: false } } as const;
    assert.ok(!needsOf(alone).some(({ resource }) => resource === 'leases'));
    const own = { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get'] };
    const reasonsFor = (name: string) =>
      findExcess(rules({ ...own, resourceNames: [name] }), [alone], { account }).map(({ reason }) => reason);
    assert.deepEqual(reasonsFor('ecr-cred-helper'), ['RoleIsTight']);
    assert.deepEqual(reasonsFor('other'), ['RoleAllowsMore']);
  });
});

describe('what mends a role', () => {
  const secretsRule = {
    apiGroups: [''],
    resources: ['secrets'],
    resourceNames: ['ecr-creds'],
    verbs: ['create', 'patch', 'get'],
  };
  const namespacesRule = { apiGroups: [''], resources: ['namespaces'], verbs: ['list'] };
  const shippedLabel = { 'app.kubernetes.io/name': 'ecr-cred-helper' };
  const clusterRole = (name: string, rules: object[], labels: object = {}): Role =>
    roleOf('ClusterRole', { metadata: { name, labels }, rules });
  const subject = { kind: 'ServiceAccount', namespace: 'here', name: 'helper' };
  const binding = (name: string, role: Role, subjects: object[] = [subject]): Binding =>
    bindingOf('ClusterRoleBinding', { metadata: { name }, roleRef: { kind: role.kind, name: role.name }, subjects });
  const granted = (role: Role, through = binding(role.name, role), bindings = [through]) => ({
    role,
    through,
    bindings,
  });
  const missing = (allowed: (need: Need) => boolean, roles: Roles, needs = needsOf(job)) =>
    findPermissions(
      needs.map((need) => ({ need, reply: decided(allowed(need)) })),
      { account, roles },
    ).filter(({ severity }) => severity === 'problem');

  const ours = clusterRole('ecr-cred-helper', [namespacesRule, secretsRule], shippedLabel);

  it('is a binding where the role is there and nobody has it: that is told, and not its rules', () => {
    const [found, ...more] = missing(() => false, { grants: [], unbound: [{ role: ours, bindings: [] }] });
    assert.deepEqual(more, []);
    assert.equal(found?.reason, 'BindingMissing');
    assert.match(
      found.found,
      /may not list namespaces, nor create, patch, get secrets "ecr-creds" in every namespace$/,
    );
    assert.equal(
      found.fix,
      'Bind it: kubectl create clusterrolebinding ecr-cred-helper --clusterrole=ecr-cred-helper --serviceaccount=here:helper',
    );
  });
  it('is never something that a shell would do, whatever a role is called', () => {
    const odd = clusterRole('a b;$(id)', [namespacesRule, secretsRule], shippedLabel);
    const [found] = missing(() => false, { grants: [], unbound: [{ role: odd, bindings: [] }] });
    assert.match(found?.fix ?? '', /create clusterrolebinding 'a b;\$\(id\)' --clusterrole='a b;\$\(id\)' /);
  });
  it('is another subject where the binding is there for somebody else', () => {
    const bindings = [binding('its', ours, [{ ...subject, namespace: 'there' }])];
    const [found] = missing(() => false, { grants: [], unbound: [{ role: ours, bindings }] });
    assert.equal(found?.fix, 'Bind it: kubectl set subject clusterrolebinding its --serviceaccount=here:helper');
  });
  it('is not another role where it has one, which lacks something', () => {
    const less = clusterRole('mine', [secretsRule]);
    const unbound = [{ role: ours, bindings: [] }];
    const [found] = missing(({ resource }) => resource !== 'namespaces', { grants: [granted(less)], unbound });
    assert.match(found?.fix ?? '', /^Allow it: kubectl patch clusterrole mine /);
  });
  it('is of two roles the one that gives more, and the other for what is left', () => {
    const lease = roleOf('Role', {
      metadata: { name: 'lease', namespace: 'here', labels: shippedLabel },
      rules: [{ apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['*'] }],
    });
    const controller = clusterRole(
      'controller',
      [
        { ...namespacesRule, verbs: ['list', 'watch'] },
        { ...secretsRule, verbs: ['*'] },
        { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create'] },
      ],
      shippedLabel,
    );
    const unbound = [ours, lease, controller].map((role) => ({ role, bindings: [] }));
    const found = missing(() => false, { grants: [], unbound }, needsOf({ ...job, runsAs: 'controller' }));
    assert.deepEqual(
      found.map(({ fix }) => fix),
      [
        'Bind it: kubectl create clusterrolebinding controller --clusterrole=controller --serviceaccount=here:helper',
        'Bind it: kubectl -n here create rolebinding lease --role=lease --serviceaccount=here:helper',
      ],
    );
  });
  it('is a verb where the role has the rule without it', () => {
    const less = clusterRole('mine', [namespacesRule, { ...secretsRule, verbs: ['get'] }]);
    const [found] = missing(({ verb }) => verb === 'list' || verb === 'get', { grants: [granted(less)], unbound: [] });
    assert.equal(
      found?.fix,
      `Allow it: kubectl patch clusterrole mine --type=json -p '[{"op":"add","path":"/rules/1/verbs/-","value":"create"},{"op":"add","path":"/rules/1/verbs/-","value":"patch"}]'`,
    );
  });
  it('is a rule where the role has none of the kind, and the first where it has none at all', () => {
    const allowed = ({ resource }: Need) => resource !== 'namespaces';
    const fix = (rules: object[]) =>
      missing(allowed, { grants: [granted(clusterRole('mine', rules))], unbound: [] })[0]?.fix;
    const rule = '{"apiGroups":[""],"resources":["namespaces"],"verbs":["list"]}';
    assert.ok(fix([secretsRule])?.endsWith(`-p '[{"op":"add","path":"/rules/-","value":${rule}}]'`));
    assert.ok(fix([])?.endsWith(`-p '[{"op":"add","path":"/rules","value":[${rule}]}]'`));
  });
  for (const [title, role, through] of [
    ['of the cluster itself', clusterRole('view', [namespacesRule]), undefined],
    ['that others have, too', clusterRole('shared', [namespacesRule]), [subject, { ...subject, name: 'other' }]],
  ] as const) {
    it(`is a role of its own where it has only one ${title}`, () => {
      const grant = granted(role, binding('b', role, through === undefined ? [subject] : [...through]));
      const [found] = missing(({ resource }) => resource === 'namespaces', { grants: [grant], unbound: [] });
      assert.match(
        found?.fix ?? '',
        /^Allow it: echo '\{"apiVersion":"v1","kind":"List".* \| kubectl apply --server-side -f -$/,
      );
      const list = JSON.parse(/'(.*)'/.exec(found?.fix ?? '')?.[1] ?? '');
      assert.deepEqual(
        list.items.map(({ kind }: { kind: string }) => kind),
        ['ClusterRole', 'ClusterRoleBinding'],
      );
      assert.deepEqual(
        list.items[0].rules,
        [secretsRule].map(({ apiGroups, resources, resourceNames, verbs }) => ({
          apiGroups,
          resources,
          resourceNames,
          verbs,
        })),
      );
      assert.deepEqual(list.items[1].subjects, [subject]);
    });
  }

  const reply = (...resourceRules: object[]) => answer(201, { status: { resourceRules, incomplete: false } });
  const narrowed = (role: Role, rule: object, grant = granted(role)) =>
    findExcess(reply(rule), [job], { account, roles: { grants: [grant], unbound: [] } })[0]?.fix;
  it('that allows a verb too much is that verb, and nothing else', () => {
    const wide = { ...secretsRule, verbs: ['create', 'patch', 'get', 'update'] };
    assert.equal(
      narrowed(clusterRole('mine', [namespacesRule, wide]), wide),
      `Take that, and nothing else, out of ClusterRole mine: kubectl patch clusterrole mine --type=json -p '[{"op":"test","path":"/rules/1","value":{"apiGroups":[""],"resources":["secrets"],"resourceNames":["ecr-creds"],"verbs":["create","patch","get","update"]}},{"op":"replace","path":"/rules/1","value":{"apiGroups":[""],"resources":["secrets"],"resourceNames":["ecr-creds"],"verbs":["create","patch","get"]}}]'`,
    );
  });
  it('that allows what nothing needs is the whole rule', () => {
    const wide = { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get'] };
    assert.match(narrowed(clusterRole('mine', [wide]), wide) ?? '', /\{"op":"remove","path":"\/rules\/0"\}\]'$/);
  });
  it('that allows everything is what is needed of it, in rules of their own', () => {
    const all = { apiGroups: ['*'], resources: ['*'], verbs: ['*'] };
    const fix = narrowed(clusterRole('mine', [all]), all) ?? '';
    const [, replaced, added] = JSON.parse(/-p '(.*)'$/.exec(fix)?.[1] ?? '[]');
    assert.deepEqual(replaced.value, namespacesRule);
    assert.deepEqual(added.value.verbs, ['create', 'patch', 'get', 'list']);
  });
  it('that is not its own is the binding to it, where that is for it alone', () => {
    const wide = { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get'] };
    const view = clusterRole('view', [wide]);
    assert.match(narrowed(view, wide) ?? '', /: kubectl delete clusterrolebinding view$/);
    const others = binding('b', view, [subject, { kind: 'Group', name: 'staff' }]);
    assert.match(narrowed(view, wide, granted(view, others)) ?? '', /Every rule there is: kubectl auth can-i --list/);
  });

  it('is looked for where a binding names the account, or a group that it is in', () => {
    const bound = (of: object) => isBoundTo(binding('b', ours, [of]), account);
    assert.equal(bound(subject), true);
    assert.equal(bound({ kind: 'User', name: account }), true);
    for (const name of ['system:serviceaccounts', 'system:serviceaccounts:here', 'system:authenticated']) {
      assert.equal(bound({ kind: 'Group', name }), true, name);
    }
    assert.equal(bound({ kind: 'Group', name: 'system:serviceaccounts:there' }), false);
    assert.equal(bound({ ...subject, namespace: 'there' }), false);
  });
});

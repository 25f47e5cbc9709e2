/** Each rule of each role of the controller is needed: it works with them, and without any part of one something is not done. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PolicyRule } from 'kubernetes-types/rbac/v1.js';
import {
  labels,
  refuseToStream,
  registry,
  secretName,
  shipped,
  startStage,
  withPrune,
  type Stage,
} from '../support/controller-stage.ts';
import type { Replica } from '../support/replica.ts';
import { until } from '../support/until.ts';
import { ofKind } from './manifests.ts';
import type { Manifest } from './schema.ts';

/** What the permission is for, and how its absence shows. */
type Need = {
  permission: [verb: string, resource: string];
  call: string;
  /** The API server cannot stream a list, as before 1.32. */
  isOld?: true;
  shows: (stage: Stage, replica: Replica) => Promise<void>;
};

const watchRefused =
  (verb: string, resource: string) =>
  async (stage: Stage, replica: Replica): Promise<void> => {
    await refused(replica, 'Watch could not be opened, trying again', verb, resource);
    // One search finds the line of the log and the metric.
    const { reason } = await replica.said('Watch could not be opened, trying again');
    const restarts = `watch_restarts_total{resource="${resource}",reason="${String(reason)}"}`;
    await until(`${restarts} counts`, async () => (await replica.metric(restarts)) > 0);
    assert.equal((await replica.get('/readyz')).text, 'namespaces and secrets are not in sync yet\n');
    assert.equal(stage.isServed('fresh'), false);
  };

const leaseRefused =
  (verb: string) =>
  async (_stage: Stage, replica: Replica): Promise<void> => {
    await refused(replica, 'Lease could not be written, trying again', verb, 'leases');
  };

const unserved =
  (verb: string, failing: readonly string[]) =>
  async (stage: Stage, replica: Replica): Promise<void> => {
    const where = failing.map((name) => `${name}/${secretName}`);
    for (const place of where) {
      const line = await replica.said((each) => each['code'] === 'SecretForbidden' && each['where'] === place);
      assert.match(String(line['why']), new RegExp(`cannot ${verb} resource "secrets"`));
    }
    const others = ['fresh', 'ours', 'others'].filter((name) => !failing.includes(name));
    await stage.served(...others);
    for (const name of failing) assert.equal(stage.isServed(name), false, name);
  };

const needs: Need[] = [
  {
    permission: ['list', 'namespaces'],
    call: 'the list in pages, where the server cannot stream it',
    isOld: true,
    shows: watchRefused('list', 'namespaces'),
  },
  {
    permission: ['watch', 'namespaces'],
    call: 'the streamed list, and the watch',
    shows: watchRefused('watch', 'namespaces'),
  },
  { permission: ['create', 'secrets'], call: 'the apply that makes a secret', shows: unserved('create', ['fresh']) },
  {
    permission: ['patch', 'secrets'],
    call: 'every apply',
    shows: unserved('patch', ['fresh', 'ours', 'others']),
  },
  {
    permission: ['get', 'secrets'],
    call: "the look into another's secret before it is adopted",
    shows: unserved('get', ['others']),
  },
  {
    permission: ['list', 'secrets'],
    call: 'the list in pages, where the server cannot stream it',
    isOld: true,
    shows: watchRefused('list', 'secrets'),
  },
  {
    permission: ['watch', 'secrets'],
    call: 'the streamed list, and the watch',
    shows: watchRefused('watch', 'secrets'),
  },
  {
    permission: ['delete', 'secrets'],
    call: 'the removal where a namespace lost the label, with ECR_PRUNE alone',
    shows: async (stage, replica) => {
      await stage.served('loses');
      unlabel(stage, 'loses');
      await refused(replica, 'Pull secret could not be removed, trying again', 'delete', 'secrets');
      assert.ok(stage.isServed('loses'));
    },
  },
  {
    permission: ['create', 'events'],
    call: 'the Warning on a namespace that cannot be served',
    shows: async (stage, replica) => {
      await refused(replica, 'Event could not be sent', 'create', 'events');
      assert.equal(await replica.metric('events_total{result="refused"}'), 1);
      assert.deepEqual(stage.events('opaque'), []);
    },
  },
  { permission: ['get', 'leases'], call: 'a look at who leads', shows: leaseRefused('get') },
  { permission: ['update', 'leases'], call: 'the renewal', shows: leaseRefused('update') },
  {
    permission: ['watch', 'leases'],
    call: 'the watch of a Lease that another holds, by a standby',
    shows: async (stage, replica) => {
      await replica.leads();
      const standby = await stage.start();
      await refused(standby, 'Lease could not be watched, looking at it instead', 'watch', 'leases');
      await standby.ready();
    },
  },
  { permission: ['create', 'leases'], call: 'the first election', shows: leaseRefused('create') },
];

describe("the controller's roles", () => {
  test('have no rule that is not tried below', () => {
    const rules = [...ofKind(withPrune, 'ClusterRole'), ...ofKind(withPrune, 'Role')].flatMap(
      (role) => role.rules ?? [],
    );
    const permissions = rules.flatMap(({ verbs, resources }) => {
      return verbs.flatMap((verb) => (resources ?? []).map((name) => `${verb} ${name}`));
    });
    assert.deepEqual(
      permissions.toSorted(byText),
      needs.map(({ permission }) => permission.join(' ')).toSorted(byText),
    );
  });

  for (const isOld of [false, true]) {
    test(`are enough, where the server can ${isOld ? 'not ' : ''}stream a list`, async () => {
      await withController(withPrune, isOld, async (stage, replica) => {
        await replica.ready();
        await stage.served('fresh', 'ours', 'others', 'loses');
        await until('the Warning', () => stage.events('opaque').length === 1);
        unlabel(stage, 'loses');
        await until('it is pruned', () => stage.kubernetes.getSecret('loses', secretName) === undefined);
        assert.deepEqual(
          stage.audit.filter(({ status }) => status === 403),
          [],
        );
      });
    });
  }

  for (const { permission, call, isOld, shows } of needs) {
    const [verb, resource] = permission;
    test(`${verb} on ${resource} is needed: ${call}`, async () => {
      const less = withPrune.map((object) => without(object, verb, resource));
      await withController(less, isOld === true, shows);
    });
  }

  test('no overlay but the one that prunes may delete', () => {
    const rules = ofKind(shipped, 'ClusterRole').flatMap((role) => role.rules ?? []);
    assert.ok(rules.length > 0);
    assert.ok(rules.every(({ verbs }) => !verbs.includes('delete')));
  });
});

/** One replica as the shipped ServiceAccount, where secrets are missing, ours, made by others, and of another type. */
async function withController(
  manifests: readonly Manifest[],
  isOld: boolean,
  use: (stage: Stage, replica: Replica) => Promise<void>,
): Promise<void> {
  const stage = await startStage({ manifests });
  try {
    for (const name of ['fresh', 'ours', 'others', 'opaque', 'loses']) stage.kubernetes.createNamespace(name, labels);
    stage.kubernetes.apply(pullSecret('ours'), 'ecr-cred-helper');
    stage.kubernetes.apply(pullSecret('others'), 'kubectl-create');
    const metadata = { name: secretName, namespace: 'opaque' };
    stage.kubernetes.apply({ apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque' });
    if (isOld) refuseToStream(stage);
    await use(stage, await stage.start({ ECR_PRUNE: 'true' }));
  } finally {
    await stage.close();
  }
}

async function refused(replica: Replica, message: string, verb: string, resource: string): Promise<void> {
  const line = await replica.said((each) => each['message'] === message);
  assert.match(String(line['why']), new RegExp(` cannot ${verb} resource "${resource}"`));
}

function unlabel({ kubernetes }: Stage, name: string): void {
  const metadata = { name, labels: { credentialType: 'none' } };
  kubernetes.apply({ apiVersion: 'v1', kind: 'Namespace', metadata });
}

/** An expired login for the account's own registry, as this program or an older script left it. */
function pullSecret(namespace: string): object {
  const auths = { [registry]: { auth: Buffer.from('AWS:expired').toString('base64') } };
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: secretName, namespace },
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') },
  };
}

function without(object: Manifest, verb: string, resource: string): Manifest {
  const [role] = [...ofKind([object], 'ClusterRole'), ...ofKind([object], 'Role')];
  if (role === undefined) return object;
  const rules = (role.rules ?? []).map(({ apiGroups = [], resources = [], resourceNames = [], verbs }) => {
    const left = resources.includes(resource) ? verbs.filter((name) => name !== verb) : verbs;
    return { apiGroups, resources, verbs: left, ...(resourceNames.length > 0 ? { resourceNames } : {}) };
  });
  // A rule without verbs is not allowed.
  const less: Manifest & { rules: PolicyRule[] } = {
    ...object,
    rules: rules.filter(({ verbs }) => verbs.length > 0),
  };
  return less;
}

function byText(a: string, b: string): number {
  return a.localeCompare(b);
}

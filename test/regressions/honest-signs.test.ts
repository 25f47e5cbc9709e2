/** An outage, or a right that is missing, of which nothing told: ready and in sync all the time, a warning without a remedy. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { labels, secretName, shipped, startStage, type Stage } from '../support/controller-stage.ts';
import { until } from '../support/until.ts';

describe('the controller says how it is', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await startStage();
    stage.kubernetes.createNamespace('team-a', labels);
  });
  afterEach(() => stage.close());

  it(
    'an outage of the API server: neither ready nor in sync, and alive, until it is over, which is told once',
    { timeout: 60_000 },
    async () => {
      const replica = await stage.start();
      await replica.ready();
      await stage.served('team-a');
      const restarted = stage.kubernetes.restart(36_000);
      await until('it is not ready', async () => (await replica.get('/readyz')).status === 503, 40_000);
      assert.match((await replica.get('/readyz')).text, /does not let namespaces, secrets or the Lease be seen/);
      assert.equal(await replica.metric('synced'), 0);
      assert.equal((await replica.get('/healthz')).status, 200);
      await restarted;
      await replica.ready();
      await replica.leads();
      assert.equal(await replica.metric('synced'), 1);
      for (const resource of ['namespaces', 'secrets']) {
        const ended = await replica.said(
          (line) => line['message'] === 'Watch is open again' && line['resource'] === resource,
        );
        assert.ok(Number(ended['seconds']) >= 30, JSON.stringify(ended));
      }
      assert.ok(Number((await replica.said('Lease is written again'))['seconds']) >= 30);
      const began = replica.lines.filter(({ message }) => /^(Watch|Lease) could not be/.test(String(message)));
      assert.ok(began.length <= 9, JSON.stringify(began));
      for (const line of began)
        assert.ok(line['code'] !== undefined && line['fix'] !== undefined, JSON.stringify(line));
    },
  );

  it('a secret that others delete or change is put right, which is told, and so is the end of what kept one from it', async () => {
    const replica = await stage.start();
    await stage.served('team-a');
    stage.kubernetes.remove('v1', 'Secret', 'team-a', secretName);
    await stage.served('team-a');
    await replica.said((line) => line['message'] === 'Pull secret was put right' && line['reason'] === 'SecretMissing');
    stage.kubernetes.createNamespace('team-b', labels);
    const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'none', namespace: 'team-c' } };
    stage.kubernetes.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team-c' } });
    stage.kubernetes.apply({ ...quota, spec: { hard: { secrets: '0' } } });
    stage.kubernetes.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team-c', labels } });
    await replica.said((line) => line['code'] === 'QuotaExceeded');
    stage.kubernetes.remove('v1', 'ResourceQuota', 'team-c', 'none');
    await stage.served('team-c');
    const over = await replica.said('Pull secret is valid again');
    assert.equal(over['was'], 'QuotaExceeded');
    assert.equal(typeof over['seconds'], 'number');
  });
});

describe('a right that the controller lacks', () => {
  const without = (kind: string, verb: string, resource: string) =>
    shipped.map((manifest) => {
      if (manifest.kind !== kind) return manifest;
      const rules = (manifest as { rules?: { verbs: string[]; resources: string[] }[] }).rules ?? [];
      return {
        ...manifest,
        rules: rules.map((rule) =>
          rule.resources.includes(resource) ? { ...rule, verbs: rule.verbs.filter((each) => each !== verb) } : rule,
        ),
      };
    });
  const rows = {
    'to watch namespaces': ['ClusterRole', 'watch', 'namespaces', 'ApiWatchForbidden', /verbs \["list", "watch"\]/],
    'to watch secrets': ['ClusterRole', 'watch', 'secrets', 'ApiWatchForbidden', /resources \["secrets"\]/],
    'to write the Lease': ['Role', 'create', 'leases', 'LeaseForbidden', /resources \["leases"\]/],
  } as const;
  for (const [what, [kind, verb, resource, code, fix]] of Object.entries(rows)) {
    it(`${what}: an error with its code and remedy, once`, async () => {
      const stage = await startStage({ manifests: without(kind, verb, resource) });
      try {
        const replica = await stage.start();
        const line = await replica.said((each) => each['code'] === code);
        assert.equal(line['level'], 'error');
        assert.match(String(line['fix']), fix);
        assert.match(String(line['why']), new RegExp(`cannot ${verb} resource "${resource}"`));
        // Several attempts: that nothing more is said shows in nothing that could be waited for.
        await new Promise((resolve) => setTimeout(resolve, 1500));
        assert.equal(replica.lines.filter((each) => each['code'] === code && each['level'] === 'error').length, 1);
      } finally {
        await stage.close();
      }
    });
  }

  it('a token that is not accepted: the same code as a pass has, and the remedy', async () => {
    const stage = await startStage();
    try {
      for (const resource of ['namespaces', 'secrets']) {
        const body = {
          kind: 'Status',
          apiVersion: 'v1',
          status: 'Failure',
          message: 'Unauthorized',
          reason: 'Unauthorized',
          code: 401,
        };
        stage.kubernetes.faults.add({ match: { verb: 'watch', resource }, effect: { status: 401, body } });
      }
      const replica = await stage.start();
      const line = await replica.said((each) => each['code'] === 'ApiUnauthorized');
      assert.equal(line['level'], 'error');
      assert.match(String(line['fix']), /ServiceAccount/);
    } finally {
      await stage.close();
    }
  });
});

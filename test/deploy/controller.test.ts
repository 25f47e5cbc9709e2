/** What holds for every way to run the controller. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { optionTable } from '../../src/config/options.ts';
import { parseConfiguration } from '../../src/config/parse.ts';
import { build, objectsOf, ofKind, overlays, podsOf, withComponents } from './manifests.ts';
import { faultsOf, type Manifest } from './schema.ts';

const labels = { 'app.kubernetes.io/name': 'ecr-cred-helper', 'app.kubernetes.io/component': 'controller' };
const shipped = new Map<string, Manifest[]>();
for (const overlay of overlays.filter((name) => name.startsWith('deploy/controller'))) {
  shipped.set(overlay, objectsOf(await build(overlay)));
}
const monitored = await withComponents('deploy/controller', 'service-monitor', 'alerts', 'network-policy');
shipped.set('deploy/controller with what is optional', monitored);

for (const [overlay, objects] of shipped) {
  const [deployment] = ofKind(objects, 'Deployment');
  const pod = podsOf(objects).get('Deployment/ecr-cred-helper');
  const container = pod?.spec?.containers[0];

  describe(overlay, () => {
    test('runs two replicas of the controller, and never fewer while it is rolled out', () => {
      assert.equal(deployment?.spec?.replicas, 2);
      assert.deepEqual(deployment.spec.strategy?.rollingUpdate, { maxSurge: 1, maxUnavailable: 0 });
      assert.deepEqual(container?.args, ['controller']);
    });

    test('a drain takes one replica at a time, and they do not stand on one node or in one zone by choice', () => {
      const [budget] = ofKind(objects, 'PodDisruptionBudget');
      assert.equal(budget?.spec?.maxUnavailable, 1);
      assert.deepEqual(
        pod?.spec?.topologySpreadConstraints?.map(({ topologyKey, whenUnsatisfiable }) => [
          topologyKey,
          whenUnsatisfiable,
        ]),
        [
          ['kubernetes.io/hostname', 'ScheduleAnyway'],
          ['topology.kubernetes.io/zone', 'ScheduleAnyway'],
        ],
      );
    });

    test('everything that selects its pods selects them, and no pod of the CronJob', () => {
      const [budget] = ofKind(objects, 'PodDisruptionBudget');
      const [service] = ofKind(objects, 'Service');
      const selectors = [
        deployment?.spec?.selector.matchLabels,
        budget?.spec?.selector?.matchLabels,
        service?.spec?.selector,
        ...ofKind(objects, 'NetworkPolicy').map((policy) => policy.spec?.podSelector?.matchLabels),
        ...(pod?.spec?.topologySpreadConstraints ?? []).map(({ labelSelector }) => labelSelector?.matchLabels),
      ];
      for (const selector of selectors) assert.deepEqual(selector, labels);
      assert.deepEqual({ ...pod?.metadata?.labels, ...labels }, pod?.metadata?.labels);
    });

    test('probes, metrics and network policy name the port that it listens on', () => {
      assert.deepEqual(container?.ports, [{ name: 'metrics', containerPort: 8080 }]);
      assert.equal(optionTable.listen.fallback, ':8080');
      const probes = [container.startupProbe, container.livenessProbe, container.readinessProbe];
      assert.deepEqual(
        probes.map((probe) => probe?.httpGet),
        ['/healthz', '/healthz', '/readyz'].map((path) => ({ path, port: 'metrics' })),
      );
      const [service] = ofKind(objects, 'Service');
      assert.deepEqual(service?.spec?.ports, [{ name: 'metrics', port: 8080, targetPort: 'metrics' }]);
      for (const { spec } of ofKind(objects, 'NetworkPolicy')) {
        assert.deepEqual(spec?.ingress?.[0]?.ports, [{ port: 'metrics' }]);
        assert.deepEqual(spec.policyTypes, ['Ingress', 'Egress']);
      }
    });

    test('it is given longer to stop than it takes', () => {
      const graceSeconds = Number(/^(\d+)s$/.exec(optionTable.graceMs.fallback ?? '')?.[1]);
      assert.ok(graceSeconds + 5 <= (pod?.spec?.terminationGracePeriodSeconds ?? 0), `${graceSeconds} s`);
    });

    test('the Lease of the Role is the one that it is told to use', () => {
      const [role] = ofKind(objects, 'Role');
      assert.deepEqual(
        role?.rules?.flatMap(({ resourceNames }) => resourceNames ?? []),
        [optionTable.leaseName.fallback],
      );
      const [binding] = ofKind(objects, 'RoleBinding');
      assert.deepEqual(binding?.subjects, [
        { kind: 'ServiceAccount', name: 'ecr-cred-helper', namespace: 'ecr-cred-helper' },
      ]);
      assert.equal(binding.roleRef.name, role?.metadata?.name);
      assert.equal(role?.metadata?.namespace, 'ecr-cred-helper');
    });

    test('its settings are ones that the program takes', () => {
      const settings = objects.find(({ kind }) => kind === 'ConfigMap');
      const given: Record<string, string> = settings !== undefined && 'data' in settings ? Object(settings.data) : {};
      const fixed = (container?.env ?? []).flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]));
      const env = { ...given, ...Object.fromEntries(fixed) };
      const configuration = parseConfiguration({
        argv: container?.args ?? [],
        env,
        homeDirectory: '/',
        readFile: () => undefined,
      });
      assert.ok(configuration.ok, JSON.stringify(configuration));
      assert.equal(configuration.command, 'controller');
      assert.deepEqual(configuration.warnings, []);
    });
  });
}

describe('the components for monitoring', () => {
  test('the ServiceMonitor selects the Service and names its port', () => {
    const monitor = monitored.find(({ kind }) => kind === 'ServiceMonitor');
    const [service] = ofKind(monitored, 'Service');
    assert.deepEqual({ ...service?.metadata?.labels, ...labels }, service?.metadata?.labels);
    assert.deepEqual(Object(monitor).spec, {
      selector: { matchLabels: labels },
      endpoints: [{ port: 'metrics', path: '/metrics', interval: '30s', scrapeTimeout: '10s' }],
    });
  });

  test('no overlay asks for CustomResourceDefinitions or limits the network by itself', () => {
    for (const [overlay, of] of shipped) {
      const kinds = ['ServiceMonitor', 'PrometheusRule', 'NetworkPolicy'].filter((name) =>
        of.some(({ kind }) => kind === name),
      );
      assert.equal(kinds.length, of === monitored ? 3 : 0, overlay);
    }
  });

  test('a field that the Prometheus Operator does not know is found', () => {
    const rule = { apiVersion: 'monitoring.coreos.com/v1', kind: 'PrometheusRule', metadata: { name: 'a' } };
    const wrong = { ...rule, spec: { groups: [{ name: 5, rule: [] }] } };
    assert.deepEqual(faultsOf(wrong), [
      'PrometheusRule.spec.groups[0].name: is number, not string',
      'PrometheusRule.spec.groups[0].rule: no such field',
    ]);
  });
});

/** What holds for every way to run the controller. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { optionTable } from '../../src/config/options.ts';
import { parseConfiguration } from '../../src/config/parse.ts';
import { build, objectsOf, ofKind, overlays, podsOf } from './manifests.ts';
import { faultsOf, type Manifest } from './schema.ts';

const labels = { 'app.kubernetes.io/name': 'ecr-cred-helper', 'app.kubernetes.io/component': 'controller' };
const shipped = new Map<string, Manifest[]>();
for (const overlay of overlays.filter((name) => /^deploy\/(?:examples\/)?controller/.test(name))) {
  shipped.set(overlay, objectsOf(await build(overlay)));
}

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
      const [policy] = ofKind(objects, 'NetworkPolicy');
      const [service] = ofKind(objects, 'Service');
      const selectors = [
        deployment?.spec?.selector.matchLabels,
        budget?.spec?.selector?.matchLabels,
        policy?.spec?.podSelector?.matchLabels,
        service?.spec?.selector,
        ...(pod?.spec?.topologySpreadConstraints ?? []).map(({ labelSelector }) => labelSelector?.matchLabels),
        pod?.metadata?.labels,
      ];
      for (const selector of selectors) assert.deepEqual(selector, labels);
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
      const [policy] = ofKind(objects, 'NetworkPolicy');
      assert.deepEqual(policy?.spec?.ingress?.[0]?.ports, [{ port: 'metrics' }]);
      assert.deepEqual(policy.spec.policyTypes, ['Ingress', 'Egress']);
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
      const env: Record<string, string> = settings !== undefined && 'data' in settings ? Object(settings.data) : {};
      const configuration = parseConfiguration({ argv: container?.args ?? [], env, hasAwsConfigFile: false });
      assert.ok(configuration.ok, JSON.stringify(configuration));
      assert.equal(configuration.command, 'controller');
      assert.deepEqual(configuration.warnings, []);
    });
  });
}

describe('the components for monitoring', () => {
  const objects = shipped.get('deploy/examples/controller-monitored') ?? [];

  test('the ServiceMonitor selects the Service and names its port', () => {
    const monitor = objects.find(({ kind }) => kind === 'ServiceMonitor');
    const [service] = ofKind(objects, 'Service');
    assert.deepEqual(service?.metadata?.labels, labels);
    assert.deepEqual(monitor, {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'ServiceMonitor',
      metadata: { name: 'ecr-cred-helper', namespace: 'ecr-cred-helper', labels },
      spec: {
        selector: { matchLabels: labels },
        endpoints: [{ port: 'metrics', path: '/metrics', interval: '30s', scrapeTimeout: '10s' }],
      },
    });
  });

  test('no other overlay asks for CustomResourceDefinitions', () => {
    for (const [overlay, of] of shipped) {
      const custom = of.some(({ apiVersion }) => apiVersion.startsWith('monitoring.'));
      assert.equal(custom, overlay === 'deploy/examples/controller-monitored', overlay);
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

describe('the credentials', () => {
  /** Beside the settings, which a ConfigMap has. */
  const envOf = (overlay: string) => {
    const pod = podsOf(shipped.get(overlay) ?? []).get('Deployment/ecr-cred-helper');
    return (pod?.spec?.containers[0]?.env ?? []).filter(({ valueFrom }) => valueFrom?.configMapKeyRef === undefined);
  };

  test('of an IAM user come from a file that may change, or from the variables of the CronJob', () => {
    assert.deepEqual(
      envOf('deploy/controller').map(({ name, valueFrom }) => [name, valueFrom?.secretKeyRef?.optional]),
      [
        ['AWS_SHARED_CREDENTIALS_FILE', undefined],
        ['AWS_ACCESS_KEY_ID', true],
        ['AWS_SECRET_ACCESS_KEY', true],
      ],
    );
  });

  test('without a key there is none', () => {
    assert.deepEqual(envOf('deploy/controller-irsa'), []);
    assert.deepEqual(envOf('deploy/controller-pod-identity'), []);
    assert.deepEqual(
      envOf('deploy/controller-irsa-self-hosted').map(({ name }) => name),
      ['AWS_WEB_IDENTITY_TOKEN_FILE'],
    );
  });
});

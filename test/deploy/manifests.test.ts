import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { CommandName } from '../../src/config/commands.ts';
import { options } from '../../src/config/options.ts';
import { outerVariables } from '../../src/config/variables.ts';
import { missing, run } from '../emulators/tools.ts';
import { build, legacy, objectsOf, ofKind, overlays, podsOf, root } from './manifests.ts';
import { faultsOf } from './schema.ts';
import type { Manifest } from './schema.ts';

const runnable = overlays.filter((overlay) => !overlay.startsWith('deploy/base'));
const built = new Map<string, Manifest[]>();
for (const overlay of overlays) built.set(overlay, objectsOf(await build(overlay)));
const shipped = [...built, ['deploy/legacy.yaml', objectsOf(await legacy())] as const];
const of = (overlay: string): Manifest[] => built.get(overlay) ?? [];
const tokenLifeHours = 12;

test('the overlays that people install are all here', () => {
  assert.deepEqual(runnable, [
    'deploy/controller',
    'deploy/controller-irsa',
    'deploy/controller-irsa-self-hosted',
    'deploy/controller-pod-identity',
    'deploy/cronjob',
    'deploy/examples/controller-monitored',
    'deploy/examples/other-secret-name',
    'deploy/irsa',
    'deploy/irsa-self-hosted',
    'deploy/pod-identity',
  ]);
});

for (const [name, objects] of shipped) {
  describe(name, () => {
    test('holds only fields and values that Kubernetes knows', () => {
      assert.deepEqual(objects.flatMap(faultsOf), []);
    });

    test('allows no wildcard, and secrets by one name only', () => {
      for (const { rules } of ofKind(objects, 'ClusterRole')) {
        for (const rule of rules ?? []) {
          const words = [...(rule.apiGroups ?? []), ...(rule.resources ?? []), ...rule.verbs];
          assert.ok(!words.includes('*'), JSON.stringify(rule));
          if (rule.resources?.includes('secrets')) assert.equal(rule.resourceNames?.length, 1);
        }
      }
    });

    test("binds a ServiceAccount of its own, by the account's namespace", () => {
      for (const { subjects, roleRef } of ofKind(objects, 'ClusterRoleBinding')) {
        assert.deepEqual(subjects, [{ kind: 'ServiceAccount', name: 'ecr-cred-helper', namespace: 'ecr-cred-helper' }]);
        assert.equal(roleRef.name, 'ecr-cred-helper');
      }
    });

    test('runs the version of package.json', async () => {
      const { version }: { version: string } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
      for (const pod of podsOf(objects).values()) {
        const images = pod.spec?.containers.map(({ image }) => image);
        assert.deepEqual(images, [`ghcr.io/ecr-cred-helper/ecr-cred-helper:${version}`]);
      }
    });
  });
}

for (const overlay of runnable) {
  describe(`the pods of ${overlay}`, () => {
    for (const [name, pod] of podsOf(of(overlay))) {
      test(`${name} meets the restricted Pod Security Standard, with a read-only root`, () => {
        const { securityContext, containers } = pod.spec ?? { containers: [] };
        assert.equal(securityContext?.runAsNonRoot, true);
        assert.equal(securityContext.runAsUser, 65532);
        assert.equal(securityContext.seccompProfile?.type, 'RuntimeDefault');
        assert.deepEqual(
          containers.map((container) => container.securityContext),
          [{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } }],
        );
      });

      test(`${name} asks for what it uses and cannot take more`, () => {
        const stays = name.startsWith('Deployment/');
        const resources = pod.spec?.containers[0]?.resources;
        assert.deepEqual(resources?.requests, { cpu: '50m', memory: '64Mi' });
        assert.deepEqual(resources?.limits, stays ? { cpu: '500m', memory: '128Mi' } : { cpu: '100m', memory: '64Mi' });
      });
    }

    test('the namespace refuses pods that are not restricted', () => {
      const namespace = of(overlay).find(({ kind }) => kind === 'Namespace');
      assert.match(JSON.stringify(namespace), /"pod-security.kubernetes.io\/enforce":"restricted"/);
    });
  });
}

for (const overlay of runnable.filter((name) => podsOf(of(name)).has('CronJob/ecr-cred-helper'))) {
  describe(`the schedule of ${overlay}`, () => {
    const [cron] = ofKind(of(overlay), 'CronJob');
    const [job] = ofKind(of(overlay), 'Job');

    test('one run may fail and tokens still do not run out before the next', () => {
      const every = /^\d+ \*\/(\d+) \* \* \*$/.exec(cron?.spec?.schedule ?? '')?.[1];
      const deadlineHours = (cron?.spec?.jobTemplate.spec?.activeDeadlineSeconds ?? Infinity) / 3600;
      assert.ok(2 * Number(every) + deadlineHours < tokenLifeHours, `every ${every} hours`);
      assert.equal(cron?.spec?.timeZone, 'Etc/UTC');
    });

    test('a run that hangs cannot block the next', () => {
      assert.equal(cron?.spec?.concurrencyPolicy, 'Forbid');
      assert.equal(cron.spec.jobTemplate.spec?.activeDeadlineSeconds, 1800);
    });

    test('the first pass runs the very pod of the CronJob, and removes itself', () => {
      assert.deepEqual(job?.spec?.template, cron?.spec?.jobTemplate.spec?.template);
      assert.deepEqual(job?.spec?.podFailurePolicy, cron?.spec?.jobTemplate.spec?.podFailurePolicy);
      assert.equal(job?.spec?.ttlSecondsAfterFinished, 600);
    });
  });
}

test('only the overlay with a key names one, and no manifest holds a secret', () => {
  const withKey = shipped.filter(([, objects]) => JSON.stringify(objects).includes('"AWS_SECRET_ACCESS_KEY"'));
  assert.deepEqual(
    withKey.map(([name]) => name),
    [
      'deploy/controller',
      'deploy/cronjob',
      'deploy/examples/controller-monitored',
      'deploy/examples/other-secret-name',
      'deploy/legacy.yaml',
    ],
  );
  for (const [name, objects] of shipped) assert.ok(!objects.some(({ kind }) => kind === 'Secret'), name);
});

test('another secret name stands in the settings and in the role', () => {
  const objects = of('deploy/examples/other-secret-name');
  const [role] = ofKind(objects, 'ClusterRole');
  const settings = objects.find(({ kind }) => kind === 'ConfigMap');
  assert.deepEqual(role?.rules?.[1]?.resourceNames, ['registry-login']);
  assert.match(JSON.stringify(settings), /"ECR_SECRET_NAME":"registry-login"/);
});

test('a field that Kubernetes does not know is found, and so is a value of the wrong type', () => {
  const cron = {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'a' },
    spec: { schedule: 5, timezone: 'Etc/UTC', jobTemplate: {} },
  };
  const faults = faultsOf(cron);
  assert.ok(faults.includes('CronJob.spec.timezone: no such field'), faults.join('\n'));
  assert.ok(
    faults.some((fault) => fault.includes('/spec/schedule must be string')),
    faults.join('\n'),
  );
});

describe('the settings in a ConfigMap', () => {
  const cases: [overlay: string, kind: 'CronJob' | 'Deployment', command: CommandName][] = [
    ['deploy/cronjob', 'CronJob', 'refresh'],
    ['deploy/controller', 'Deployment', 'controller'],
  ];
  for (const [overlay, kind, command] of cases) {
    test(`${overlay} takes every setting of ${command} by name, and no key beside`, () => {
      const pods = podsOf(of(overlay).filter((object) => object.kind === kind));
      const containers = [...pods.values()].flatMap((pod) => pod.spec?.containers ?? []);
      assert.deepEqual(
        containers.filter(({ envFrom }) => envFrom !== undefined),
        [],
      );
      const taken = containers.flatMap(({ env = [] }) =>
        env.flatMap(({ name, valueFrom }) =>
          valueFrom?.configMapKeyRef === undefined ? [] : [[name, valueFrom.configMapKeyRef.key]],
        ),
      );
      for (const [name, key] of taken) assert.equal(name, key);
      // A kubeconfig is a file, which would have to be mounted, too.
      const own = options.filter(({ commands }) => commands.includes(command)).flatMap(({ env }) => env);
      const settings = new Set(own.filter((name) => name !== 'KUBECONFIG'));
      const others = taken.map(([name]) => name).filter((name) => !settings.has(name ?? ''));
      assert.deepEqual(
        [...settings].filter((name) => !taken.some(([known]) => known === name)),
        [],
      );
      const known = new Set(outerVariables.filter(({ isCredential }) => isCredential !== true).map(({ env }) => env));
      assert.deepEqual(
        others.filter((name) => !known.has(name ?? '')),
        [],
      );
    });
  }
});

test('the manifests are tidy YAML', { skip: missing('yamllint', 'yamllint') }, async () => {
  const { code, stdout, stderr } = await run('yamllint', [
    '--strict',
    '-c',
    join(root, '.yamllint.yaml'),
    join(root, 'deploy'),
  ]);
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: '', stderr: '' });
});

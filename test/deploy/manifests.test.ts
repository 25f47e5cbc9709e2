import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import type { CommandName } from '../../src/config/commands.ts';
import { options } from '../../src/config/options.ts';
import { outerVariables } from '../../src/config/variables.ts';
import { missing, run } from '../emulators/tools.ts';
import { build, legacy, objectsOf, ofKind, overlays, podsOf, root, withComponents } from './manifests.ts';
import { faultsOf } from './schema.ts';
import type { Manifest } from './schema.ts';

const runnable = overlays.filter((overlay) => !overlay.startsWith('deploy/base'));
const built = new Map<string, Manifest[]>();
for (const overlay of overlays) built.set(overlay, objectsOf(await build(overlay)));
const components = {
  'deploy/cronjob': ['namespace', 'alerts-cronjob', 'first-pass'],
  'deploy/controller': ['namespace', 'network-policy', 'service-monitor', 'alerts', 'dashboard', 'prune'],
};
const whole: [string, Manifest[]][] = [];
for (const [overlay, names] of Object.entries(components)) {
  whole.push([`${overlay} with every component`, await withComponents(overlay, ...names)]);
}
const shipped = [...built, ...whole, ['deploy/legacy.yaml', objectsOf(await legacy())] as const];
const of = (overlay: string): Manifest[] => built.get(overlay) ?? [];
const tokenLifeHours = 12;

test('the overlays that people install are all here', () => {
  assert.deepEqual(runnable, [
    'deploy/controller',
    'deploy/controller-irsa',
    'deploy/controller-irsa-self-hosted',
    'deploy/controller-pod-identity',
    'deploy/cronjob',
    'deploy/fence',
    'deploy/first-pod',
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
        assert.ok(ofKind(objects, 'ClusterRole').some(({ metadata }) => metadata?.name === roleRef.name));
      }
    });

    test('runs the version of package.json', async () => {
      const version = await ownVersion();
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

    test('everything has the recommended labels, and no selector the version', async () => {
      const jobs = ofKind(of(overlay), 'CronJob').map(({ spec }) => ({ kind: 'Job', ...spec?.jobTemplate }));
      const pods = [...podsOf(of(overlay)).values()].map((pod) => ({ kind: 'Pod', ...pod }));
      for (const { kind, metadata } of [...of(overlay), ...jobs, ...pods]) {
        const { component, 'sidecar.istio.io/inject': _mesh, ...labels } = shortLabels(Object(metadata).labels);
        assert.deepEqual(labels, await recommended(), `${kind}/${metadata?.name}`);
        assert.match(component ?? '', /^(access|controller|refresh|fence|first-pod)$/);
      }
      for (const { spec } of ofKind(of(overlay), 'Deployment')) {
        assert.deepEqual(Object.keys(spec?.selector.matchLabels ?? {}).toSorted(), [
          'app.kubernetes.io/component',
          'app.kubernetes.io/name',
        ]);
      }
    });

    test('they run on Linux, whatever else a cluster has', () => {
      for (const pod of podsOf(of(overlay)).values()) {
        assert.deepEqual(pod.spec?.nodeSelector, { 'kubernetes.io/os': 'linux' });
      }
    });
  });
}

for (const overlay of runnable.filter((name) => podsOf(of(name)).has('CronJob/ecr-cred-helper'))) {
  describe(`the schedule of ${overlay}`, () => {
    const [cron] = ofKind(of(overlay), 'CronJob');

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
  });
}

test('the single file has pods that a namespace lets in which asks for restricted ones', async () => {
  const pods = [...podsOf(objectsOf(await legacy())).values()];
  assert.equal(pods.length, 1);
  for (const { spec } of pods) {
    assert.deepEqual(spec?.securityContext, { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    assert.deepEqual(
      spec.containers.map(({ securityContext }) => securityContext),
      [{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } }],
    );
  }
});

test('only the overlay with a key names one, and no manifest holds a secret', () => {
  const withKey = shipped.filter(([, objects]) => JSON.stringify(objects).includes('"AWS_SECRET_ACCESS_KEY"'));
  assert.deepEqual(
    withKey.map(([name]) => name),
    [
      'deploy/controller',
      'deploy/cronjob',
      'deploy/cronjob with every component',
      'deploy/controller with every component',
      'deploy/legacy.yaml',
    ],
  );
  for (const [name, objects] of shipped) assert.ok(!objects.some(({ kind }) => kind === 'Secret'), name);
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

describe('a first pass, for Argo CD and Flux', async () => {
  const objects = await withComponents('deploy/cronjob', 'first-pass');
  const [cron] = ofKind(objects, 'CronJob');
  const [job] = ofKind(objects, 'Job');

  test('runs the very pod of the CronJob', () => {
    assert.deepEqual(job?.spec?.template, cron?.spec?.jobTemplate.spec?.template);
    assert.deepEqual(job?.spec?.podFailurePolicy, cron?.spec?.jobTemplate.spec?.podFailurePolicy);
  });

  test('has no sidecar of a mesh, which would keep it from ending', () => {
    for (const template of [job?.spec?.template, cron?.spec?.jobTemplate.spec?.template]) {
      assert.equal(template?.metadata?.labels?.['sidecar.istio.io/inject'], 'false');
      const { annotations } = template.metadata;
      assert.deepEqual(annotations, { 'sidecar.istio.io/inject': 'false', 'linkerd.io/inject': 'disabled' });
    }
  });

  test('is made anew by both, and stays where it is until then', () => {
    assert.deepEqual(job?.metadata?.annotations, {
      'argocd.argoproj.io/hook': 'PostSync',
      'argocd.argoproj.io/hook-delete-policy': 'BeforeHookCreation',
      'kustomize.toolkit.fluxcd.io/force': 'enabled',
    });
    assert.equal(job.spec?.ttlSecondsAfterFinished, undefined);
  });

  test('is in no other overlay: kubectl could not apply it twice', () => {
    for (const [name, objects] of built) assert.deepEqual(ofKind(objects, 'Job'), [], name);
  });
});

test('every component is tried with what it is for', () => {
  const tried = ['aws-key', 'web-identity-token', ...Object.values(components).flat()];
  const there = globSync('deploy/components/*', { cwd: root }).map((path) => basename(path));
  assert.deepEqual(new Set(tried), new Set(there));
});

test('the namespace, a component of its own, refuses pods that are not restricted, and says so', async () => {
  const objects = await withComponents('deploy/controller', 'namespace');
  const namespace = objects.find(({ kind }) => kind === 'Namespace');
  const { labels }: { labels: Record<string, string> } = Object(namespace?.metadata);
  for (const mode of ['enforce', 'audit', 'warn']) {
    assert.equal(labels[`pod-security.kubernetes.io/${mode}`], 'restricted');
    assert.equal(labels[`pod-security.kubernetes.io/${mode}-version`], 'latest');
  }
  for (const [name, others] of built) assert.ok(!others.some(({ kind }) => kind === 'Namespace'), name);
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

async function ownVersion(): Promise<string> {
  const { version }: { version: string } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  return version;
}

/** Those of https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels, beside the component. */
async function recommended(): Promise<Record<string, string>> {
  const name = 'ecr-cred-helper';
  return { name, instance: name, version: await ownVersion(), 'part-of': name, 'managed-by': 'kustomize' };
}

function shortLabels(labels: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [name.replace('app.kubernetes.io/', ''), value]),
  );
}

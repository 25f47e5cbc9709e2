/** For every overlay there are values that render the same objects. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { build, objectsOf, overlays, withComponents } from '../deploy/manifests.ts';
import type { Manifest } from '../deploy/schema.ts';
import { objects, region } from './chart.ts';

const roleArn = 'arn:aws:iam::000000000000:role/ecr-cred-helper';
const irsa = { credentials: { from: 'irsa', roleArn } };
const webIdentity = { credentials: { from: 'webIdentity', roleArn } };
const podIdentity = { credentials: { from: 'podIdentity' } };
const controller = { mode: 'controller' };
const enabled = { enabled: true };

/** What is not an overlay of its own is rendered in addition to the CronJob. */
const cases: Record<string, { values: object; made?: () => Promise<Manifest[]> }> = {
  'deploy/cronjob': { values: {} },
  'deploy/irsa': { values: irsa },
  'deploy/irsa-self-hosted': { values: webIdentity },
  'deploy/pod-identity': { values: podIdentity },
  'deploy/controller': { values: controller },
  'deploy/controller-irsa': { values: { ...controller, ...irsa } },
  'deploy/controller-irsa-self-hosted': { values: { ...controller, ...webIdentity } },
  'deploy/controller-pod-identity': { values: { ...controller, ...podIdentity } },
  'deploy/fence': { values: { fence: enabled }, made: () => beside('deploy/fence') },
  'deploy/first-pod': { values: { firstPod: enabled }, made: () => beside('deploy/first-pod') },
  'deploy/cronjob with every component': {
    values: { cronjob: { firstPass: true }, alerts: enabled },
    made: () => withComponents('deploy/cronjob', 'alerts-cronjob', 'first-pass'),
  },
  'deploy/controller with every component': {
    values: {
      ...controller,
      networkPolicy: enabled,
      serviceMonitor: enabled,
      alerts: enabled,
      dashboard: enabled,
      settings: { ECR_PRUNE: true },
    },
    made: () =>
      withComponents('deploy/controller', 'network-policy', 'service-monitor', 'alerts', 'dashboard', 'prune'),
  },
};

async function beside(overlay: string): Promise<Manifest[]> {
  return [...objectsOf(await build('deploy/cronjob')), ...objectsOf(await build(overlay))];
}

it('every overlay has its values here', () => {
  // Those without credentials are no more than parts of the others, as they say.
  const whole = overlays.filter((overlay) => !overlay.startsWith('deploy/base'));
  assert.deepEqual(
    whole.filter((overlay) => cases[overlay] === undefined),
    [],
  );
});

describe('the chart renders, object by object, what kustomize builds', { concurrency: true }, () => {
  for (const [name, { values, made = async () => objectsOf(await build(name)) }] of Object.entries(cases)) {
    it(name, async () => {
      const settings = 'settings' in values ? Object(values.settings) : {};
      const own = await objects({ ...values, settings: { ...region.settings, ...settings } });
      const kustomized = byName(await made());
      const helmed = byName(own.filter((object) => !isTest(object)));
      assert.deepEqual([...helmed.keys()].toSorted(), [...kustomized.keys()].toSorted());
      for (const [key, object] of kustomized) assert.deepEqual(helmed.get(key), object, key);
    });
  }
});

function isTest({ metadata }: Manifest): boolean {
  return annotationsOf(metadata)['helm.sh/hook'] === 'test';
}

function annotationsOf(metadata: object): Record<string, string> {
  return 'annotations' in metadata ? Object(metadata.annotations) : {};
}

function byName(found: readonly Manifest[]): Map<string, unknown> {
  return new Map(found.map((object) => [`${object.kind} ${plainName(object.metadata.name)}`, plain(object)]));
}

/** kustomize has the digest of its data in the name of the controller's ConfigMap. */
function plainName(name: string): string {
  return name.replace(/^(ecr-cred-helper-controller)-[a-z0-9]{10}$/, '$1');
}

/** Who applied it, and what takes the place of that digest and of Argo CD's hook, are the one's or the other's. */
const notCompared = new Set([
  'helm.sh/chart',
  'ecr-cred-helper/chart-version',
  'app.kubernetes.io/managed-by',
  'app.kubernetes.io/instance',
  'checksum/settings',
  'helm.sh/hook',
  'helm.sh/hook-delete-policy',
  'argocd.argoproj.io/hook',
  'argocd.argoproj.io/hook-delete-policy',
  'kustomize.toolkit.fluxcd.io/force',
]);

function plain(value: unknown): unknown {
  if (typeof value === 'string') return plainName(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    if (notCompared.has(key)) return [];
    const kept = plain(inner);
    // Nothing is left of annotations that were all of one tool.
    return key === 'annotations' && Object.keys(Object(kept)).length === 0 ? [] : [[key, kept] as const];
  });
  return Object.fromEntries(entries);
}

/** Whatever of deploy/ is installed: doctor has nothing against it that is not so. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { build, objectsOf } from '../deploy/manifests.ts';
import { giveKey, servedStage, type Stage } from './stage.ts';

const workloads = new Set(['CronJob', 'Deployment']);

/** What is installed, whose credentials AWS is asked with from here, and what is known to be said of it. */
const overlays: Record<string, { asked: string; notes: string[] }> = {
  'deploy/cronjob': { asked: 'AskedWithItsKey', notes: [] },
  'deploy/irsa': { asked: 'AskedWithOtherCredentials', notes: ['AskedWithOtherCredentials'] },
  'deploy/irsa-self-hosted': { asked: 'AskedWithOtherCredentials', notes: ['AskedWithOtherCredentials'] },
  'deploy/pod-identity': { asked: 'AskedWithOtherCredentials', notes: ['AskedWithOtherCredentials'] },
  'deploy/controller': { asked: 'AskedWithItsKey', notes: [] },
  'deploy/controller-irsa': { asked: 'AskedWithOtherCredentials', notes: ['AskedWithOtherCredentials'] },
  'deploy/controller-irsa-self-hosted': { asked: 'AskedWithOtherCredentials', notes: ['AskedWithOtherCredentials'] },
  'deploy/controller-pod-identity': { asked: 'AskedWithOtherCredentials', notes: ['AskedWithOtherCredentials'] },
  // On the way from one to the other.
  'deploy/cronjob and deploy/controller': { asked: 'AskedWithItsKey', notes: [] },
};

describe('doctor, of what is shipped', () => {
  let stage: Stage;
  before(async () => {
    stage = await servedStage();
    giveKey(stage);
  });
  after(() => stage.close());

  for (const [overlay, { asked, notes }] of Object.entries(overlays)) {
    it(`${overlay} has nothing to fix, and its credentials are ${asked}`, async () => {
      const built = await Promise.all(overlay.split(' and ').map(build));
      const objects = built.flatMap(objectsOf).filter(({ kind }) => kind !== 'PodDisruptionBudget');
      for (const object of objects) stage.kubernetes.apply(object);
      const running = objects.filter(({ kind }) => workloads.has(kind));
      for (const { kind, metadata } of running) {
        if (kind !== 'Deployment') continue;
        const path = `/apis/apps/v1/namespaces/ecr-cred-helper/deployments/${metadata.name}`;
        await stage.setStatus(path, { replicas: 2, readyReplicas: 2 });
      }
      const told = await stage.told();
      for (const { apiVersion, kind, metadata } of running) {
        stage.kubernetes.remove(apiVersion, kind, 'ecr-cred-helper', metadata.name);
      }
      const wrong = told.filter(({ severity }) => severity === 'problem');
      assert.deepEqual(wrong, []);
      assert.ok(told.some(({ reason }) => reason === asked));
      assert.ok(told.some(({ reason }) => reason === 'SettingsOfInstallation'));
      const noted = told.filter(({ severity, reason }) => severity === 'note' && reason !== 'FenceMissing');
      assert.deepEqual([...new Set(noted.map(({ reason }) => reason))], notes);
    });
  }
});

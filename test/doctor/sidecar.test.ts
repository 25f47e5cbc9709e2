/** Doctor and a mesh whose sidecar keeps a pass from ending: what it says to type mends what it found. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { runningCronJob, startStage, typedMends, type Stage } from './stage.ts';

const metadata = { name: 'ecr-cred-helper-1', namespace: 'ecr-cred-helper' };
const image = 'ghcr.io/ecr-cred-helper/ecr-cred-helper:2.0.0';
const containers = [
  { name: 'ecr-cred-helper', image },
  { name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.30.0' },
];

describe('doctor, of a pod that a sidecar keeps running', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage();
    await runningCronJob(stage);
    const template = { spec: { restartPolicy: 'Never', containers } };
    stage.kubernetes.apply({ apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { template } });
    const labels = { 'job-name': metadata.name };
    stage.kubernetes.apply({ apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, labels }, spec: { containers } });
    await stage.setStatus(`/apis/batch/v1/namespaces/ecr-cred-helper/jobs/${metadata.name}`, { active: 1 });
    const containerStatuses = containers.map((container, index) => ({
      ...container,
      imageID: '',
      ready: index === 1,
      restartCount: 0,
      state: index === 0 ? { terminated: { exitCode: 0 } } : { running: {} },
    }));
    await stage.setStatus(`/api/v1/namespaces/ecr-cred-helper/pods/${metadata.name}`, {
      phase: 'Running',
      containerStatuses,
    });
  });
  after(() => stage.close());

  it('names it and the sidecar, and what to type, which keeps the sidecar out', async () => {
    await typedMends(stage, 'PodKeptRunning');
    const cronJob = stage.kubernetes.get('batch/v1', 'CronJob', 'ecr-cred-helper', 'ecr-cred-helper');
    assert.match(JSON.stringify(cronJob), /"sidecar\.istio\.io\/inject":"false"/);
  });
});

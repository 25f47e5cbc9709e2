/** What is found of the CronJob and of the controller; where something is said to type, it is typed. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { build, objectsOf } from '../deploy/manifests.ts';
import { cronJobPath, finds, giveKey, servedStage, typedMends, wellStage, type Stage } from './stage.ts';

const ns = 'ecr-cred-helper';
const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString().replace(/\.\d+Z$/, 'Z');

describe('doctor, of the CronJob', () => {
  let stage: Stage;
  before(async () => {
    stage = await wellStage();
  });
  after(() => stage.close());

  it('names one that has never run', async () => {
    await stage.setStatus(cronJobPath, { lastScheduleTime: null, lastSuccessfulTime: null });
    listedAsOld();
    const succeeds = async () => {
      stage.kubernetes.faults.clear();
      await stage.setStatus(cronJobPath, { lastScheduleTime: hoursAgo(0), lastSuccessfulTime: hoursAgo(0) });
    };
    await typedMends(stage, 'CronJobNeverRan', { meanwhile: succeeds });
  });

  it('names one whose runs do not end well any more', async () => {
    await stage.setStatus(cronJobPath, { lastScheduleTime: hoursAgo(1), lastSuccessfulTime: hoursAgo(20) });
    listedAsOld();
    const [overdue] = await finds(stage, 'RunOverdue');
    const { code, stdout } = await stage.typed(overdue?.command ?? 'false');
    assert.equal(code, 0);
    assert.match(stdout, /CronJob|Schedule/);
    stage.kubernetes.faults.clear();
    await stage.setStatus(cronJobPath, { lastSuccessfulTime: hoursAgo(0) });
  });

  it('names a tag that moves', async () => {
    await stage.typed(`kubectl -n ${ns} set image cronjob/${ns} ${ns}=ghcr.io/${ns}/${ns}:latest`);
    await finds(stage, 'ImageTagFloats');
  });

  /** The API server dates what is made: here it says that this was made long ago. */
  function listedAsOld(): void {
    const made = stage.kubernetes.get('batch/v1', 'CronJob', ns, ns);
    const old = { ...made, metadata: { ...made?.metadata, creationTimestamp: hoursAgo(30) } };
    const body = { apiVersion: 'batch/v1', kind: 'CronJobList', metadata: {}, items: [old] };
    stage.kubernetes.faults.add({ match: { verb: 'list', resource: 'cronjobs' }, effect: { status: 200, body } });
  }
});

describe('doctor, of the controller', () => {
  let stage: Stage;
  const path = `/apis/apps/v1/namespaces/${ns}/deployments/${ns}`;
  before(async () => {
    stage = await servedStage();
    giveKey(stage);
    const objects = objectsOf(await build('deploy/controller'));
    for (const object of objects.filter(({ kind }) => kind !== 'PodDisruptionBudget')) stage.kubernetes.apply(object);
    await stage.setStatus(path, { replicas: 2, readyReplicas: 2 });
  });
  after(() => stage.close());

  it('names a pod that was killed for want of memory, above everything else', async () => {
    // What the API server holds has the shape that its kind has.
    const made: unknown = stage.kubernetes.get('apps/v1', 'Deployment', ns, ns);
    const { spec } = made as Deployed;
    const metadata = { namespace: ns, name: `${ns}-5f7-x`, labels: spec.template.metadata.labels };
    stage.kubernetes.apply({ apiVersion: 'v1', kind: 'Pod', metadata, spec: spec.template.spec });
    const lastState = { terminated: { exitCode: 137, reason: 'OOMKilled', finishedAt: hoursAgo(0) } };
    const status = {
      name: ns,
      image: 'x',
      imageID: '',
      ready: true,
      restartCount: 4,
      state: { running: {} },
      lastState,
    };
    await stage.setStatus(`/api/v1/namespaces/${ns}/pods/${metadata.name}`, {
      phase: 'Running',
      containerStatuses: [status],
    });
    // Its controller makes others in its place.
    await typedMends(stage, 'WorkloadPodOutOfMemory', {
      meanwhile: () => stage.kubernetes.remove('v1', 'Pod', ns, metadata.name),
    });
  });

  it('names one that was scaled to nothing', async () => {
    await stage.merge(path, { spec: { replicas: 0 } });
    await stage.setStatus(path, { replicas: 0, readyReplicas: 0 });
    await typedMends(stage, 'DeploymentScaledDown');
  });

  it('names one of which no replica is ready', async () => {
    const message = 'Deployment does not have minimum availability.';
    const conditions = [{ type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable', message }];
    await stage.setStatus(path, { replicas: 2, readyReplicas: 0, conditions });
    await finds(stage, 'DeploymentNotReady');
    await stage.setStatus(path, { replicas: 2, readyReplicas: 2, conditions: [] });
  });

  type Deployed = { spec: { template: { metadata: { labels: Record<string, string> }; spec: object } } };
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findWorkload, runNow, type WorkloadFacts } from '../../../src/core/doctor/workload.ts';
import { endingOf, failedCreate, keptPod, stuckPod } from '../../../src/core/doctor/pod-facts.ts';
import {
  type CronJobFact,
  type DeploymentFact,
  activeJob,
  cronJobFact,
  deploymentFact,
  endedJob,
  podlessJob,
  repositoryOf,
} from '../../../src/core/doctor/workload-facts.ts';

const hourMs = 3_600_000;
const nowMs = Date.UTC(2026, 0, 2, 12);
const version = '2.0.0';
const image = 'ghcr.io/x/ecr-cred-helper:2.0.0';
const cronJob: CronJobFact = {
  kind: 'CronJob',
  namespace: 'n',
  name: 'c',
  serviceAccount: 'a',
  images: [image],
  podSpec: {},
  schedule: '0 */4 * * *',
  suspended: false,
  createdMs: nowMs - 100 * hourMs,
  lastScheduleMs: nowMs - hourMs,
  lastSuccessMs: nowMs - hourMs,
};
const deployment: DeploymentFact = {
  kind: 'Deployment',
  namespace: 'n',
  name: 'd',
  serviceAccount: 'a',
  images: [image],
  podSpec: {},
  selector: {},
  replicas: 2,
  ready: 2,
  why: '',
};
const failedJob = {
  namespace: 'n',
  name: 'c-1',
  endedMs: nowMs - hourMs / 2,
  failed: true,
  why: 'BackoffLimitExceeded: x',
};
const reasons = (facts: Partial<WorkloadFacts>) =>
  findWorkload({ workloads: [], lastJobs: [], nowMs, version, ...facts }).map(({ reason }) => reason);
const of = (changes: Partial<CronJobFact>, lastJobs: WorkloadFacts['lastJobs'] = []) =>
  reasons({ workloads: [{ ...cronJob, ...changes }], lastJobs });
const never: Partial<CronJobFact> = { lastSuccessMs: undefined as never, lastScheduleMs: undefined as never };

describe('what runs the program', () => {
  it('is to be installed as it came with this program, and from the checkout where that was never released', () => {
    const fix = (of: string) => findWorkload({ workloads: [], lastJobs: [], nowMs, version: of })[0]?.fix;
    const url = 'https://github.com/ecr-cred-helper/ecr-cred-helper//deploy/cronjob?ref=v2.0.0';
    assert.ok(fix('2.0.0')?.endsWith(` && kubectl apply -k '${url}'`), fix('2.0.0'));
    assert.match(
      fix('0.0.0-source') ?? '',
      /^Install it: kubectl create namespace .* && kubectl apply -k deploy\/cronjob$/,
    );
  });
  it('is nothing, which is found, or could not be seen', () => {
    assert.deepEqual(reasons({}), ['WorkloadMissing']);
    assert.deepEqual(reasons({ unseen: 'no' }), ['CouldNotLook']);
    assert.deepEqual(reasons({ unseen: 'no', workloads: [deployment] }), [
      'CouldNotLook',
      'WorkloadFound',
      'ImageTagFixed',
    ]);
  });

  const states: Record<string, [changes: Partial<CronJobFact>, reason: string, jobs?: WorkloadFacts['lastJobs']]> = {
    'has just succeeded': [{}, 'WorkloadFound'],
    'is suspended': [{ suspended: true }, 'CronJobSuspended'],
    'has never run': [never, 'CronJobNeverRan'],
    'has just been made, and is not due yet': [{ ...never, createdMs: nowMs - 5 * hourMs }, 'WorkloadFound'],
    'is in its first run': [{ lastSuccessMs: undefined as never, createdMs: nowMs - hourMs }, 'WorkloadFound'],
    'has never succeeded, and should have': [{ lastSuccessMs: undefined as never }, 'RunOverdue'],
    'has not succeeded for longer than its schedule and an hour': [
      { lastSuccessMs: nowMs - 5 * hourMs - 1 },
      'RunOverdue',
    ],
    'is not late within that hour': [{ lastSuccessMs: nowMs - 5 * hourMs }, 'WorkloadFound'],
    'failed the last time': [{}, 'LastRunFailed', [failedJob]],
    'failed before it succeeded': [{ lastSuccessMs: nowMs }, 'WorkloadFound', [failedJob]],
    'failed in another namespace, which is another': [{}, 'WorkloadFound', [{ ...failedJob, namespace: 'm' }]],
    'succeeded by hand, though the CronJob itself never did': [
      { lastSuccessMs: undefined as never },
      'WorkloadFound',
      [{ ...failedJob, failed: false }],
    ],
  };
  for (const [title, [changes, reason, jobs]] of Object.entries(states)) {
    it(`is a CronJob that ${title}`, () => assert.equal(of(changes, jobs)[0], reason));
  }

  const schedules: Record<string, [schedule: string, reason: string]> = {
    'leaves room for a run that fails': ['0 */4 * * *', 'ScheduleFits'],
    'leaves no room for one': ['0 */6 * * *', 'ScheduleLeavesNoSlack'],
    'lets the token run out': ['0 0,12 * * *', 'ScheduleTooSparse'],
    'cannot be read': ['whenever', 'CouldNotLook'],
  };
  for (const [title, [schedule, reason]] of Object.entries(schedules)) {
    it(`is a CronJob whose schedule ${title}`, () => assert.equal(of({ schedule })[1], reason));
  }

  it('is a CronJob whose schedule is held against what the tokens live that were issued', () => {
    const life = (hours: number) => reasons({ workloads: [cronJob], tokenLifeMs: hours * hourMs })[1];
    assert.deepEqual([life(12), life(8), life(2)], ['ScheduleFits', 'ScheduleLeavesNoSlack', 'ScheduleTooSparse']);
  });
  it('is a CronJob whose pod a sidecar keeps running', () => {
    const kept = { namespace: 'n', pod: 'c-1-x', job: 'c-1', running: ['istio-proxy'] };
    assert.ok(reasons({ workloads: [cronJob], kept: [kept] }).includes('PodKeptRunning'));
    assert.ok(!reasons({ workloads: [cronJob], kept: [{ ...kept, namespace: 'm' }] }).includes('PodKeptRunning'));
  });

  const deployments: Record<string, [changes: Partial<DeploymentFact>, reason: string]> = {
    'is ready': [{}, 'WorkloadFound'],
    'has one of two replicas ready': [{ ready: 1 }, 'WorkloadFound'],
    'has none ready': [{ ready: 0 }, 'DeploymentNotReady'],
    'has none at all': [{ replicas: 0, ready: 0 }, 'DeploymentScaledDown'],
  };
  for (const [title, [changes, reason]] of Object.entries(deployments)) {
    it(`is a Deployment that ${title}`, () =>
      assert.equal(reasons({ workloads: [{ ...deployment, ...changes }] })[0], reason));
  }

  const tags: Record<string, [image: string, reason: string]> = {
    'a version': ['r:443/x:2.0.0', 'ImageTagFixed'],
    'a digest': [`r/x@sha256:${'a'.repeat(64)}`, 'ImageTagFixed'],
    'a version that moves': ['r/x:v2', 'ImageTagFloats'],
    'a branch': ['r/x:main', 'ImageTagFloats'],
    'no tag': ['r:443/x', 'ImageTagFloats'],
  };
  for (const [title, [each, reason]] of Object.entries(tags)) {
    it(`is named by ${title}`, () => assert.equal(of({ images: [each] })[2], reason));
  }

  it('is told how it ended, and what to do where it was for want of memory', () => {
    const told = (exitCode: number, reason: string) =>
      findWorkload({
        workloads: [cronJob],
        lastJobs: [{ ...failedJob, ending: { exitCode, reason } }],
        nowMs,
        version,
      })[0];
    assert.match(told(3, 'Error')?.found ?? '', /exit code 3 \(AWS gave no token\); BackoffLimitExceeded/);
    const [unsaid] = findWorkload({
      workloads: [cronJob],
      lastJobs: [{ ...failedJob, why: '', ending: { exitCode: 3, reason: 'Error' } }],
      nowMs,
      version,
    });
    assert.match(unsaid?.found ?? '', /Z: exit code 3 \(AWS gave no token\)$/);
    assert.match(told(137, 'OOMKilled')?.fix ?? '', /^Give it more memory/);
    assert.match(told(134, 'Error')?.fix ?? '', /^Give it more memory/);
    assert.match(told(134, 'Error')?.found ?? '', /exit code 134 \(its memory ran out\)/);
    assert.match(told(3, 'Error')?.fix ?? '', /^Read why: kubectl -n n logs job\/c-1/);
  });

  it('can be had to run now', () => {
    assert.match(runNow(cronJob), /kubectl -n n create job --from=cronjob\/c c-\$\(date \+%s\)$/);
    assert.match(runNow(deployment), /kubectl -n n rollout restart deployment\/d$/);
    assert.match(runNow(undefined), /refresh$/);
  });
  it('is not to be run again where its pods cannot start', () => {
    const stuck = [{ namespace: 'n', pod: 'c-1', reason: 'ImagePullBackOff', message: '', workload: cronJob }];
    assert.match(runNow(cronJob, stuck), /^Mend what keeps its pods from starting/);
    assert.match(runNow(deployment, stuck), /rollout restart/);
  });
});

describe('a job whose pods are not let in', () => {
  const job = (status: object, spec: object = {}) => ({
    metadata: { namespace: 'n', name: 'c-1' },
    spec: { template: { spec: { containers: [{ image }] } }, ...spec },
    status,
  });
  const cases: Record<string, [object, boolean]> = {
    'is one that has none yet': [job({}), true],
    'is one that had been suspended': [job({ conditions: [{ type: 'Suspended', status: 'False' }] }), true],
    'is not one with a pod that runs': [job({ active: 1 }), false],
    'is not one whose pod has failed, and is made anew': [job({ failed: 1 }), false],
    'is not one that has ended': [job({ conditions: [{ type: 'Complete', status: 'True' }] }), false],
    'is not one that is suspended': [job({}, { suspend: true }), false],
    'is not one of somebody else': [
      { ...job({}), spec: { template: { spec: { containers: [{ image: 'x' }] } } } },
      false,
    ],
  };
  for (const [title, [object, is]] of Object.entries(cases)) {
    it(title, () => assert.deepEqual(podlessJob(object), is ? { namespace: 'n', name: 'c-1' } : undefined));
  }

  it('is told by the last of its events that says so', () => {
    const event = (reason: string, message: string) => ({ reason, message });
    assert.equal(failedCreate([event('FailedCreate', 'a'), event('FailedCreate', 'b'), event('Other', 'c')]), 'b');
    assert.equal(failedCreate([event('SuccessfulCreate', 'a')]), undefined);
  });

  it('stands above everything, with the command that shows what Kubernetes says', () => {
    const stuck = [
      { namespace: 'n', job: 'c-1', reason: 'FailedCreate', message: 'exceeded quota', workload: cronJob },
    ];
    const [first] = findWorkload({ workloads: [cronJob], lastJobs: [], stuck, nowMs, version });
    assert.equal(first?.reason, 'WorkloadPodWaiting');
    assert.equal(first.looked, 'job n/c-1 of cronjob n/c');
    assert.match(first.fix, /: kubectl -n n describe job c-1$/);
  });
});

describe('an object of the cluster', () => {
  const template = (changes: object = {}) => ({
    spec: { containers: [{ image }], serviceAccountName: 'a', ...changes },
  });
  const metadata = { namespace: 'n', name: 'c', creationTimestamp: '2026-01-01T00:00:00Z' };
  const time = '2026-01-02T00:00:00Z';

  it('is a CronJob of ours by its image or its label, and none of others', () => {
    const one = (labels: object, by: string) =>
      cronJobFact({
        metadata: { ...metadata, labels },
        spec: { jobTemplate: { spec: { template: template({ containers: [{ image: by }] }) } } },
      });
    assert.equal(one({}, image)?.name, 'c');
    assert.equal(one({ 'app.kubernetes.io/name': 'ecr-cred-helper' }, 'mirror/other')?.name, 'c');
    assert.equal(one({}, 'ghcr.io/x/other:1'), undefined);
    assert.equal(cronJobFact(null), undefined);
  });
  it("belongs to a release of Helm's where Helm has written so, and says of which chart", () => {
    const chart = { 'ecr-cred-helper/chart-version': '2.1.0' };
    const helms = { 'meta.helm.sh/release-name': 'pulls', 'meta.helm.sh/release-namespace': 'n' };
    const written = { ...chart, ...helms };
    const helm = { 'app.kubernetes.io/managed-by': 'Helm' };
    const one = (labels: object, annotations?: object) =>
      cronJobFact({
        metadata: { ...metadata, labels, annotations },
        spec: { jobTemplate: { spec: { template: template() } } },
      })?.release;
    assert.deepEqual(one(helm, written), { name: 'pulls', namespace: 'n', version: '2.1.0' });
    // A dependency of a chart of somebody's own, which an upgrade to this one would take away.
    assert.equal(one(helm, helms), undefined);
    // Argo CD renders, and no helm command knows of it.
    assert.equal(one(helm, chart), undefined);
    assert.equal(one(helm), undefined);
    // Taken over by somebody else since.
    assert.equal(one({ 'app.kubernetes.io/managed-by': 'kustomize' }, written), undefined);
  });
  it("belongs to no release whose name is none of Helm's, or that is elsewhere: anybody can annotate what is theirs", () => {
    const one = (changes: Record<string, string>) =>
      cronJobFact({
        metadata: {
          ...metadata,
          labels: { 'app.kubernetes.io/managed-by': 'Helm' },
          annotations: {
            'meta.helm.sh/release-name': 'pulls',
            'meta.helm.sh/release-namespace': 'n',
            'ecr-cred-helper/chart-version': '2.1.0-rc.1+b',
            ...changes,
          },
        },
        spec: { jobTemplate: { spec: { template: template() } } },
      })?.release;
    assert.deepEqual(one({}), { name: 'pulls', namespace: 'n', version: '2.1.0-rc.1+b' });
    for (const name of ['--post-renderer=x', 'x;id', 'a\nb', 'Pulls', 'a'.repeat(54), '.'])
      assert.equal(one({ 'meta.helm.sh/release-name': name }), undefined, name);
    for (const namespace of ['kube-system', '', 'n;id', 'n '])
      assert.equal(one({ 'meta.helm.sh/release-namespace': namespace }), undefined, namespace);
    for (const version of ['2', '2.1.0 ', '$(id)', '-1.0.0', '>=1.0.0'])
      assert.equal(one({ 'ecr-cred-helper/chart-version': version }), undefined, version);
  });
  it('is a CronJob with its schedule, its zone and its times', () => {
    const spec = {
      schedule: '@daily',
      timeZone: 'Etc/UTC',
      suspend: true,
      jobTemplate: { spec: { template: template() } },
    };
    const fact = cronJobFact({ metadata, spec, status: { lastScheduleTime: time, lastSuccessfulTime: 'never' } });
    assert.deepEqual(fact, {
      kind: 'CronJob',
      namespace: 'n',
      name: 'c',
      serviceAccount: 'a',
      images: [image],
      podSpec: template().spec,
      schedule: '@daily',
      timeZone: 'Etc/UTC',
      suspended: true,
      createdMs: Date.UTC(2026, 0, 1),
      lastScheduleMs: Date.UTC(2026, 0, 2),
    });
  });
  it('is a Deployment with its replicas, one where it does not say, and what is amiss with it', () => {
    const conditions = [
      { type: 'Available', status: 'False', reason: 'Few', message: 'x' },
      { type: 'ReplicaFailure', status: 'True', reason: 'Quota', message: 'y' },
      { type: 'Progressing', status: 'True', reason: 'Fine', message: 'z' },
    ];
    const fact = deploymentFact({
      metadata,
      spec: { template: template({ serviceAccountName: undefined }) },
      status: { conditions },
    });
    assert.deepEqual(
      [fact?.replicas, fact?.ready, fact?.serviceAccount, fact?.why],
      [1, 0, 'default', 'Few: x; Quota: y'],
    );
  });
  it('is a job that has ended, well or not, and none that still runs', () => {
    const one = (...conditions: object[]) =>
      endedJob({ metadata, spec: { template: template() }, status: { conditions } });
    const complete = { type: 'Complete', status: 'True', lastTransitionTime: time };
    const failed = { type: 'Failed', status: 'True', lastTransitionTime: time, reason: 'r', message: 'm' };
    assert.deepEqual(one(complete), {
      namespace: 'n',
      name: 'c',
      endedMs: Date.UTC(2026, 0, 2),
      failed: false,
      why: '',
    });
    assert.deepEqual(one(failed)?.why, 'r: m');
    assert.equal(one({ ...complete, status: 'False' }), undefined);
  });
  it('is a pod, of which the last that ended says how', () => {
    const pod = (exitCode: unknown, finishedAt: string) => ({
      status: { containerStatuses: [{ state: { terminated: { exitCode, reason: 'Error', finishedAt } } }] },
    });
    assert.deepEqual(endingOf([pod(1, '2026-01-01T00:00:00Z'), pod(5, time), pod('x', time)]), {
      exitCode: 5,
      reason: 'Error',
    });
    assert.equal(endingOf([{ status: {} }, null]), undefined);
  });
  it('is a job that still has a pod', () => {
    const one = (active: unknown) => activeJob({ metadata, spec: { template: template() }, status: { active } });
    assert.deepEqual([one(1)?.name, one(0), one(undefined)], ['c', undefined, undefined]);
  });
  it('is a pod that others keep when its own container has ended, and no other', () => {
    const own = (state: object) => ({ name: 'main', image, state });
    const sidecar = (state: object) => ({ name: 'istio-proxy', image: 'istio/proxyv2:1', state });
    const [runs, ended] = [{ running: {} }, { terminated: { exitCode: 0 } }];
    const kept = (...containerStatuses: object[]) => keptPod({ metadata, status: { containerStatuses } }, 'j')?.running;
    assert.deepEqual(kept(own(ended), sidecar(runs)), ['istio-proxy']);
    assert.equal(kept(own(runs), sidecar(runs)), undefined);
    assert.equal(kept(own(ended), sidecar(ended)), undefined);
    assert.equal(kept(sidecar(ended), { ...sidecar(runs), name: 'b' }), undefined);
  });
  it('is an image, which has a repository whatever its tag', () => {
    const images = ['r:443/a/x:1', 'r:443/a/x', 'r/x@sha256:abc', 'x:1@sha256:abc'];
    assert.deepEqual(images.map(repositoryOf), ['r:443/a/x', 'r:443/a/x', 'r/x', 'x']);
  });
});

describe('a pod that does not run', () => {
  const metadata = { namespace: 'n', name: 'c-1-x' };
  const status = (state: object, lastState: object = {}) => ({
    containerStatuses: [{ name: 'main', state, lastState, restartCount: 3 }],
  });
  const waits = (reason: string) => status({ waiting: { reason, message: 'said' } });
  const killed = (minutesAgo: number) => ({
    terminated: { reason: 'OOMKilled', exitCode: 137, finishedAt: new Date(nowMs - minutesAgo * 60_000).toISOString() },
  });
  const unscheduled = {
    phase: 'Pending',
    conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' }],
  };
  const cases: Record<string, [status: object, told: string | undefined]> = {
    'waits for its image': [waits('ImagePullBackOff'), 'ImagePullBackOff: said'],
    'waits for its image the first time': [waits('ErrImagePull'), 'ErrImagePull: said'],
    'lacks a Secret or a ConfigMap': [waits('CreateContainerConfigError'), 'CreateContainerConfigError: said'],
    'ends again and again': [
      status({ waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } }, { terminated: { exitCode: 2 } }),
      'CrashLoopBackOff: back-off; it ended with exit code 2',
    ],
    'was killed for memory a moment ago': [
      status({ running: {} }, killed(10)),
      'OOMKilled: it was killed for memory, and started 3 times',
    ],
    'ended by itself for want of memory, again and again': [
      status(
        { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } },
        { terminated: { reason: 'Error', exitCode: 134 } },
      ),
      'Error: its memory ran out (exit code 134), and started 3 times',
    ],
    'was killed for memory yesterday, and runs': [status({ running: {} }, killed(1440)), undefined],
    'has no node': [unscheduled, 'Unschedulable: 0/3 nodes'],
    'was evicted': [{ phase: 'Failed', reason: 'Evicted', message: 'disk' }, 'Evicted: disk'],
    'is being made': [waits('ContainerCreating'), undefined],
    runs: [status({ running: {} }), undefined],
  };
  for (const [title, [state, told]] of Object.entries(cases)) {
    it(title, () => {
      const found = stuckPod({ metadata, status: state }, nowMs);
      assert.equal(found === undefined ? undefined : `${found.reason}: ${found.message}`, told);
    });
  }
  const found = (...reasons: string[]) =>
    findWorkload({
      workloads: [cronJob],
      lastJobs: [],
      nowMs,
      version,
      stuck: reasons.map((reason, index) => ({
        ...(reason === 'OOMKilled' ? { isStarved: true as const } : {}),
        namespace: 'n',
        pod: `c-${index}`,
        reason,
        message: 'said',
        container: 'main',
        workload: {
          ...cronJob,
          podSpec: { containers: [{ name: 'main', resources: { limits: { memory: '64Mi' } } }] },
        },
      })),
    });
  it('is told above everything else, once for all that are alike', () => {
    const [first, second, third] = found('ImagePullBackOff', 'ImagePullBackOff', 'Unschedulable');
    assert.equal(first?.looked, 'pod n/c-0 and 1 more of cronjob n/c');
    assert.equal(first.fix, 'What Kubernetes says of it: kubectl -n n describe pod c-0');
    assert.deepEqual([second?.reason, third?.reason], ['WorkloadPodWaiting', 'WorkloadFound']);
  });
  it('is to be given twice the memory where it was killed for want of it', () => {
    assert.equal(
      found('OOMKilled')[0]?.fix,
      'Give it more memory: kubectl -n n set resources cronjob/c -c main --limits=memory=128Mi',
    );
  });
  it('is to be read where it ended by itself', () => {
    assert.equal(found('CrashLoopBackOff')[0]?.fix, 'Read why: kubectl -n n logs c-0 -c main --previous');
  });
});

describe('a schedule that is too sparse', () => {
  const fix = (schedule: string, tokenLifeMs?: number) =>
    findWorkload({
      workloads: [{ ...cronJob, schedule }],
      lastJobs: [],
      nowMs,
      version,
      ...(tokenLifeMs === undefined ? {} : { tokenLifeMs }),
    }).find(({ check }) => check === 'workload/schedule')?.fix;
  for (const [schedule, lifeMs, better] of [
    ['0 */6 * * *', undefined, '17 */4 * * *'],
    ['@daily', undefined, '17 */4 * * *'],
    // As one is measured: from when it was asked for, by another clock than the one that dates it.
    ['0 */6 * * *', 12 * hourMs - 1500, '17 */4 * * *'],
    ['0 */6 * * *', 12 * hourMs + 1500, '17 */4 * * *'],
    ['0 */4 * * *', 7 * hourMs, '17 */2 * * *'],
    ['0 */4 * * *', hourMs, '*/20 * * * *'],
    ['0 * * * *', hourMs / 4, '*/5 * * * *'],
  ] as const) {
    it(`(${schedule}, of a token that lives ${(lifeMs ?? 12 * hourMs) / hourMs} h) is to be ${better}`, () => {
      assert.ok(fix(schedule, lifeMs)?.includes(`{"spec":{"schedule":"${better}"}}`), fix(schedule, lifeMs));
      assert.match(fix(better, lifeMs) ?? 'none', /^$/);
    });
  }
});

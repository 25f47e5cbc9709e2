import { recordAt, recordsAt, text } from '../api/reply.ts';
import type { Release } from './shipped.ts';

/** The name that our manifests give everything. */
const ourName = 'ecr-cred-helper';

/** As Helm's ValidateReleaseName has it. */
const releaseName = /^(?=.{1,53}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const chartVersion = /^\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?$/;

/** A CronJob that runs this program. */
export type CronJobFact = {
  kind: 'CronJob';
  namespace: string;
  name: string;
  /** Where Helm installed it. */
  release?: Release;
  serviceAccount: string;
  images: readonly string[];
  /** Of its pods, as it was written. */
  podSpec: Record<string, unknown>;
  schedule: string;
  /** Of the schedule; absent: that of the controller of CronJobs, UTC nearly everywhere. */
  timeZone?: string;
  suspended: boolean;
  createdMs: number;
  lastScheduleMs?: number;
  lastSuccessMs?: number;
};

/** A Deployment that runs this program. */
export type DeploymentFact = {
  kind: 'Deployment';
  namespace: string;
  name: string;
  /** Where Helm installed it. */
  release?: Release;
  serviceAccount: string;
  images: readonly string[];
  /** Of its pods, as it was written. */
  podSpec: Record<string, unknown>;
  replicas: number;
  ready: number;
  /** What its conditions say that are not as they should be. */
  why: string;
  /** The labels of its pods. */
  selector: Readonly<Record<string, unknown>>;
};

export type Workload = CronJobFact | DeploymentFact;

/** `cronjob ecr-cred-helper/ecr-cred-helper`. */
export function workloadName({ kind, namespace, name }: Pick<Workload, 'kind' | 'namespace' | 'name'>): string {
  return `${kind.toLowerCase()} ${namespace}/${name}`;
}

/** A Job that ran this program and has ended. */
export type EndedJob = {
  namespace: string;
  name: string;
  endedMs: number;
  failed: boolean;
  /** `BackoffLimitExceeded` and its message, where it failed. */
  why: string;
};

/** Reads a CronJob; undefined where it runs something else. */
export function cronJobFact(cronJob: unknown): CronJobFact | undefined {
  const spec = recordAt(cronJob, 'spec');
  const podSpec = recordAt(recordAt(recordAt(recordAt(spec, 'jobTemplate'), 'spec'), 'template'), 'spec');
  if (!runsUs(cronJob, podSpec)) return undefined;
  const status = recordAt(cronJob, 'status');
  const lastScheduleMs = timeAt(status, 'lastScheduleTime');
  const lastSuccessMs = timeAt(status, 'lastSuccessfulTime');
  const timeZone = text(spec['timeZone']);
  return {
    kind: 'CronJob',
    ...nameOf(cronJob),
    ...releaseOf(cronJob),
    ...podFacts(podSpec),
    schedule: text(spec['schedule']),
    ...(timeZone === '' ? {} : { timeZone }),
    suspended: spec['suspend'] === true,
    createdMs: timeAt(recordAt(cronJob, 'metadata'), 'creationTimestamp') ?? 0,
    ...(lastScheduleMs === undefined ? {} : { lastScheduleMs }),
    ...(lastSuccessMs === undefined ? {} : { lastSuccessMs }),
  };
}

/** Reads a Deployment; undefined where it runs something else. */
export function deploymentFact(deployment: unknown): DeploymentFact | undefined {
  const spec = recordAt(deployment, 'spec');
  const podSpec = recordAt(recordAt(spec, 'template'), 'spec');
  if (!runsUs(deployment, podSpec)) return undefined;
  const status = recordAt(deployment, 'status');
  const amiss = recordsAt(status, 'conditions').filter(
    (condition) => (condition['status'] === 'True') === (condition['type'] === 'ReplicaFailure'),
  );
  return {
    kind: 'Deployment',
    ...nameOf(deployment),
    ...releaseOf(deployment),
    ...podFacts(podSpec),
    replicas: typeof spec['replicas'] === 'number' ? spec['replicas'] : 1,
    ready: typeof status['readyReplicas'] === 'number' ? status['readyReplicas'] : 0,
    selector: recordAt(recordAt(spec, 'selector'), 'matchLabels'),
    why: amiss.map((condition) => `${text(condition['reason'])}: ${text(condition['message'])}`).join('; '),
  };
}

/** Reads a Job; undefined where it runs something else or has not ended. */
export function endedJob(job: unknown): EndedJob | undefined {
  const podSpec = recordAt(recordAt(recordAt(job, 'spec'), 'template'), 'spec');
  if (!runsUs(job, podSpec)) return undefined;
  const conditions = recordsAt(recordAt(job, 'status'), 'conditions').filter(({ status }) => status === 'True');
  const failure = conditions.find(({ type }) => type === 'Failed');
  const ending = failure ?? conditions.find(({ type }) => type === 'Complete');
  if (ending === undefined) return undefined;
  return {
    ...nameOf(job),
    endedMs: timeAt(ending, 'lastTransitionTime') ?? 0,
    failed: failure !== undefined,
    why: [text(failure?.['reason']), text(failure?.['message'])].filter((word) => word !== '').join(': '),
  };
}

/** Reads a Job; undefined where it runs something else or has no pod that runs. */
export function activeJob(job: unknown): { namespace: string; name: string } | undefined {
  const podSpec = recordAt(recordAt(recordAt(job, 'spec'), 'template'), 'spec');
  const { active } = recordAt(job, 'status');
  return runsUs(job, podSpec) && typeof active === 'number' && active > 0 ? nameOf(job) : undefined;
}

/** Reads a Job; undefined where it runs something else, has ended, is suspended, or has had a pod. */
export function podlessJob(job: unknown): { namespace: string; name: string } | undefined {
  const spec = recordAt(job, 'spec');
  const status = recordAt(job, 'status');
  const hasEnded = recordsAt(status, 'conditions').some((condition) => condition['status'] === 'True');
  const hasPods = ['active', 'succeeded', 'failed'].some((kind) => Number(status[kind] ?? 0) > 0);
  if (!runsUs(job, recordAt(recordAt(spec, 'template'), 'spec')) || hasEnded || hasPods) return undefined;
  return spec['suspend'] === true ? undefined : nameOf(job);
}

/** What the controller of Jobs last said of pods that it could not make; undefined where it said nothing of it. */
export function failedCreate(events: readonly Record<string, unknown>[]): string | undefined {
  const said = events.filter((event) => event['reason'] === 'FailedCreate');
  return said.length === 0 ? undefined : text(said.at(-1)?.['message']);
}

/** A pod of a job whose own container has ended while others run. */
export type KeptPod = { namespace: string; pod: string; job: string; running: readonly string[] };

/** Reads a pod of a job; undefined where nothing keeps it. */
export function keptPod(pod: unknown, job: string): KeptPod | undefined {
  const states = recordsAt(recordAt(pod, 'status'), 'containerStatuses').map((container) => ({
    name: text(container['name']),
    isOurs: isOurs(container),
    state: recordAt(container, 'state'),
  }));
  const hasEnded = states.some(({ isOurs, state }) => isOurs && 'terminated' in state);
  const running = states.filter(({ isOurs, state }) => !isOurs && 'running' in state).map(({ name }) => name);
  const { namespace, name } = nameOf(pod);
  return hasEnded && running.length > 0 ? { namespace, pod: name, job, running } : undefined;
}

/** A pod that runs this program, or would: why it does not. */
export type StuckPod = {
  namespace: string;
  /** Absent where none could be made; `job` is what it would have been of. */
  pod?: string;
  job?: string;
  /** Kubernetes' own word: `ImagePullBackOff`, `Unschedulable`, `OOMKilled`, `FailedCreate`. */
  reason: string;
  message: string;
  /** Absent where no container was made. */
  container?: string;
  /** It had too little memory. */
  isStarved?: true;
};

/** What a container waits for that does not come by itself. */
const stuckReasons: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'CrashLoopBackOff',
]);

/** A container that was killed this long ago and runs again is told of. */
const recentlyMs = 3_600_000;

/** Reads a pod; undefined where nothing keeps it from running. */
export function stuckPod(pod: unknown, nowMs: number): StuckPod | undefined {
  const status = recordAt(pod, 'status');
  const { namespace, name } = nameOf(pod);
  const of = { namespace, pod: name };
  if (status['phase'] === 'Failed' && status['reason'] === 'Evicted') {
    return { ...of, reason: 'Evicted', message: text(status['message']) };
  }
  const scheduled = recordsAt(status, 'conditions').find(({ type }) => type === 'PodScheduled');
  if (scheduled?.['status'] === 'False') {
    return { ...of, reason: text(scheduled['reason']) || 'Unschedulable', message: text(scheduled['message']) };
  }
  const containers = [...recordsAt(status, 'initContainerStatuses'), ...recordsAt(status, 'containerStatuses')];
  for (const container of containers) {
    const waiting = recordAt(recordAt(container, 'state'), 'waiting');
    const last = recordAt(recordAt(container, 'lastState'), 'terminated');
    const where = { ...of, container: text(container['name']) };
    const endedMs = timeAt(last, 'finishedAt') ?? 0;
    const ending = { exitCode: Number(last['exitCode']), reason: text(last['reason']) };
    if (isStarved(ending) && (stuckReasons.has(text(waiting['reason'])) || nowMs - endedMs < recentlyMs)) {
      const times = `and started ${Number(container['restartCount'])} times`;
      return { ...where, reason: ending.reason, message: `${starvedInWords(ending)}, ${times}`, isStarved: true };
    }
    if (!stuckReasons.has(text(waiting['reason']))) continue;
    const ended = typeof last['exitCode'] === 'number' ? `; it ended with exit code ${last['exitCode']}` : '';
    return { ...where, reason: text(waiting['reason']), message: `${text(waiting['message'])}${ended}` };
  }
  return undefined;
}

/** How the container of a job's pod ended: its exit code and Kubernetes' word for it (`Error`, `OOMKilled`). */
export type Ending = { exitCode: number; reason: string };

/** Node ends by SIGABRT where its heap, which it sizes by the limit of the container, is full. */
const heapIsFull = 134;

/** Whether it had too little memory. */
export function isStarved({ exitCode, reason }: Ending): boolean {
  return reason === 'OOMKilled' || exitCode === heapIsFull;
}

/** How the memory ran out. */
export function starvedInWords({ exitCode }: Ending): string {
  return exitCode === heapIsFull ? 'its memory ran out (exit code 134)' : 'it was killed for memory';
}

/** How the last pod of a job ended; undefined where its pods are gone, or never started a container. */
export function endingOf(pods: readonly unknown[]): Ending | undefined {
  const endings = pods.flatMap((pod) =>
    recordsAt(recordAt(pod, 'status'), 'containerStatuses').flatMap((container) => {
      const terminated = recordAt(recordAt(container, 'state'), 'terminated');
      const { exitCode } = terminated;
      if (typeof exitCode !== 'number') return [];
      return [{ exitCode, reason: text(terminated['reason']), atMs: timeAt(terminated, 'finishedAt') ?? 0 }];
    }),
  );
  const last = endings.sort((a, b) => b.atMs - a.atMs)[0];
  return last === undefined ? undefined : { exitCode: last.exitCode, reason: last.reason };
}

function runsUs(object: unknown, podSpec: Record<string, unknown>): boolean {
  const labels = recordAt(recordAt(object, 'metadata'), 'labels');
  if (labels['app.kubernetes.io/name'] === ourName) return true;
  return imagesOf(podSpec).some((image) => repositoryOf(image).split('/').at(-1) === ourName);
}

/** An image without its tag and digest. */
export function repositoryOf(image: string): string {
  return image.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
}

function podFacts(podSpec: Record<string, unknown>) {
  return { serviceAccount: text(podSpec['serviceAccountName']) || 'default', images: imagesOf(podSpec), podSpec };
}

/** The container of a pod that runs this program; the first where none is known by its name or image. */
export function containerOf(podSpec: Record<string, unknown>): Record<string, unknown> {
  const containers = recordsAt(podSpec, 'containers');
  return containers.find((container) => isOurs(container)) ?? containers[0] ?? {};
}

function isOurs({ name, image }: Record<string, unknown>): boolean {
  return name === ourName || repositoryOf(text(image)).split('/').at(-1) === ourName;
}

function imagesOf(podSpec: Record<string, unknown>): string[] {
  return recordsAt(podSpec, 'containers').map((container) => text(container['image']));
}

function nameOf(object: unknown): { namespace: string; name: string } {
  const metadata = recordAt(object, 'metadata');
  return { namespace: text(metadata['namespace']), name: text(metadata['name']) };
}

/**
 * What Helm writes on all that it installs (Argo CD, which only renders, does not), and the chart where it is no dependency of
 * another: an upgrade to it would take that one away. Whoever may write a workload may write that, too, and somebody with more
 * rights is to type it: it is taken in its own namespace alone, and where each part is of its form.
 */
function releaseOf(object: unknown): { release?: Release } {
  const { namespace } = nameOf(object);
  const metadata = recordAt(object, 'metadata');
  const annotations = recordAt(metadata, 'annotations');
  const name = text(annotations['meta.helm.sh/release-name']);
  const version = text(annotations['ecr-cred-helper/chart-version']);
  const isHelms = recordAt(metadata, 'labels')['app.kubernetes.io/managed-by'] === 'Helm';
  const isHere = text(annotations['meta.helm.sh/release-namespace']) === namespace;
  if (!isHelms || !isHere || !releaseName.test(name) || !chartVersion.test(version)) return {};
  return { release: { name, namespace, version } };
}

function timeAt(record: Record<string, unknown>, key: string): number | undefined {
  const atMs = Date.parse(text(record[key]));
  return Number.isNaN(atMs) ? undefined : atMs;
}

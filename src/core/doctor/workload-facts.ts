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

/** Whether a container runs this program. */
export function isOurs({ name, image }: Record<string, unknown>): boolean {
  return name === ourName || repositoryOf(text(image)).split('/').at(-1) === ourName;
}

function imagesOf(podSpec: Record<string, unknown>): string[] {
  return recordsAt(podSpec, 'containers').map((container) => text(container['image']));
}

/** Namespace and name of an object. */
export function nameOf(object: unknown): { namespace: string; name: string } {
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

/** A time of Kubernetes', in milliseconds. */
export function timeAt(record: Record<string, unknown>, key: string): number | undefined {
  const atMs = Date.parse(text(record[key]));
  return Number.isNaN(atMs) ? undefined : atMs;
}

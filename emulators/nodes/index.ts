import { createHash, randomBytes } from 'node:crypto';
import type { Deployment } from 'kubernetes-types/apps/v1.js';
import type { Job } from 'kubernetes-types/batch/v1.js';
import type { Pod, PodTemplateSpec } from 'kubernetes-types/core/v1.js';
import type { Kubernetes } from '../kubernetes/index.ts';
import { Node, type NodeOptions } from './pods.ts';
import { instant, writeStatus } from './status.ts';

export type { NodeOptions } from './pods.ts';

const EVERY_MS = 50;

/**
 * What a cluster has beside its API server: the controllers that make pods of Deployments and Jobs, and a node that runs them, so
 * that what is installed with kubectl works. CronJobs have no clock here: `kubectl create job --from` makes their runs.
 */
export function startNodes(options: NodeOptions): { close(): Promise<void> } {
  const node = new Node(options);
  const stopped = new AbortController();
  const work = (async () => {
    while (!stopped.signal.aborted) {
      await deployments(options.kubernetes);
      await jobs(options.kubernetes);
      await node.look();
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  })();
  return {
    async close() {
      stopped.abort();
      await work;
      await node.close();
    },
  };
}

async function deployments(kubernetes: Kubernetes): Promise<void> {
  const all = kubernetes.list('apps/v1', 'Deployment') as readonly Deployment[]; // the API has only this form of them
  const pods = kubernetes.list('v1', 'Pod') as readonly Pod[];
  const owners = new Set(all.map(({ metadata }) => `${metadata?.namespace}/${metadata?.name}`));
  for (const pod of pods) {
    const owner = pod.metadata?.annotations?.[DEPLOYMENT];
    const isGone = owner !== undefined && !owners.has(`${pod.metadata?.namespace}/${owner}`);
    if (isGone) kubernetes.remove('v1', 'Pod', pod.metadata?.namespace ?? '', pod.metadata?.name ?? '');
  }
  for (const deployment of all) await scale(kubernetes, deployment, pods);
}

/** Which Deployment a pod is of. A real one is found by way of its ReplicaSet. */
const DEPLOYMENT = 'emulator/deployment';

async function scale(
  kubernetes: Kubernetes,
  { metadata, spec, status }: Deployment,
  pods: readonly Pod[],
): Promise<void> {
  const { namespace = '', name = '', generation = 1 } = metadata ?? {};
  const known = pods.filter(
    (pod) => pod.metadata?.namespace === namespace && pod.metadata.annotations?.[DEPLOYMENT] === name,
  );
  const wanted = spec?.replicas ?? 1;
  const hash = `${name}-${createHash('sha256').update(JSON.stringify(spec?.template)).digest('hex').slice(0, 10)}`;
  // What is of another template, or too many, goes at once.
  const isOld = (pod: Pod) => pod.metadata?.name?.startsWith(`${hash}-`) !== true;
  const gone = [...known.filter(isOld), ...known.filter((pod) => !isOld(pod)).slice(wanted)];
  for (const pod of gone) kubernetes.remove('v1', 'Pod', namespace, pod.metadata?.name ?? '');
  const own = known.filter((pod) => !gone.includes(pod));
  for (let index = own.length; index < wanted; index += 1) {
    makePod(kubernetes, namespace, hash, { kind: 'ReplicaSet', apiVersion: 'apps/v1', name: hash }, spec?.template, {
      [DEPLOYMENT]: name,
    });
  }
  const readyReplicas = own.filter(isReady).length;
  const now = {
    observedGeneration: generation,
    replicas: own.length,
    updatedReplicas: own.length,
    readyReplicas,
    availableReplicas: readyReplicas,
  };
  const isKnown = Object.entries(now).every(([key, value]) => Object(status)[key] === value);
  if (!isKnown) await writeStatus(kubernetes, `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`, now);
}

function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;
}

async function jobs(kubernetes: Kubernetes): Promise<void> {
  const pods = kubernetes.list('v1', 'Pod') as readonly Pod[]; // the API has only this form of them
  for (const { metadata, spec, status } of kubernetes.list('batch/v1', 'Job') as readonly Job[]) {
    const { namespace = '', name = '', uid = '', ownerReferences = [] } = metadata ?? {};
    const pod = pods.find(
      (each) => each.metadata?.namespace === namespace && each.metadata.labels?.['job-name'] === name,
    );
    const path = `/apis/batch/v1/namespaces/${namespace}/jobs/${name}`;
    if (pod === undefined) {
      makePod(
        kubernetes,
        namespace,
        name,
        { kind: 'Job', apiVersion: 'batch/v1', name, uid },
        spec?.template,
        {},
        { 'job-name': name },
      );
      await writeStatus(kubernetes, path, { active: 1, startTime: instant() });
    }
    const phase = pod?.status?.phase;
    if ((phase !== 'Succeeded' && phase !== 'Failed') || status?.conditions !== undefined) continue;
    const now = instant();
    const type = phase === 'Succeeded' ? 'Complete' : 'Failed';
    const counts = phase === 'Succeeded' ? { succeeded: 1, completionTime: now } : { failed: 1 };
    const why = { reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
    await writeStatus(kubernetes, path, {
      active: 0,
      ...counts,
      conditions: [{ type, status: 'True', lastTransitionTime: now, ...(phase === 'Failed' ? why : {}) }],
    });
    const cronJob = ownerReferences.find(({ kind }) => kind === 'CronJob')?.name;
    if (cronJob === undefined || phase === 'Failed') continue;
    await writeStatus(kubernetes, `/apis/batch/v1/namespaces/${namespace}/cronjobs/${cronJob}`, {
      lastSuccessfulTime: now,
    });
  }
}

type Owner = { kind: string; apiVersion: string; name: string; uid?: string };

function makePod(
  kubernetes: Kubernetes,
  namespace: string,
  prefix: string,
  owner: Owner,
  template: PodTemplateSpec | undefined,
  annotations: Record<string, string>,
  labels: Record<string, string> = {},
): void {
  const { metadata, spec } = template ?? {};
  kubernetes.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${prefix}-${randomBytes(3).toString('hex').slice(0, 5)}`,
      namespace,
      labels: { ...metadata?.labels, ...labels },
      annotations: { ...metadata?.annotations, ...annotations },
      ownerReferences: [{ uid: '00000000-0000-4000-8000-000000000000', controller: true, ...owner }],
    },
    spec,
  });
}

import { isRecord } from '../core/api/reply.ts';
import type { Finding } from '../core/doctor/finding.ts';
import { findPods, waitingPod, type WaitingPod } from '../core/doctor/pods.ts';
import {
  cronJobFact,
  deploymentFact,
  endedJob,
  endingOf,
  type EndedJob,
  type Ending,
} from '../core/doctor/workload-facts.ts';
import type { WorkloadFacts } from '../core/doctor/workload.ts';
import { answered, type Driving } from '../serving/drive.ts';
import { eachItem } from './pages.ts';
import type { Asked, DoctorSettings } from './deps.ts';

/** Finds the CronJobs and Deployments that run this program, and how the last run of each ended. */
export async function gatherWorkload(own: Asked, deps: Driving, signal: AbortSignal): Promise<WorkloadFacts> {
  const workloads: WorkloadFacts['workloads'][number][] = [];
  const take = (fact: (typeof workloads)[number] | undefined) => void (fact === undefined ? 0 : workloads.push(fact));
  const unseen = [
    await eachItem(own, { path: '/apis/batch/v1/cronjobs' }, deps, signal, (item) => take(cronJobFact(item))),
    await eachItem(own, { path: '/apis/apps/v1/deployments' }, deps, signal, (item) => take(deploymentFact(item))),
  ].find((why) => why !== undefined);
  const namespaces = new Set(workloads.filter(({ kind }) => kind === 'CronJob').map(({ namespace }) => namespace));
  const lastJobs: WorkloadFacts['lastJobs'][number][] = [];
  for (const namespace of namespaces) {
    const last = await lastJob(own, namespace, deps, signal);
    if (last !== undefined) lastJobs.push(last);
  }
  return { workloads, lastJobs, ...(unseen === undefined ? {} : { unseen }), nowMs: deps.clock.nowMs() };
}

async function lastJob(
  own: Asked,
  namespace: string,
  deps: Driving,
  signal: AbortSignal,
): Promise<(EndedJob & { ending?: Ending }) | undefined> {
  let last: EndedJob | undefined;
  await eachItem(own, { path: `/apis/batch/v1/namespaces/${namespace}/jobs` }, deps, signal, (item) => {
    const job = endedJob(item);
    if (job !== undefined && job.endedMs >= (last?.endedMs ?? 0)) last = job;
  });
  if (last?.failed !== true) return last;
  const selector = encodeURIComponent(`job-name=${last.name}`);
  const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}&limit=20`;
  const pods = await answered(() => own.read(path, 'whole', signal), deps, signal);
  const items = pods.kind === 'answer' && isRecord(pods.body) ? pods.body['items'] : [];
  const ending = endingOf(Array.isArray(items) ? items : []);
  return { ...last, ...(ending === undefined ? {} : { ending }) };
}

/** Waiting pods that are named: beyond these, more of the same. */
const maxWaiting = 200;

/** Finds the pods that wait for an image of ECR, and what keeps the pull secret from them. */
export async function checkPods(
  own: Asked,
  { secretName, labelName, labelValue }: DoctorSettings,
  labelled: ReadonlySet<string>,
  hosts: readonly string[],
  deps: Driving,
  signal: AbortSignal,
): Promise<Finding[]> {
  const waiting: WaitingPod[] = [];
  // A pod none of whose containers could start yet is Pending.
  const path = '/api/v1/pods?fieldSelector=status.phase%3DPending';
  const incomplete = await eachItem(own, { path }, deps, signal, (item) => {
    const pod = waitingPod(item);
    if (pod !== undefined && waiting.length < maxWaiting) waiting.push(pod);
  });
  const label = `${labelName}=${labelValue}`;
  return findPods({ waiting, labelled, label, secretName, hosts, ...(incomplete === undefined ? {} : { incomplete }) });
}

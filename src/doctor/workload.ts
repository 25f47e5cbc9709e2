import { isRecord } from '../core/api/reply.ts';
import type { Finding } from '../core/doctor/finding.ts';
import { findPods, waitingPod, type WaitingPod } from '../core/doctor/pods.ts';
import {
  activeJob,
  cronJobFact,
  deploymentFact,
  endedJob,
  endingOf,
  keptPod,
  type EndedJob,
  type Ending,
  type KeptPod,
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
  const kept: KeptPod[] = [];
  for (const namespace of namespaces) {
    const jobs = await jobsIn(own, namespace, deps, signal);
    if (jobs.last !== undefined) lastJobs.push(jobs.last);
    for (const job of jobs.active) {
      const pods = await podsOf(own, namespace, job, deps, signal);
      kept.push(...pods.flatMap((pod) => keptPod(pod, job) ?? []));
    }
  }
  return { workloads, lastJobs, kept, ...(unseen === undefined ? {} : { unseen }), nowMs: deps.clock.nowMs() };
}

/** Jobs that run at the same time and are looked at. */
const maxActive = 5;

async function jobsIn(
  own: Asked,
  namespace: string,
  deps: Driving,
  signal: AbortSignal,
): Promise<{ last: (EndedJob & { ending?: Ending }) | undefined; active: string[] }> {
  let last: EndedJob | undefined;
  const active: string[] = [];
  await eachItem(own, { path: `/apis/batch/v1/namespaces/${namespace}/jobs` }, deps, signal, (item) => {
    const job = endedJob(item);
    if (job !== undefined && job.endedMs >= (last?.endedMs ?? 0)) last = job;
    const running = activeJob(item);
    if (running !== undefined && active.length < maxActive) active.push(running.name);
  });
  if (last?.failed !== true) return { last, active };
  const ending = endingOf(await podsOf(own, namespace, last.name, deps, signal));
  return { last: { ...last, ...(ending === undefined ? {} : { ending }) }, active };
}

async function podsOf(
  own: Asked,
  namespace: string,
  job: string,
  deps: Driving,
  signal: AbortSignal,
): Promise<unknown[]> {
  const selector = encodeURIComponent(`job-name=${job}`);
  const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}&limit=20`;
  const pods = await answered(() => own.read(path, 'whole', signal), deps, signal);
  const items = pods.kind === 'answer' && isRecord(pods.body) ? pods.body['items'] : [];
  return Array.isArray(items) ? items : [];
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

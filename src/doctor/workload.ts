import { isRecord, recordsAt, whyNot } from '../core/api/reply.ts';
import type { Finding } from '../core/doctor/finding.ts';
import { findPods, waitingPod, type PodFacts, type WaitingPod } from '../core/doctor/pods.ts';
import {
  endingOf,
  failedCreate,
  keptPod,
  stuckPod,
  type Ending,
  type KeptPod,
  type StuckPod,
} from '../core/doctor/pod-facts.ts';
import {
  activeJob,
  cronJobFact,
  deploymentFact,
  endedJob,
  podlessJob,
  type EndedJob,
  type Workload,
} from '../core/doctor/workload-facts.ts';
import type { WorkloadFacts } from '../core/doctor/workload.ts';
import { answered, type Driving } from '../serving/drive.ts';
import { eachItem } from './pages.ts';
import type { Asked, DoctorSettings } from './deps.ts';

/** Finds the CronJobs and Deployments that run this program, what keeps their pods, and how the last run of each ended. */
export async function gatherWorkload(
  own: Asked,
  deps: Driving & { version: string },
  signal: AbortSignal,
): Promise<WorkloadFacts> {
  const workloads: Workload[] = [];
  const take = (fact: Workload | undefined) => void (fact === undefined ? 0 : workloads.push(fact));
  const unseen: (string | undefined)[] = [
    await eachItem(own, { path: '/apis/batch/v1/cronjobs' }, deps, signal, (item) => take(cronJobFact(item))),
    await eachItem(own, { path: '/apis/apps/v1/deployments' }, deps, signal, (item) => take(deploymentFact(item))),
  ];
  const runs = { lastJobs: [] as LastJob[], kept: [] as KeptPod[], stuck: [] as StuckPodOf[] };
  const nowMs = deps.clock.nowMs();
  const seen = new Set<string>();
  for (const workload of workloads) {
    const { kind, namespace } = workload;
    if (kind === 'Deployment') {
      const pods = await podsWith(own, namespace, workload.selector, deps, signal);
      runs.stuck.push(...stuckOf(pods, workload, nowMs));
    } else if (!seen.has(namespace)) {
      seen.add(namespace);
      const jobs = await jobsIn(own, namespace, deps, signal);
      const refused = await refusedPods(own, namespace, jobs.podless, deps, signal);
      unseen.push(jobs.unseen, refused.unseen);
      runs.stuck.push(...refused.stuck.map((each) => ({ ...each, workload })));
      if (jobs.last !== undefined) runs.lastJobs.push(jobs.last);
      for (const job of jobs.active) {
        const pods = await podsWith(own, namespace, { 'job-name': job }, deps, signal);
        runs.kept.push(...pods.flatMap((pod) => keptPod(pod, job) ?? []));
        runs.stuck.push(...stuckOf(pods, workload, nowMs));
      }
    }
  }
  const why = unseen.find((each) => each !== undefined);
  return { workloads, ...runs, ...(why === undefined ? {} : { unseen: why }), nowMs, version: deps.version };
}

type LastJob = EndedJob & { ending?: Ending };
type StuckPodOf = StuckPod & { workload: Workload };

function stuckOf(pods: readonly unknown[], workload: Workload, nowMs: number): StuckPodOf[] {
  const stuck = pods.map((pod) => stuckPod(pod, nowMs));
  // What was evicted has been replaced, where others of it run.
  const isReplaced = stuck.includes(undefined);
  return stuck.flatMap((each) =>
    each === undefined || (each.reason === 'Evicted' && isReplaced) ? [] : [{ ...each, workload }],
  );
}

/** Jobs that run at the same time and are looked at. */
const maxActive = 5;

async function jobsIn(
  own: Asked,
  namespace: string,
  deps: Driving,
  signal: AbortSignal,
): Promise<{ last: LastJob | undefined; active: string[]; podless: string[]; unseen: string | undefined }> {
  let last: EndedJob | undefined;
  const active: string[] = [];
  const podless: string[] = [];
  const unseen = await eachItem(own, { path: `/apis/batch/v1/namespaces/${namespace}/jobs` }, deps, signal, (item) => {
    const job = endedJob(item);
    if (job !== undefined && job.endedMs >= (last?.endedMs ?? 0)) last = job;
    const running = activeJob(item);
    if (running !== undefined && active.length < maxActive) active.push(running.name);
    const waiting = podlessJob(item);
    if (waiting !== undefined && podless.length < maxActive) podless.push(waiting.name);
  });
  if (last?.failed !== true) return { last, active, podless, unseen };
  const ending = endingOf(await podsWith(own, namespace, { 'job-name': last.name }, deps, signal));
  return { last: { ...last, ...(ending === undefined ? {} : { ending }) }, active, podless, unseen };
}

/** Jobs whose pods are not let in, or have no account: nothing but an Event says so. */
async function refusedPods(
  own: Asked,
  namespace: string,
  jobs: readonly string[],
  deps: Driving,
  signal: AbortSignal,
): Promise<{ stuck: StuckPod[]; unseen: string | undefined }> {
  const stuck: StuckPod[] = [];
  let unseen: string | undefined;
  for (const job of jobs) {
    const selector = encodeURIComponent(`involvedObject.name=${job},reason=FailedCreate`);
    const path = `/api/v1/namespaces/${namespace}/events?fieldSelector=${selector}&limit=20`;
    const reply = await answered(() => own.read(path, 'whole', signal), deps, signal);
    const isSeen = reply.kind === 'answer' && reply.status === 200;
    if (!isSeen) unseen = `why ${namespace}/${job} has no pod: ${whyNot(reply)}`;
    const message = isSeen ? failedCreate(recordsAt(reply.body, 'items')) : undefined;
    if (message !== undefined) stuck.push({ namespace, job, reason: 'FailedCreate', message });
  }
  return { stuck, unseen };
}

async function podsWith(
  own: Asked,
  namespace: string,
  labels: Readonly<Record<string, unknown>>,
  deps: Driving,
  signal: AbortSignal,
): Promise<unknown[]> {
  // Without any label it would be every pod.
  if (Object.keys(labels).length === 0) return [];
  const selector = Object.entries(labels).map(([name, value]) => `${name}=${String(value)}`);
  const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(selector.join(','))}&limit=20`;
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
  { namespace, ...of }: Pick<PodFacts, 'labelled' | 'hosts' | 'set'> & { namespace: string | undefined },
  deps: Driving,
  signal: AbortSignal,
): Promise<Finding[]> {
  const waiting: WaitingPod[] = [];
  // A pod none of whose containers could start yet is Pending.
  const within = namespace === undefined ? '' : `/namespaces/${namespace}`;
  const path = `/api/v1${within}/pods?fieldSelector=status.phase%3DPending`;
  const incomplete = await eachItem(own, { path }, deps, signal, (item) => {
    const pod = waitingPod(item);
    if (pod !== undefined && waiting.length < maxWaiting) waiting.push(pod);
  });
  const label = `${labelName}=${labelValue}`;
  return findPods({ waiting, label, secretName, ...of, ...(incomplete === undefined ? {} : { incomplete }) });
}

import { timestamp } from '../secret/pull-secret.ts';
import { longestGapMs } from './cron-schedule.ts';
import { recordAt, text } from '../api/reply.ts';
import { plainWord, shellWord } from '../text/shell.ts';
import { shortened } from '../text/shortened.ts';
import { couldNotLook, finding, type Finding } from './finding.ts';
import { installCommand, upgradeCommand } from './shipped.ts';
import { type Ending, type KeptPod, type StuckPod, isStarved } from './pod-facts.ts';
import {
  containerOf,
  repositoryOf,
  workloadName,
  type CronJobFact,
  type DeploymentFact,
  type EndedJob,
  type Workload,
} from './workload-facts.ts';
import { durationInWords } from '../text/words.ts';

export type WorkloadFacts = {
  workloads: readonly Workload[];
  /** The last job of each CronJob's namespace that has ended, with how its pod ended. */
  lastJobs: readonly (EndedJob & { ending?: Ending })[];
  /** Pods whose own container has ended while another runs, which keeps their job from ending. */
  kept?: readonly KeptPod[];
  /** Pods that run it, or would, and do not; each with what they belong to. */
  stuck?: readonly (StuckPod & { workload: Workload })[];
  /** For how long the shortest token was issued; absent: as long as any. */
  tokenLifeMs?: number;
  /** Why they are not all here; absent where they are. */
  unseen?: string;
  nowMs: number;
  /** Of this program: what is installed came with it. */
  version: string;
};

/** A token lives twelve hours. */
const longestLifeMs = 12 * 3_600_000;
/** How exactly a token's life is known: it is dated by the clock of AWS, and AWS takes one that is five minutes off. */
const measureMs = 5 * 60_000;
/** For a job to start, run and be counted. */
const graceMs = 3_600_000;

/** Whether what runs this program is set up so that it keeps its promise. */
export function findWorkload(facts: WorkloadFacts): Finding[] {
  const { workloads, unseen, version } = facts;
  const looked = 'CronJobs and Deployments that run ecr-cred-helper';
  const hint = 'Run doctor as somebody who may list cronjobs, jobs, deployments and pods.';
  const unlooked = unseen === undefined ? [] : [couldNotLook('workload/state', looked, unseen, hint)];
  if (unseen !== undefined && workloads.length === 0) return unlooked;
  if (workloads.length === 0)
    return [
      finding('WorkloadMissing', { looked, found: 'there is none', install: installCommand('cronjob', version) }),
    ];
  return [
    ...findStuck(facts),
    ...unlooked,
    ...workloads.flatMap((workload) => {
      const state = workload.kind === 'Deployment' ? [findDeployment(workload)] : findCronJob(workload, facts);
      return [...state, ...findImages(workload)];
    }),
  ];
}

/** What is said in place of {@link runNow} where a run would fail. */
export const mendFirst = 'Mend what keeps a run from writing it, see above. Then it is written.';

/** How to have the pull secrets written now, given what runs the program. */
export function runNow(workload: Workload | undefined, stuck: WorkloadFacts['stuck'] = []): string {
  if (workload === undefined) return 'Run it: ecr-cred-helper refresh';
  const { kind, namespace, name } = workload;
  // Another pod would wait beside the first.
  if (stuck.some((pod) => pod.workload === workload)) return 'Mend what keeps its pods from starting, see above.';
  return kind === 'CronJob'
    ? `Run it now: kubectl -n ${namespace} create job --from=cronjob/${name} ${name}-$(date +%s)`
    : `Have it start over: kubectl -n ${namespace} rollout restart deployment/${name}`;
}

/** Above everything else: what does not run mends nothing. */
function findStuck({ stuck = [] }: WorkloadFacts): Finding[] {
  const alike = Map.groupBy(stuck, ({ workload, reason }) => `${workloadName(workload)} ${reason}`);
  return [...alike.values()].flatMap((pods) => {
    const [first] = pods;
    if (first === undefined) return [];
    const { namespace, pod, job = '', reason, message, container, workload, isStarved: isForMemory } = first;
    const more = pods.length === 1 ? '' : ` and ${pods.length - 1} more`;
    const which = pod === undefined ? `job ${namespace}/${job}` : `pod ${namespace}/${pod}`;
    const looked = `${which}${more} of ${workloadName(workload)}`;
    const found = message === '' ? reason : `${reason}: ${shortened(message, 300)}`;
    if (isForMemory === true) {
      return [finding('WorkloadPodOutOfMemory', { looked, found, command: memoryCommand(workload) })];
    }
    const look =
      reason === 'CrashLoopBackOff'
        ? `Read why: kubectl -n ${namespace} logs ${pod} -c ${container ?? ''} --previous`
        : `What Kubernetes says of it: kubectl -n ${namespace} describe ${pod === undefined ? `job ${job}` : `pod ${pod}`}`;
    return [finding('WorkloadPodWaiting', { looked, found, look })];
  });
}

/** Twice what it may have now. */
function memoryCommand({ kind, namespace, name, podSpec }: Workload): string {
  const container = containerOf(podSpec);
  const limit = text(recordAt(recordAt(container, 'resources'), 'limits')['memory']);
  const [, amount = '64', unit = 'Mi'] = /^(\d+)([KMG]i?)$/.exec(limit) ?? [];
  const object = `${kind.toLowerCase()}/${name} -c ${text(container['name'])}`;
  return `kubectl -n ${namespace} set resources ${object} --limits=memory=${Number(amount) * 2}${unit}`;
}

function findCronJob(cronJob: CronJobFact, facts: WorkloadFacts): Finding[] {
  const { schedule, timeZone } = cronJob;
  // Worked out day by day: once is enough.
  const gapMs = longestGapMs(schedule, timeZone, facts.nowMs);
  return [findRuns(cronJob, facts, gapMs), findSchedule(cronJob, facts, gapMs), ...findKept(cronJob, facts)];
}

function findRuns(
  cronJob: CronJobFact,
  { lastJobs, stuck = [], nowMs }: WorkloadFacts,
  gapMs = longestLifeMs,
): Finding {
  const { namespace, name, lastSuccessMs } = cronJob;
  const facts = { looked: `cronjob ${namespace}/${name}`, namespace, name };
  if (cronJob.suspended)
    return finding('CronJobSuspended', { ...facts, found: 'it has suspend: true and runs no more' });
  const last = lastJobs.filter((job) => job.namespace === namespace).sort((a, b) => b.endedMs - a.endedMs)[0];
  if (last?.failed === true && last.endedMs > (lastSuccessMs ?? 0)) return findFailure(last, cronJob);
  const succeededMs = Math.max(lastSuccessMs ?? 0, last?.failed === false ? last.endedMs : 0);
  if (succeededMs === 0 && cronJob.lastScheduleMs === undefined) return findFirst(cronJob, { stuck, nowMs }, gapMs);
  return findDue(cronJob, succeededMs, nowMs, gapMs);
}

/** One that was made a moment ago has not missed anything. */
function findFirst(
  cronJob: CronJobFact,
  { stuck, nowMs }: Pick<WorkloadFacts, 'stuck' | 'nowMs'>,
  gapMs: number,
): Finding {
  const { namespace, name, createdMs } = cronJob;
  const looked = `cronjob ${namespace}/${name}`;
  const age = durationInWords(nowMs - createdMs);
  if (createdMs + gapMs + graceMs >= nowMs) {
    const found = `it was made ${age} ago, and runs for the first time within ${durationInWords(gapMs)}`;
    return finding('WorkloadFound', { looked, found });
  }
  const found = `it has never run since it was made ${age} ago`;
  return finding('CronJobNeverRan', { looked, found, run: runNow(cronJob, stuck) });
}

/** @param succeededMs 0: never. */
function findDue(cronJob: CronJobFact, succeededMs: number, nowMs: number, gapMs: number): Finding {
  const { namespace, name, schedule, createdMs } = cronJob;
  const facts = { looked: `cronjob ${namespace}/${name}`, namespace, name };
  const success = `it last succeeded at ${timestamp(succeededMs)}`;
  const dueMs = Math.max(succeededMs, createdMs) + gapMs + graceMs;
  if (dueMs >= nowMs) {
    return finding('WorkloadFound', { ...facts, found: succeededMs === 0 ? 'its first run is under way' : success });
  }
  const never = succeededMs === 0 ? 'it has never succeeded' : success;
  return finding('RunOverdue', { ...facts, found: `${never}, and its schedule is ${schedule}` });
}

/** What this program means by its exit codes, and what Kubernetes means by others; see `docs/errors.md`. */
const exitInWords: Readonly<Record<number, string>> = {
  1: 'a bug of the program',
  2: 'its configuration is wrong',
  3: 'AWS gave no token',
  4: 'the Kubernetes API refused or could not be reached',
  5: 'some namespaces or a region were not served',
  134: 'its memory ran out',
  137: 'it was killed',
  143: 'it was stopped',
};

function findFailure(
  { namespace, name, endedMs, why, ending }: EndedJob & { ending?: Ending },
  cronJob: CronJobFact,
): Finding {
  const looked = `cronjob ${namespace}/${cronJob.name}`;
  const isForMemory = ending !== undefined && isStarved(ending);
  const isKilled = ending?.reason === 'OOMKilled';
  const meant = isKilled ? 'OOMKilled: it was killed for want of memory' : exitInWords[ending?.exitCode ?? 0];
  const code = ending === undefined ? '' : `exit code ${ending.exitCode} (${meant ?? 'unknown'})`;
  const told = [code, why].filter((words) => words !== '').join('; ');
  const found = `its last run, ${name}, failed at ${timestamp(endedMs)}${told === '' ? '' : `: ${told}`}`;
  const hint = isForMemory
    ? `Give it more memory: ${memoryCommand(cronJob)}`
    : `Read why: kubectl -n ${namespace} logs job/${name}`;
  return finding('LastRunFailed', { looked, found, hint });
}

function findSchedule(
  { namespace, name, release, schedule, timeZone }: CronJobFact,
  { tokenLifeMs: measuredMs = longestLifeMs }: WorkloadFacts,
  gapMs: number | undefined,
): Finding {
  const looked = `schedule of cronjob ${namespace}/${name}`;
  const inZone = timeZone === undefined ? '' : ` in ${timeZone}`;
  if (gapMs === undefined) {
    const hint = `kubectl -n ${namespace} describe cronjob ${name} shows what Kubernetes makes of it.`;
    return couldNotLook('workload/schedule', looked, `${JSON.stringify(schedule)}${inZone} cannot be read`, hint);
  }
  const gap = durationInWords(gapMs);
  const tokenLifeMs = Math.max(1, Math.round(measuredMs / measureMs)) * measureMs;
  const better = scheduleFor(tokenLifeMs);
  const patch = JSON.stringify({ spec: { schedule: better } });
  const change =
    release === undefined
      ? `kubectl -n ${namespace} patch cronjob ${name} -p ${shellWord(patch)}`
      : upgradeCommand(release, 'cronjob.schedule', better);
  const facts = { looked, change };
  if (gapMs >= tokenLifeMs) {
    const found = `"${schedule}"${inZone} leaves up to ${gap} between two runs, and a token lives ${durationInWords(tokenLifeMs)}`;
    return finding('ScheduleTooSparse', { ...facts, found });
  }
  if (gapMs * 2 >= tokenLifeMs) {
    const found = `"${schedule}"${inZone} leaves up to ${gap} between two runs: when one fails, the token expires before the next`;
    return finding('ScheduleLeavesNoSlack', { ...facts, found });
  }
  return finding('ScheduleFits', { looked, found: `"${schedule}"${inZone}: at most ${gap} between two runs` });
}

/** One that leaves room for a run that fails: a third of a token's life between two. */
function scheduleFor(tokenLifeMs: number): string {
  const hours = [4, 3, 2, 1].find((each) => each * 3 * 3_600_000 <= tokenLifeMs);
  if (hours !== undefined) return hours === 1 ? '17 * * * *' : `17 */${hours} * * *`;
  // Divisors of an hour, so that no gap is longer than the others.
  const minutes = [20, 15, 10, 5].find((each) => each * 3 * 60_000 <= tokenLifeMs) ?? 1;
  return `*/${minutes} * * * *`;
}

/** A sidecar that nobody ends: the job goes on, and with `Forbid` no other one starts. */
function findKept({ namespace, name }: CronJobFact, { kept = [] }: WorkloadFacts): Finding[] {
  return kept
    .filter((pod) => pod.namespace === namespace)
    .map(({ pod, job, running }) => {
      const looked = `pod ${namespace}/${pod}`;
      const found = `its own container has ended, and ${running.join(', ')} keeps it running`;
      return finding('PodKeptRunning', { looked, found, namespace, name, job });
    });
}

function findDeployment(deployment: DeploymentFact): Finding {
  const { namespace, name, replicas, ready, why } = deployment;
  const facts = { looked: `deployment ${namespace}/${name}`, namespace, name };
  if (replicas === 0) return finding('DeploymentScaledDown', { ...facts, found: 'it has 0 replicas' });
  if (ready === 0) {
    const found = `none of its ${replicas} replicas is ready${why === '' ? '' : `: ${why}`}`;
    return finding('DeploymentNotReady', { ...facts, found });
  }
  return finding('WorkloadFound', { ...facts, found: `${ready} of ${replicas} replicas are ready` });
}

/** Tags that people move: what they name today is not what they name tomorrow. */
const movingTag = /^(?:latest|stable|main|master|develop|dev|edge|nightly|canary|prod|production|v?\d+(?:\.\d+)?)$/;

function findImages({ kind, namespace, name, images }: Workload): Finding[] {
  const looked = `image of ${kind.toLowerCase()} ${namespace}/${name}`;
  return images.map((image) => {
    const repository = repositoryOf(image);
    const tag = image.slice(repository.length).replace(/^:/, '');
    if (tag.includes('@')) return finding('ImageTagFixed', { looked, found: 'named by its digest' });
    if (tag !== '' && !movingTag.test(tag)) return finding('ImageTagFixed', { looked, found: `the version ${tag}` });
    const found = tag === '' ? `${image} names no tag, which means latest` : `the tag ${tag} moves`;
    return finding('ImageTagFloats', { looked, found, image: plainWord(repository) ?? '<image>' });
  });
}

import { recordAt, recordsAt, text } from '../api/reply.ts';
import { isOurs, nameOf, timeAt } from './workload-facts.ts';

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

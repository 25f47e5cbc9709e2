import { recordAt, recordsAt, text } from '../api/reply.ts';
import { timestamp } from '../secret/pull-secret.ts';
import { parseRegistryHost } from '../secret/registry-host.ts';
import { shortened } from '../text/shortened.ts';
import { durationInWords } from '../text/words.ts';
import { finding, type Finding } from './finding.ts';

/** What one container of a pod waits for. */
export type ContainerWait = { container: string; image: string; reason: string; message: string };

/** What is to be known of a pod before its images are looked at. */
export type ExplainedPod = {
  namespace: string;
  name: string;
  createdMs: number;
  waits: readonly ContainerWait[];
  /** Why no node takes it; absent where one has. */
  unscheduled?: string;
  phase: string;
};

/** Kubernetes' words for a container that lacks its image. */
const ofImages: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
]);

/** Reads a Pod. */
export function explainedPod(pod: unknown): ExplainedPod {
  const metadata = recordAt(pod, 'metadata');
  const status = recordAt(pod, 'status');
  const containers = [...recordsAt(status, 'initContainerStatuses'), ...recordsAt(status, 'containerStatuses')];
  const scheduled = recordsAt(status, 'conditions').find(({ type }) => type === 'PodScheduled');
  const unscheduled = scheduled?.['status'] === 'False' ? { unscheduled: text(scheduled['message']) } : {};
  return {
    namespace: text(metadata['namespace']),
    name: text(metadata['name']),
    createdMs: Date.parse(text(metadata['creationTimestamp'])) || 0,
    phase: text(status['phase']),
    ...unscheduled,
    waits: containers.flatMap((container) => {
      const waiting = recordAt(recordAt(container, 'state'), 'waiting');
      const reason = text(waiting['reason']);
      if (reason === '') return [];
      return [
        {
          container: text(container['name']),
          image: text(container['image']),
          reason,
          message: text(waiting['message']),
        },
      ];
    }),
  };
}

/** What keeps a pod that has nothing to do with its pull secret; empty where its images do. */
export function findOtherWaits(pod: ExplainedPod): Finding[] {
  const { namespace, name, waits, unscheduled, phase } = pod;
  const looked = `pod ${namespace}/${name}`;
  const facts = { looked, namespace, name };
  if (unscheduled !== undefined) {
    return [finding('PodUnscheduled', { ...facts, found: `no node takes it: ${shortened(unscheduled, 300)}` })];
  }
  const others = waits.filter(({ reason }) => !ofImages.has(reason));
  const told = others.map(({ container, reason, message }) => {
    const found = `its container ${container} waits: ${reason}${message === '' ? '' : `: ${shortened(message, 300)}`}`;
    return finding('PodWaitsForOther', { ...facts, found });
  });
  const never = waits.filter(({ reason }) => reason === 'ErrImageNeverPull' || reason === 'InvalidImageName');
  const refused = never.map(({ container, image, reason }) => {
    const why =
      reason === 'InvalidImageName' ? 'is no name of an image' : 'is not on the node, and imagePullPolicy is Never';
    return finding('PodImageNeverPulled', {
      ...facts,
      found: `the image of its container ${container}, ${image}, ${why}`,
    });
  });
  const elsewhere = waits.filter(({ reason, image }) => isPull(reason) && !isOfEcr(image));
  const foreign = elsewhere.map(({ container, image, reason }) =>
    finding('PodImageNotOfEcr', {
      ...facts,
      found: `its container ${container} waits (${reason}) for ${image}, which is no image of ECR`,
    }),
  );
  if (waits.length === 0) return [finding('PodPulls', { looked, found: `it is ${phase}, and waits for no image` })];
  return [...told, ...refused, ...foreign];
}

function isPull(reason: string): boolean {
  return reason === 'ErrImagePull' || reason === 'ImagePullBackOff';
}

function isOfEcr(image: string): boolean {
  return parseRegistryHost(image.split('/')[0] ?? '') !== undefined;
}

/** When the kubelet last tried to pull, and how often it has; from the pod's events. */
export type Tries = { lastMs: number; times: number };

/** Reads the events of a pod; undefined where none tells of a pull. */
export function triesIn(events: readonly unknown[]): Tries | undefined {
  const pulls = events.flatMap((event) => {
    const { reason, count, lastTimestamp, eventTime } = recordAt({ event }, 'event');
    const lastMs = Date.parse(text(lastTimestamp) || text(eventTime));
    if (reason !== 'Pulling' || Number.isNaN(lastMs)) return [];
    return [{ lastMs, times: typeof count === 'number' ? count : 1 }];
  });
  return pulls.sort((a, b) => b.lastMs - a.lastMs)[0];
}

/** A kubelet doubles its wait from ten seconds to five minutes (`pkg/kubelet/kubelet.go`, `backOffPeriod`, `MaxContainerBackOff`). */
const [firstWaitMs, longestWaitMs] = [10_000, 300_000];

/**
 * What is left where the pull secret opens the image: the kubelet's own back-off, or what stands between the node and the registry.
 * @param tries undefined where no event tells of one, `unseen` where the events may not be read.
 * @param secretWrittenMs when the login in it was last renewed; undefined where nobody knows.
 */
export function findBackOff(
  { namespace, name, createdMs }: ExplainedPod,
  tries: Tries | 'unseen' | undefined,
  secretWrittenMs: number | undefined,
  nowMs: number,
): Finding {
  const looked = `pod ${namespace}/${name}`;
  const isLater = secretWrittenMs !== undefined && secretWrittenMs > createdMs;
  const since = isLater ? 'its pull secret was written after it was made, and ' : '';
  const isUnseen = tries === 'unseen';
  const nextMs =
    tries === undefined || isUnseen
      ? undefined
      : tries.lastMs + Math.min(longestWaitMs, firstWaitMs * 2 ** (tries.times - 1));
  const when =
    nextMs === undefined || nextMs < nowMs
      ? `within five minutes${isUnseen ? '; its events, which say when it last did, may not be read' : ''}`
      : `in ${durationInWords(nextMs - nowMs)} (${timestamp(nextMs)})`;
  const found = `${since}the pull secret opens the image now: the kubelet tries again by itself ${when}`;
  return finding('PodBackOff', { looked, found, namespace, name });
}

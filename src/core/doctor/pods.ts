import { isRecord, text } from '../api/reply.ts';
import { parseRegistryHost } from '../secret/registry-host.ts';
import { couldNotLook, finding, type Finding } from './finding.ts';
import { shortened } from '../text/shortened.ts';

/** A pod that waits for an image of an ECR registry. */
export type WaitingPod = {
  namespace: string;
  name: string;
  serviceAccount: string;
  /** Names in the pod's own `imagePullSecrets`: the ServiceAccount's were put there when the pod was made. */
  pullSecrets: readonly string[];
  image: string;
  host: string;
  /** `ImagePullBackOff` or `ErrImagePull`. */
  reason: string;
  message: string;
};

/** Reads a Pod; undefined unless a container of it waits for an image of an ECR registry. */
export function waitingPod(pod: unknown): WaitingPod | undefined {
  if (!isRecord(pod)) return undefined;
  const metadata = recordAt(pod, 'metadata');
  const spec = recordAt(pod, 'spec');
  const status = recordAt(pod, 'status');
  const containers = [...recordsAt(status, 'initContainerStatuses'), ...recordsAt(status, 'containerStatuses')];
  for (const container of containers) {
    const waiting = recordAt(recordAt(container, 'state'), 'waiting');
    const reason = text(waiting['reason']);
    const image = text(container['image']);
    const host = image.split('/')[0] ?? '';
    if (!['ImagePullBackOff', 'ErrImagePull'].includes(reason) || parseRegistryHost(host) === undefined) continue;
    return {
      namespace: text(metadata['namespace']),
      name: text(metadata['name']),
      serviceAccount: text(spec['serviceAccountName']) || 'default',
      pullSecrets: recordsAt(spec, 'imagePullSecrets').map((secret) => text(secret['name'])),
      image,
      host,
      reason,
      message: text(waiting['message']),
    };
  }
  return undefined;
}

export type PodFacts = {
  waiting: readonly WaitingPod[];
  /** Why the pods are not all here; absent where they are. */
  incomplete?: string;
  labelled: ReadonlySet<string>;
  label: string;
  secretName: string;
  /** Hosts that the pull secret holds logins for; empty: not known. */
  hosts: readonly string[];
};

/** Why pods wait for images: the first thing that keeps the pull secret from them. */
export function findPods(facts: PodFacts): Finding[] {
  const looked = 'pods that wait for images of ECR';
  const hint = 'Run doctor as somebody who may list pods in every namespace.';
  const unseen = facts.incomplete === undefined ? [] : [couldNotLook('secrets/pods', looked, facts.incomplete, hint)];
  const none = facts.waiting.length === 0 && facts.incomplete === undefined;
  return [
    ...unseen,
    ...(none ? [finding('PodsPull', { looked, found: 'there are none' })] : []),
    ...facts.waiting.map((pod) => findPod(pod, facts)),
  ];
}

function findPod(pod: WaitingPod, { labelled, label, secretName, hosts }: PodFacts): Finding {
  const { namespace, serviceAccount, image, host } = pod;
  const looked = `pod ${namespace}/${pod.name}`;
  const waits = `${pod.reason} on ${image}`;
  if (!labelled.has(namespace)) {
    const found = `${waits}: the namespace has no label ${label}, so no pull secret is put there`;
    return finding('PodNamespaceUnlabelled', { looked, found, namespace, label });
  }
  if (!pod.pullSecrets.includes(secretName)) {
    const found = `${waits}: its imagePullSecrets do not name ${secretName}`;
    // The list is taken whole: what the pod was given of it stays.
    const patch = JSON.stringify({ imagePullSecrets: [...pod.pullSecrets, secretName].map((name) => ({ name })) });
    return finding('PodNamesNoSecret', { looked, found, namespace, serviceAccount, patch });
  }
  if (hosts.length > 0 && !hosts.includes(host)) {
    const found = `${waits}: the pull secret holds no login for ${host}`;
    return finding('PodRegistryUnserved', { looked, found, host, hosts: hosts.join(', ') });
  }
  const said = pod.message === '' ? '' : `: ${shortened(pod.message, 300)}`;
  return finding('PodPullFails', { looked, found: `${waits}${said}`, image });
}

/** The object at a key, or an empty one. */
export function recordAt(value: unknown, key: string): Record<string, unknown> {
  const inner = isRecord(value) ? value[key] : undefined;
  return isRecord(inner) ? inner : {};
}

/** The objects in the list at a key. */
export function recordsAt(value: unknown, key: string): Record<string, unknown>[] {
  const inner = isRecord(value) ? value[key] : undefined;
  return Array.isArray(inner) ? inner.filter(isRecord) : [];
}

import { isRecord, recordAt, recordsAt, text } from '../api/reply.ts';
import { parseRegistryHost } from '../secret/registry-host.ts';
import { editDistance, nearest } from '../failures/suggest.ts';
import { shellWord } from '../text/shell.ts';
import { couldNotLook, finding, type Finding } from './finding.ts';
import type { SetCommand } from './installation.ts';
import { shortened } from '../text/shortened.ts';

/** A pod that waits for an image of an ECR registry. */
export type WaitingPod = {
  namespace: string;
  name: string;
  /** What makes it anew when it is gone, as kubectl names it; absent: nobody. */
  owner?: { kind: 'deployment' | 'statefulset' | 'daemonset' | 'job' | 'replicaset'; name: string };
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
      ...ownerOf(metadata),
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

function ownerOf(metadata: Record<string, unknown>): Pick<WaitingPod, 'owner'> {
  const owner = recordsAt(metadata, 'ownerReferences').find(({ controller }) => controller === true);
  const name = text(owner?.['name']);
  const hash = text(recordAt(metadata, 'labels')['pod-template-hash']);
  switch (owner?.['kind']) {
    case 'ReplicaSet':
      // The Deployment's, with the hash of its template at the end.
      if (hash !== '' && name.endsWith(`-${hash}`)) {
        return { owner: { kind: 'deployment', name: name.slice(0, -hash.length - 1) } };
      }
      return { owner: { kind: 'replicaset', name } };
    case 'StatefulSet':
      return { owner: { kind: 'statefulset', name } };
    case 'DaemonSet':
      return { owner: { kind: 'daemonset', name } };
    case 'Job':
      return { owner: { kind: 'job', name } };
    default:
      return {};
  }
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
  /** How a setting is changed; absent: where doctor itself is run. */
  set?: SetCommand | undefined;
};

/** Why pods wait for images: the first thing that keeps the pull secret from them. One finding for all that are alike. */
export function findPods(facts: PodFacts): Finding[] {
  const looked = 'pods that wait for images of ECR';
  const hint = 'Run doctor as somebody who may list pods in every namespace.';
  const unseen = facts.incomplete === undefined ? [] : [couldNotLook('secrets/pods', looked, facts.incomplete, hint)];
  const none = facts.waiting.length === 0 && facts.incomplete === undefined;
  const alike = Map.groupBy(facts.waiting, ({ namespace, name, owner, image }) =>
    JSON.stringify([namespace, owner ?? name, image]),
  );
  return [
    ...unseen,
    ...(none ? [finding('PodsPull', { looked, found: 'none waits for its image' })] : []),
    ...[...alike.values()].flatMap(([first, ...more]) =>
      first === undefined ? [] : [findPod(first, more.length, facts)],
    ),
  ];
}

function findPod(pod: WaitingPod, more: number, facts: PodFacts): Finding {
  const { labelled, label, hosts, secretName } = facts;
  const { namespace, owner, image, host } = pod;
  const of = owner === undefined ? '' : ` of ${owner.kind} ${owner.name}`;
  const looked = `pod ${namespace}/${pod.name}${more === 0 ? '' : ` and ${more} more`}${of}`;
  const waits = `${pod.reason} on ${image}`;
  if (!labelled.has(namespace)) {
    const isOfCluster = namespace.startsWith('kube-') || (hosts.length > 0 && !hosts.includes(host));
    // What the nodes themselves pull for the cluster is none of this program's; so is an image of somebody else.
    if (isOfCluster) {
      const found = `${waits}: the namespace has no label ${label}, and its image is none of those that are served`;
      return finding('PodOfOthers', { looked, found });
    }
    const found = `${waits}: the namespace has no label ${label}, so no pull secret is put there`;
    return finding('PodNamespaceUnlabelled', { looked, found, namespace, label });
  }
  if (!pod.pullSecrets.includes(secretName)) return findReference(pod, { looked, waits, secretName });
  if (hosts.length > 0 && !hosts.includes(host)) return findHost(pod, { looked, waits }, facts);
  const said = pod.message === '' ? '' : `: ${shortened(pod.message, 300)}`;
  return finding('PodPullFails', { looked, found: `${waits}${said}`, pod: pod.name, namespace });
}

function findReference(
  pod: WaitingPod,
  { looked, waits, secretName }: { looked: string; waits: string; secretName: string },
): Finding {
  const meant = pod.pullSecrets.find((name) => nearest(secretName, [name]) !== undefined);
  const found =
    meant === undefined
      ? `${waits}: its imagePullSecrets do not name ${secretName}`
      : `${waits}: its imagePullSecrets name ${meant}, and not ${secretName}`;
  const give = giveSecret(pod, secretName, meant);
  const hint = meant === undefined ? 'Name it there' : `Did you mean ${secretName}? Name it there`;
  return finding('PodNamesNoSecret', { looked, found, give: `${hint}: ${give}` });
}

/** Where what makes the pods has a template that may change, it is named there, and new pods come by themselves. */
function giveSecret(pod: WaitingPod, secretName: string, mistyped: string | undefined): string {
  const { namespace, name, owner, serviceAccount, pullSecrets } = pod;
  const on = `kubectl -n ${namespace}`;
  if (owner !== undefined && owner.kind !== 'job' && owner.kind !== 'replicaset') {
    const gone = mistyped === undefined ? [] : [{ $patch: 'delete', name: mistyped }];
    const imagePullSecrets = [...gone, { name: secretName }];
    const patch = JSON.stringify({ spec: { template: { spec: { imagePullSecrets } } } });
    return `${on} patch ${owner.kind} ${shellWord(owner.name)} -p ${shellWord(patch)}`;
  }
  // The list is taken whole: what the pod was given of it stays.
  const names = [...pullSecrets.filter((each) => each !== mistyped), secretName];
  const patch = JSON.stringify({ imagePullSecrets: names.map((each) => ({ name: each })) });
  const given = `${on} patch serviceaccount ${serviceAccount} -p ${shellWord(patch)}`;
  if (owner !== undefined) return `${given} && ${on} delete pod ${name}`;
  // A pod that has a list of its own is given none of its account's.
  const own = shellWord(JSON.stringify([{ op: 'remove', path: '/spec/imagePullSecrets' }]));
  const listed = pullSecrets.length === 0 ? '' : ` | kubectl patch --local -f - --type=json -p ${own} -o json`;
  return `${given} && ${on} get pod ${name} -o json${listed} | kubectl replace --force -f -`;
}

function findHost(
  { host }: WaitingPod,
  { looked, waits }: { looked: string; waits: string },
  { hosts, set }: PodFacts,
): Finding {
  const found = `${waits}: the pull secret holds no login for ${host}`;
  const wanted = parseRegistryHost(host);
  const near = hosts.find((each) => {
    const registry = parseRegistryHost(each);
    if (registry === undefined || wanted === undefined || registry.region !== wanted.region) return false;
    return editDistance(registry.account, wanted.account, 1) === 1;
  });
  const all = [...hosts, host].join(',');
  const add = set === undefined ? `set DOCKER_REGISTRY to ${all}` : `have it served: ${set('DOCKER_REGISTRY', all)}`;
  if (near === undefined) return finding('PodRegistryUnserved', { looked, found, add: capitalised(add) });
  return finding('PodRegistryUnserved', { looked, found, add: `Did you mean ${near}? Else ${add}` });
}

function capitalised(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

import type { Named } from './status.ts';

/** One kind of stored object and how the API presents it. */
export interface Resource extends Named {
  version: string;
  singular: string;
  shortNames: string[];
  categories: string[];
  namespaced: boolean;
  /** Counts `metadata.generation` up when anything but metadata and status changes. */
  generation: boolean;
  /** Has a `status` that plain writes leave alone and a `/status` subresource. */
  status: boolean;
  /** Where objects are kept: the two faces of an Event share one place. */
  storage: string;
}

type Traits = Partial<Pick<Resource, 'shortNames' | 'categories' | 'generation' | 'status' | 'storage'>> & {
  cluster?: boolean;
};

function resource(groupVersion: string, kind: string, plural: string, traits: Traits = {}): Resource {
  const [group, version] = groupVersion.includes('/') ? groupVersion.split('/') : ['', groupVersion];
  return {
    group: group ?? '',
    version: version ?? '',
    kind,
    plural,
    singular: kind.toLowerCase(),
    shortNames: traits.shortNames ?? [],
    categories: traits.categories ?? [],
    namespaced: traits.cluster !== true,
    generation: traits.generation ?? false,
    status: traits.status ?? false,
    storage: traits.storage ?? `${group}/${plural}`,
  };
}

const workload: Traits = { categories: ['all'], generation: true, status: true };
const rbac = 'rbac.authorization.k8s.io/v1';
const admission = 'admissionregistration.k8s.io/v1';

export const resources: readonly Resource[] = [
  resource('v1', 'Namespace', 'namespaces', { shortNames: ['ns'], cluster: true, status: true }),
  resource('v1', 'Secret', 'secrets'),
  resource('v1', 'ConfigMap', 'configmaps', { shortNames: ['cm'] }),
  resource('v1', 'ServiceAccount', 'serviceaccounts', { shortNames: ['sa'] }),
  resource('v1', 'ResourceQuota', 'resourcequotas', { shortNames: ['quota'], status: true }),
  resource('v1', 'LimitRange', 'limitranges', { shortNames: ['limits'] }),
  resource('v1', 'Pod', 'pods', { shortNames: ['po'], categories: ['all'], status: true, generation: true }),
  resource('v1', 'Service', 'services', { shortNames: ['svc'], categories: ['all'], status: true }),
  resource('v1', 'Event', 'events', { shortNames: ['ev'], storage: 'events' }),
  resource('apps/v1', 'Deployment', 'deployments', { ...workload, shortNames: ['deploy'] }),
  resource('apps/v1', 'ReplicaSet', 'replicasets', { ...workload, shortNames: ['rs'] }),
  resource('apps/v1', 'StatefulSet', 'statefulsets', { ...workload, shortNames: ['sts'] }),
  resource('apps/v1', 'DaemonSet', 'daemonsets', { ...workload, shortNames: ['ds'] }),
  resource('batch/v1', 'CronJob', 'cronjobs', { ...workload, shortNames: ['cj'] }),
  resource('batch/v1', 'Job', 'jobs', workload),
  resource('coordination.k8s.io/v1', 'Lease', 'leases'),
  resource('events.k8s.io/v1', 'Event', 'events', { shortNames: ['ev'], storage: 'events' }),
  resource('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets', {
    shortNames: ['pdb'],
    generation: true,
    status: true,
  }),
  resource('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies', { shortNames: ['netpol'], generation: true }),
  resource(rbac, 'Role', 'roles'),
  resource(rbac, 'RoleBinding', 'rolebindings'),
  resource(rbac, 'ClusterRole', 'clusterroles', { cluster: true }),
  resource(rbac, 'ClusterRoleBinding', 'clusterrolebindings', { cluster: true }),
  resource(admission, 'ValidatingAdmissionPolicy', 'validatingadmissionpolicies', {
    cluster: true,
    generation: true,
    status: true,
  }),
  resource(admission, 'ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings', {
    cluster: true,
    generation: true,
  }),
  resource(admission, 'MutatingAdmissionPolicy', 'mutatingadmissionpolicies', { cluster: true, generation: true }),
  resource(admission, 'MutatingAdmissionPolicyBinding', 'mutatingadmissionpolicybindings', {
    cluster: true,
    generation: true,
  }),
  resource('monitoring.coreos.com/v1', 'ServiceMonitor', 'servicemonitors', {
    shortNames: ['smon'],
    generation: true,
  }),
  resource('monitoring.coreos.com/v1', 'PrometheusRule', 'prometheusrules', {
    shortNames: ['promrule'],
    generation: true,
  }),
];

const byPath = new Map(resources.map((known) => [`${known.group}/${known.version}/${known.plural}`, known]));
const byKind = new Map(resources.map((known) => [`${groupVersion(known)}/${known.kind}`, known]));

/** `v1` or `group/version`, as `apiVersion` writes it. */
export function groupVersion(of: { group: string; version: string }): string {
  return of.group === '' ? of.version : `${of.group}/${of.version}`;
}

export function findResource(group: string, version: string, plural: string): Resource | undefined {
  return byPath.get(`${group}/${version}/${plural}`);
}

/** The resource that an `apiVersion` and `kind` name. */
export function findKind(apiVersion: string, kind: string): Resource | undefined {
  return byKind.get(`${apiVersion}/${kind}`);
}

function required(found: Resource | undefined): Resource {
  if (found === undefined) throw new Error('a built-in resource is missing from the table');
  return found;
}

export const namespaces = required(findResource('', 'v1', 'namespaces'));
export const secrets = required(findResource('', 'v1', 'secrets'));
export const serviceAccounts = required(findResource('', 'v1', 'serviceaccounts'));
export const resourceQuotas = required(findResource('', 'v1', 'resourcequotas'));
export const admissionPolicies = required(
  findResource('admissionregistration.k8s.io', 'v1', 'validatingadmissionpolicies'),
);
export const pods = required(findResource('', 'v1', 'pods'));
export const mutatingPolicies = required(
  findResource('admissionregistration.k8s.io', 'v1', 'mutatingadmissionpolicies'),
);
export const mutatingBindings = required(
  findResource('admissionregistration.k8s.io', 'v1', 'mutatingadmissionpolicybindings'),
);
export const admissionBindings = required(
  findResource('admissionregistration.k8s.io', 'v1', 'validatingadmissionpolicybindings'),
);
export const roles = required(findResource('rbac.authorization.k8s.io', 'v1', 'roles'));
export const roleBindings = required(findResource('rbac.authorization.k8s.io', 'v1', 'rolebindings'));
export const clusterRoles = required(findResource('rbac.authorization.k8s.io', 'v1', 'clusterroles'));
export const clusterRoleBindings = required(findResource('rbac.authorization.k8s.io', 'v1', 'clusterrolebindings'));

/**
 * What server-side apply has to know of a field: is it taken whole, is it a set, or a list whose items are
 * known by some of their fields? Structs and maps that are not named here are granular, lists atomic.
 * Source: the `x-kubernetes-*` markers of the published OpenAPI schema of 1.36.
 */
export type Shape = 'granular' | 'atomic' | 'set' | { keys: readonly string[] };

const atomicEverywhere = new Set([
  'regarding',
  'related',
  'involvedObject',
  'roleRef',
  'subjects',
  'rules',
  'matchConstraints',
  'matchResources',
  'validations',
  'nodeSelector',
  'fieldRef',
  'resourceFieldRef',
  'secretKeyRef',
  'configMapKeyRef',
  'labelSelector',
  'podSelector',
  'namespaceSelector',
  'objectSelector',
  'matchLabels',
]);

const sets = new Set(['finalizers', 'validationActions']);

const keyedLists: Record<string, readonly string[]> = {
  containers: ['name'],
  initContainers: ['name'],
  ephemeralContainers: ['name'],
  env: ['name'],
  volumes: ['name'],
  volumeMounts: ['mountPath'],
  volumeDevices: ['devicePath'],
  hostAliases: ['ip'],
  topologySpreadConstraints: ['topologyKey', 'whenUnsatisfiable'],
  conditions: ['type'],
  ownerReferences: ['uid'],
  resourceClaims: ['name'],
};

/** The shape of the field that ends this path, e.g. `['spec', 'template', 'spec', 'containers']`. */
export function shapeOf(path: readonly string[], value: unknown): Shape {
  const field = path[path.length - 1] ?? '';
  if (!Array.isArray(value)) return objectShape(path, field);
  if (sets.has(field)) return 'set';
  if (field === 'ports') return path.includes('containers') ? containerPorts : servicePorts;
  // A pod's list is known by names, a service account's is atomic: the same field, two types.
  if (field === 'imagePullSecrets') return path.length > 1 ? byName : 'atomic';
  if (field === 'secrets' && path.length === 1) return byName;
  const keys = keyedLists[field];
  return keys === undefined ? 'atomic' : { keys };
}

const byName: Shape = { keys: ['name'] };
const containerPorts: Shape = { keys: ['containerPort', 'protocol'] };
const servicePorts: Shape = { keys: ['port', 'protocol'] };

function objectShape(path: readonly string[], field: string): Shape {
  // `spec.selector` of workloads and services is atomic; a label that is called `selector` is none of that.
  if (field === 'selector') return path[0] === 'spec' ? 'atomic' : 'granular';
  if (path[0] === 'metadata' || path[0] === 'data') return 'granular';
  return atomicEverywhere.has(field) ? 'atomic' : 'granular';
}

/**
 * Structs that are part of their parent and therefore exist in an empty object: creating something in them does not
 * make their own path an added one.
 */
export function isInlineStruct(path: readonly string[]): boolean {
  const field = path[path.length - 1] ?? '';
  if (path.length === 1) return field === 'metadata' || field === 'spec' || field === 'status';
  return ['template', 'jobTemplate', 'strategy', 'resources', 'metadata', 'spec'].includes(field);
}

/** Fields of an object that nobody owns. */
export const unowned: Record<string, ReadonlySet<string>> = {
  '': new Set(['apiVersion', 'kind']),
  metadata: new Set([
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'clusterName',
    'generation',
    'managedFields',
    'resourceVersion',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'generateName',
  ]),
};

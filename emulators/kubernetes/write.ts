import { admitByPolicy, admitToNamespace, admitToQuota, mutated } from './admission.ts';
import { withDefaults } from './defaults.ts';
import { afterUpdate } from './managed-fields.ts';
import type { Writer } from './managed-fields.ts';
import { objectAt, sameJson } from './objects.ts';
import type { KubeObject, ManagedFieldsEntry, ObjectMeta } from './objects.ts';
import type { Resource } from './resources.ts';
import { namespaces, serviceAccounts } from './resources.ts';
import { alreadyExists, invalid, modifiedMeanwhile } from './status.ts';
import type { Named } from './status.ts';
import type { Store } from './store.ts';
import { problemsOf } from './validation.ts';

/** How a write is to be carried out. */
export interface WriteOptions {
  dryRun: boolean;
  /** Who asked, as admission policies see it. */
  user: string;
  writer: Writer;
  /** Called where an object would come into being, after it was found valid. */
  authorizeCreate?: () => void;
}

/** The fields that managers own after a write; by default those of a classic one. */
type Ownership = (before: KubeObject | undefined, after: KubeObject) => ManagedFieldsEntry[] | undefined;

function classic(store: Store, writer: Writer): Ownership {
  return (before, after) => afterUpdate(before, after, writer, store.time());
}

function withManagers(object: KubeObject, managedFields: ManagedFieldsEntry[] | undefined): KubeObject {
  const { managedFields: _given, ...metadata } = object.metadata;
  return {
    ...object,
    metadata: managedFields === undefined || managedFields.length === 0 ? metadata : { ...metadata, managedFields },
  };
}

/** Events are one kind with two faces, and their validation speaks of the older. */
const coreEvents: Named = { group: '', plural: 'events', kind: 'Event' };

function refuseInvalid(resource: Resource, object: KubeObject, before: KubeObject | undefined): void {
  const problems = problemsOf(resource, object, before);
  if (problems.length > 0)
    throw invalid(resource.kind === 'Event' ? coreEvents : resource, object.metadata.name, problems);
}

/**
 * Stores a new object.
 *
 * @throws StatusError 404 or 403 for its namespace, 409 where it exists, 422 where it is invalid or a policy refuses it
 */
export function create(
  store: Store,
  resource: Resource,
  object: KubeObject,
  options: WriteOptions,
  ownership: Ownership = classic(store, options.writer),
): KubeObject {
  const named = withName(resource, object);
  const { namespace = '', name } = named.metadata;
  if (resource.namespaced) admitToNamespace(store, resource, namespace, name);
  const filled = mutated(store, resource, withDefaults(resource.status ? withoutStatus(resource, named) : named));
  const fresh = born(store, resource, filled, ownership(undefined, filled));
  refuseInvalid(resource, fresh, undefined);
  options.authorizeCreate?.();
  if (store.get(resource, namespace, name) !== undefined) throw alreadyExists(resource, name);
  admitByPolicy(store, resource, { operation: 'CREATE', user: options.user, after: fresh });
  if (resource.namespaced) admitToQuota(store, resource, fresh);
  if (options.dryRun) return fresh;
  if (resource === namespaces) populate(store, name);
  const stored = store.put(resource, fresh);
  // A live cluster's revision moves on its own; see Store.elsewhere.
  if (resource.plural === 'clusterrolebindings') store.elsewhere();
  return stored;
}

function withName(resource: Resource, object: KubeObject): KubeObject {
  const { name, generateName } = object.metadata;
  if ((name ?? '') !== '' || generateName === undefined) return resource.namespaced ? object : clusterWide(object);
  const suffix = Math.random().toString(36).slice(2, 7).padEnd(5, 'x');
  return { ...object, metadata: { ...object.metadata, name: `${generateName}${suffix}` } };
}

function clusterWide(object: KubeObject): KubeObject {
  const { namespace: _none, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function withoutStatus(resource: Resource, object: KubeObject): KubeObject {
  if (object['status'] === undefined || resource === namespaces) return object;
  const { status: _ignored, ...rest } = object;
  return { ...rest, kind: object.kind, apiVersion: object.apiVersion, metadata: object.metadata };
}

function born(
  store: Store,
  resource: Resource,
  object: KubeObject,
  managers: ManagedFieldsEntry[] | undefined,
): KubeObject {
  const { name, namespace, generateName, labels, annotations, finalizers, ownerReferences } = object.metadata;
  const metadata: ObjectMeta = {
    name: name ?? '',
    ...(generateName === undefined ? {} : { generateName }),
    ...(namespace === undefined ? {} : { namespace }),
    uid: store.newUid(),
    ...(resource.generation ? { generation: 1 } : {}),
    creationTimestamp: store.time(),
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(ownerReferences === undefined ? {} : { ownerReferences }),
    ...(finalizers === undefined ? {} : { finalizers }),
  };
  const { kind, apiVersion } = object;
  const whole: KubeObject = { kind, apiVersion, metadata };
  return withManagers(Object.assign(whole, completed(resource, object), { metadata }), managers);
}

/** What the server adds to a new object in nobody's name. */
function completed(resource: Resource, object: KubeObject): KubeObject {
  if (resource !== namespaces) return object;
  return { ...object, spec: { ...objectAt(object, 'spec'), finalizers: ['kubernetes'] }, status: { phase: 'Active' } };
}

/** Every namespace has a `default` service account; the controller manager makes it on a live cluster. */
function populate(store: Store, namespace: string): void {
  const metadata = { name: 'default', namespace, uid: store.newUid(), creationTimestamp: store.time() };
  store.put(serviceAccounts, { kind: 'ServiceAccount', apiVersion: 'v1', metadata });
}

/** Which part of an object a write is about. */
export type Part = 'main' | 'status';

/**
 * Replaces a stored object. A write that changes nothing stores nothing, and one that takes the last finalizer off an
 * object on its way out removes it.
 *
 * @throws StatusError 409 where the object carries a resourceVersion that is not the stored one, 422 where it is invalid
 */
export function update(
  store: Store,
  resource: Resource,
  before: KubeObject,
  object: KubeObject,
  options: WriteOptions,
  ownership: Ownership = classic(store, options.writer),
  part: Part = 'main',
): KubeObject {
  const { name, resourceVersion = '' } = object.metadata;
  if (resourceVersion !== '' && resourceVersion !== before.metadata.resourceVersion)
    throw modifiedMeanwhile(resource, name);
  const parted = withPart(resource, before, object, part);
  const filled = withDefaults({ ...parted, metadata: continued(before, parted) });
  const managed = withManagers(filled, ownership(before, filled));
  const after = withGeneration(resource, before, managed);
  refuseInvalid(resource, { ...after, metadata: { ...after.metadata, resourceVersion } }, before);
  if (sameJson(before, after)) return before;
  admitByPolicy(store, resource, { operation: 'UPDATE', user: options.user, after, before });
  if (options.dryRun) return after;
  const { deletionTimestamp, finalizers = [], namespace = '' } = after.metadata;
  const emptied = deletionTimestamp !== undefined && finalizers.length === 0 && resource !== namespaces;
  if (!emptied) return store.put(resource, after);
  return store.remove(resource, namespace, name) ?? after;
}

/** Server-set metadata stays what it was, whatever the write says. */
function continued(before: KubeObject, object: KubeObject): ObjectMeta {
  const {
    uid,
    creationTimestamp,
    deletionTimestamp,
    deletionGracePeriodSeconds,
    resourceVersion,
    generation,
    managedFields,
  } = before.metadata;
  const { namespace } = before.metadata;
  return {
    name: before.metadata.name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(generation === undefined ? {} : { generation }),
    ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    ...(deletionGracePeriodSeconds === undefined ? {} : { deletionGracePeriodSeconds }),
    ...(object.metadata.generateName === undefined ? {} : { generateName: object.metadata.generateName }),
    ...(object.metadata.labels === undefined ? {} : { labels: object.metadata.labels }),
    ...(object.metadata.annotations === undefined ? {} : { annotations: object.metadata.annotations }),
    ...(object.metadata.ownerReferences === undefined ? {} : { ownerReferences: object.metadata.ownerReferences }),
    ...(object.metadata.finalizers === undefined ? {} : { finalizers: object.metadata.finalizers }),
    ...(managedFields === undefined ? {} : { managedFields }),
  };
}

function withPart(resource: Resource, before: KubeObject, object: KubeObject, part: Part): KubeObject {
  if (part === 'status') return { ...before, status: object['status'] };
  // A namespace's spec holds nothing but its finalizers, which only their own subresource changes.
  const spec = resource === namespaces ? { spec: before['spec'] } : {};
  if (!resource.status || before['status'] === undefined) return { ...object, ...spec };
  return { ...object, ...spec, status: before['status'] };
}

function withGeneration(resource: Resource, before: KubeObject, after: KubeObject): KubeObject {
  if (!resource.generation || sameJson(before['spec'], after['spec'])) return after;
  return { ...after, metadata: { ...after.metadata, generation: (before.metadata.generation ?? 0) + 1 } };
}

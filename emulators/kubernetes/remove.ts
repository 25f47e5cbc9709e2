import { admitByPolicy } from './admission.ts';
import type { Context } from './context.ts';
import { isObject, listAt, objectAt, textAt } from './objects.ts';
import type { KubeObject } from './objects.ts';
import { matcherOf } from './read.ts';
import { formOf, presentList, presentOne } from './representation.ts';
import { namespaces } from './resources.ts';
import type { Resource } from './resources.ts';
import { conflict, deleted, notFound } from './status.ts';
import type { Store } from './store.ts';

function deleteOptions(context: Context): unknown {
  const { body } = context.exchange;
  return body.trimStart().startsWith('{') ? JSON.parse(body) : {};
}

/** Deletes one object, or marks it where finalizers hold it. */
export function deleteOne(context: Context, resource: Resource): object {
  const { info, server, exchange } = context;
  const form = formOf(exchange.header('accept'));
  const namespace = resource.namespaced ? info.namespace : '';
  const found = server.store.get(resource, namespace, info.pathName);
  if (found === undefined) throw notFound(resource, info.pathName);
  const options = deleteOptions(context);
  refusePreconditions(resource, found, options);
  const dryRun = info.query.getAll('dryRun').includes('All') || listAt(options, 'dryRun').includes('All');
  admitByPolicy(server.store, resource, { operation: 'DELETE', user: context.user.name, before: found });
  if (dryRun) return deleted(resource, info.pathName, found.metadata.uid);
  const held = removeOrMark(server.store, resource, found);
  return held === undefined ? deleted(resource, info.pathName, found.metadata.uid) : presentOne(resource, held, form);
}

function refusePreconditions(resource: Resource, found: KubeObject, options: unknown): void {
  const wanted = objectAt(options, 'preconditions');
  const { uid, resourceVersion, name } = found.metadata;
  // The server names the kind here, where it names the resource elsewhere.
  const named = { group: resource.group, plural: resource.kind, kind: resource.kind };
  const wantedUid = textAt(wanted, 'uid');
  if (wantedUid !== '' && wantedUid !== uid) {
    const why = `the UID in the precondition (${wantedUid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`;
    throw conflict(named, name, why);
  }
  const wantedVersion = textAt(wanted, 'resourceVersion');
  if (wantedVersion !== '' && wantedVersion !== resourceVersion) {
    const why = `the ResourceVersion in the precondition (${wantedVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`;
    throw conflict(named, name, why);
  }
}

/** Removes an object, or gives back the marked one where something holds it: finalizers, or a namespace's contents. */
export function removeOrMark(store: Store, resource: Resource, found: KubeObject): KubeObject | undefined {
  const { namespace = '', name, finalizers = [], deletionTimestamp } = found.metadata;
  if (resource === namespaces) return terminate(store, found);
  if (finalizers.length === 0) {
    store.remove(resource, namespace, name);
    return undefined;
  }
  if (deletionTimestamp !== undefined) return found;
  const metadata = { ...found.metadata, deletionGracePeriodSeconds: 0, deletionTimestamp: store.time() };
  return store.put(resource, { ...found, metadata });
}

function terminate(store: Store, found: KubeObject): KubeObject {
  if (found.metadata.deletionTimestamp !== undefined) {
    const why =
      'The system is ensuring all content is removed from this namespace.  Upon completion, this namespace will automatically be purged by the system.';
    throw conflict(namespaces, found.metadata.name, why);
  }
  const metadata = { ...found.metadata, deletionTimestamp: store.time() };
  const status = { ...(isObject(found['status']) ? found['status'] : {}), phase: 'Terminating' };
  return store.put(namespaces, { ...found, metadata, status });
}

/** Deletes what a list with the same selectors would show. */
export function deleteMany(context: Context, resource: Resource): object {
  const { info, server, exchange } = context;
  const form = formOf(exchange.header('accept'));
  const matches = matcherOf(context, resource);
  const all = server.store.list(resource, resource.namespaced ? info.namespace : '');
  const found = matches === undefined ? [...all] : all.filter(matches);
  for (const object of found) {
    admitByPolicy(server.store, resource, { operation: 'DELETE', user: context.user.name, before: object });
    removeOrMark(server.store, resource, object);
  }
  return presentList(resource, found, { resourceVersion: String(server.store.revision) }, form);
}

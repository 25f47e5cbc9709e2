import { isObject } from './objects.ts';
import { removeOrMark } from './remove.ts';
import { namespaces, resources } from './resources.ts';
import type { Resource } from './resources.ts';
import type { Store } from './store.ts';

/** How long a namespace takes to go, in milliseconds. */
export interface NamespaceDelays {
  /** Until its contents are removed. */
  contentsMs: number;
  /** Until the namespace itself is looked at, and again while something in it is held. */
  namespaceMs: number;
}

/** Does what the controller manager does for namespaces that are deleted. The returned function stops it. */
export function runNamespaceController(store: Store, delays: NamespaceDelays): () => void {
  const timers = new Set<NodeJS.Timeout>();
  const later = (ms: number, work: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, ms);
    timer.unref();
    timers.add(timer);
  };
  const finalize = (name: string): void => {
    removeContents(store, name);
    if (!finish(store, name)) later(delays.namespaceMs, () => finalize(name));
  };
  const stop = store.listen(namespaces, ({ type, object, before }) => {
    const begins = object.metadata.deletionTimestamp !== undefined && before?.metadata.deletionTimestamp === undefined;
    if (type !== 'MODIFIED' || !begins) return;
    const { name } = object.metadata;
    later(delays.contentsMs, () => removeContents(store, name));
    later(delays.namespaceMs, () => finalize(name));
  });
  return () => {
    stop();
    for (const timer of timers) clearTimeout(timer);
  };
}

/** Each place where objects are kept once, however many APIs present it. */
const stored: Resource[] = [
  ...new Map(
    resources.filter((resource) => resource.namespaced).map((resource) => [resource.storage, resource]),
  ).values(),
];

/** Deletes everything in a namespace that is on its way out. */
export function removeContents(store: Store, namespace: string): void {
  for (const resource of stored) {
    if (store.count(resource, namespace) === 0) continue;
    for (const object of store.list(resource, namespace)) removeOrMark(store, resource, object);
  }
}

function remaining(store: Store, namespace: string): Resource[] {
  return stored.filter((resource) => store.count(resource, namespace) > 0);
}

/** Removes the namespace when nothing is left in it; says in its status what is, otherwise. */
function finish(store: Store, name: string): boolean {
  const found = store.get(namespaces, '', name);
  if (found?.metadata.deletionTimestamp === undefined) return true;
  const left = remaining(store, name);
  if (left.length === 0) {
    store.remove(namespaces, '', name);
    return true;
  }
  const status = isObject(found['status']) ? found['status'] : {};
  if (status['conditions'] !== undefined) return false;
  const what = left.map((resource) => `${resource.plural}. has ${store.count(resource, name)} resource instances`);
  const message = `Some resources are remaining: ${what.join(', ')}`;
  const condition = { type: 'NamespaceContentRemaining', status: 'True', reason: 'SomeResourcesRemain', message };
  const conditions = [{ ...condition, lastTransitionTime: store.time() }];
  store.put(namespaces, { ...found, status: { ...status, conditions } });
  return false;
}

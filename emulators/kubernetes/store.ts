import { randomUUID } from 'node:crypto';
import type { KubeObject, ObjectMeta } from './objects.ts';
import type { Resource } from './resources.ts';

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** One write, as watches see it. */
export interface Change {
  type: ChangeType;
  revision: number;
  object: KubeObject;
  /** The object as it was before; absent for one that is new. */
  before?: KubeObject;
}

/** Objects of one kind as they were at a revision, in the order of a list. */
export interface Snapshot {
  revision: number;
  objects: readonly KubeObject[];
}

type Listener = (change: Change) => void;

interface Shelf {
  byNamespace: Map<string, Map<string, KubeObject>>;
  history: Change[];
  /** Watches from this revision or earlier have lost something. */
  forgottenAt: number;
  listeners: Set<Listener>;
  sorted: KubeObject[] | undefined;
  snapshots: Map<number, Snapshot>;
  changedAt: number;
}

const historyLimit = 10_000;
const snapshotLimit = 8;
/** A server that has been up for a while: its first revisions are gone. */
const firstRevision = 1_000;

/** Everything that is stored, with the history that watches and pages need. */
export class Store {
  #revision = firstRevision;
  /** The last revision of which every kind's cache was told, whether it concerned it or not. */
  #progress = firstRevision;
  readonly #shelves = new Map<string, Shelf>();
  readonly #now: () => number;
  #second = { at: Number.NaN, text: '' };

  constructor(now: () => number) {
    this.#now = now;
  }

  get revision(): number {
    return this.#revision;
  }

  /** The current time as objects carry it, in whole seconds. */
  time(): string {
    const second = Math.floor(this.#now() / 1000);
    if (second !== this.#second.at) {
      this.#second = { at: second, text: new Date(second * 1000).toISOString().replace('.000Z', 'Z') };
    }
    return this.#second.text;
  }

  nowMs(): number {
    return this.#now();
  }

  /**
   * A revision that no object here has. On a live cluster others write all the time; here that happens only where it
   * matters that a revision is not the last write's own.
   */
  elsewhere(): void {
    this.#revision += 1;
    this.#progress = this.#revision;
  }

  newUid(): string {
    return randomUUID();
  }

  #shelf(resource: Resource): Shelf {
    const known = this.#shelves.get(resource.storage);
    if (known !== undefined) return known;
    const shelf: Shelf = {
      byNamespace: new Map(),
      history: [],
      forgottenAt: firstRevision - 1,
      listeners: new Set(),
      sorted: undefined,
      snapshots: new Map(),
      changedAt: firstRevision,
    };
    this.#shelves.set(resource.storage, shelf);
    return shelf;
  }

  get(resource: Resource, namespace: string, name: string): KubeObject | undefined {
    return this.#shelf(resource).byNamespace.get(namespace)?.get(name);
  }

  /** Stores a new object or replaces one, under the next revision. */
  put(resource: Resource, object: KubeObject): KubeObject {
    const shelf = this.#shelf(resource);
    const namespace = object.metadata.namespace ?? '';
    const names = shelf.byNamespace.get(namespace) ?? new Map<string, KubeObject>();
    if (names.size === 0) shelf.byNamespace.set(namespace, names);
    const before = names.get(object.metadata.name);
    this.#revision += 1;
    const stored = { ...object, metadata: atRevision(object.metadata, this.#revision) };
    names.set(object.metadata.name, stored);
    const change: Change = {
      type: before === undefined ? 'ADDED' : 'MODIFIED',
      revision: this.#revision,
      object: stored,
    };
    this.#record(shelf, before === undefined ? change : { ...change, before });
    return stored;
  }

  remove(resource: Resource, namespace: string, name: string): KubeObject | undefined {
    const shelf = this.#shelf(resource);
    const names = shelf.byNamespace.get(namespace);
    const before = names?.get(name);
    if (names === undefined || before === undefined) return undefined;
    names.delete(name);
    if (names.size === 0) shelf.byNamespace.delete(namespace);
    this.#revision += 1;
    const object = { ...before, metadata: atRevision(before.metadata, this.#revision) };
    this.#record(shelf, { type: 'DELETED', revision: this.#revision, object, before });
    return object;
  }

  #record(shelf: Shelf, change: Change): void {
    shelf.changedAt = change.revision;
    shelf.sorted = undefined;
    shelf.history.push(change);
    if (shelf.history.length > historyLimit * 2) this.#forget(shelf, historyLimit);
    for (const listener of shelf.listeners) listener(change);
  }

  #forget(shelf: Shelf, keep: number): void {
    const cut = shelf.history.length - keep;
    shelf.forgottenAt = shelf.history[cut - 1]?.revision ?? shelf.forgottenAt;
    shelf.history = shelf.history.slice(cut);
  }

  /** All objects of a kind, or those of one namespace, in the order of a list. */
  list(resource: Resource, namespace = ''): readonly KubeObject[] {
    const shelf = this.#shelf(resource);
    if (namespace !== '') return byName(shelf.byNamespace.get(namespace));
    if (shelf.sorted === undefined) {
      // etcd sorts whole keys: a-b/x comes before a/x.
      const namespaces = [...shelf.byNamespace.keys()].sort((a, b) => (`${a}/` < `${b}/` ? -1 : 1));
      shelf.sorted = namespaces.flatMap((each) => byName(shelf.byNamespace.get(each)));
    }
    return shelf.sorted;
  }

  count(resource: Resource, namespace: string): number {
    return this.#shelf(resource).byNamespace.get(namespace)?.size ?? 0;
  }

  /** When a kind changed last: whoever keeps something derived from it compares this. */
  changedAt(resource: Resource): number {
    return this.#shelf(resource).changedAt;
  }

  /** The revision of a list: that of the kind's last change, as far as its cache knows. */
  listRevision(resource: Resource): number {
    return Math.max(this.#shelf(resource).changedAt, this.#progress);
  }

  /** Remembers the present state of a kind, so that later pages show the same one. */
  keepSnapshot(resource: Resource): Snapshot {
    const shelf = this.#shelf(resource);
    const revision = this.listRevision(resource);
    const known = shelf.snapshots.get(revision);
    if (known !== undefined) return known;
    const snapshot = { revision, objects: this.list(resource) };
    shelf.snapshots.set(revision, snapshot);
    const [oldest] = shelf.snapshots.keys();
    if (shelf.snapshots.size > snapshotLimit && oldest !== undefined) shelf.snapshots.delete(oldest);
    return snapshot;
  }

  /** The state at a revision; undefined once it is compacted away. */
  snapshot(resource: Resource, revision: number): Snapshot | undefined {
    return this.#shelf(resource).snapshots.get(revision);
  }

  /** The changes after a revision, or how far back history reaches where that is not far enough. */
  since(resource: Resource, revision: number): { changes: Change[] } | { forgottenAt: number } {
    const shelf = this.#shelf(resource);
    if (revision < shelf.forgottenAt) return { forgottenAt: shelf.forgottenAt };
    const first = shelf.history.findIndex((change) => change.revision > revision);
    return { changes: first === -1 ? [] : shelf.history.slice(first) };
  }

  /** Calls the listener with every later change; the returned function ends that. */
  listen(resource: Resource, listener: Listener): () => void {
    const { listeners } = this.#shelf(resource);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /**
   * Keeps what is stored now, as a copy of etcd does. The returned function puts it back: the counter goes on from then, and
   * what a server that starts on it has seen before is gone.
   */
  backup(): () => void {
    const revision = this.#revision;
    const kept = new Map([...this.#shelves].map(([name, { byNamespace }]) => [name, copied(byNamespace)]));
    return () => {
      this.#revision = revision;
      this.#progress = revision;
      for (const [name, shelf] of this.#shelves) {
        shelf.byNamespace = copied(kept.get(name) ?? new Map());
        shelf.changedAt = revision;
        shelf.sorted = undefined;
        shelf.snapshots.clear();
        shelf.history = [];
        shelf.forgottenAt = revision;
      }
    };
  }

  /** Forgets all history: watches and pages from before are answered 410. */
  compact(): void {
    this.elsewhere();
    for (const shelf of this.#shelves.values()) {
      shelf.snapshots.clear();
      shelf.history = [];
      shelf.forgottenAt = this.#revision;
    }
  }
}

/** In the order in which Go writes them. */
function atRevision(metadata: ObjectMeta, revision: number): ObjectMeta {
  const { name, generateName, namespace, uid, resourceVersion: _before, ...rest } = metadata;
  return {
    name,
    ...(generateName === undefined ? {} : { generateName }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    resourceVersion: String(revision),
    ...rest,
  };
}

function copied(byNamespace: Shelf['byNamespace']): Shelf['byNamespace'] {
  return new Map([...byNamespace].map(([namespace, names]) => [namespace, new Map(names)]));
}

function byName(names: Map<string, KubeObject> | undefined): KubeObject[] {
  if (names === undefined) return [];
  const objects = [...names.values()];
  if (objects.length < 2) return objects;
  return objects.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

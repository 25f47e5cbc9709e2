import type { ApiReply } from '../../src/core/api/reply.ts';
import type { WatchTopic } from '../../src/ports.ts';

/** Objects as the API has them, as far as the controller sees them. */
export type Metadata = {
  name: string;
  namespace?: string;
  uid: string;
  resourceVersion: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  deletionTimestamp?: string;
  managedFields: { manager: string }[];
};
export type Secret = { metadata: Metadata; type: string; data: string; dataOwner: string };
export type Namespace = { metadata: Metadata; everLabelled: boolean; labelledSinceMs: number };
export type Lease = { metadata: Metadata; spec: Record<string, unknown> };

export type Change = {
  topic: WatchTopic['kind'];
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  metadata: Metadata;
  revision: number;
};

export const secretName = 'ecr-creds';
export const label = { name: 'credentialType', value: 'ecr' };

/** What is stored, and the history that watches go on from. No time, no faults: those are the wire's. */
export class Server {
  revision = 1000;
  readonly namespaces = new Map<string, Namespace>();
  /** By namespace; there is one name only. */
  readonly secrets = new Map<string, Secret>();
  lease: Lease | undefined;
  /** A server whose storage forgets to compare: for seeing that the simulation notices. */
  ignoresLeaseConditions = false;
  #history: Change[] = [];
  #forgottenAt = 0;
  #listeners = new Set<(change: Change) => void>();
  #uids = 0;

  listen(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What happened after a revision; undefined where that is forgotten. */
  since(revision: number): Change[] | undefined {
    return revision < this.#forgottenAt ? undefined : this.#history.filter((change) => change.revision > revision);
  }

  /** Forgets all history. */
  compact(): void {
    this.#history = [];
    this.#forgottenAt = this.revision;
  }

  createNamespace(name: string, labelled: boolean, nowMs: number): void {
    if (this.namespaces.has(name)) return;
    const metadata = this.#metadata(name, undefined, labelled ? { [label.name]: label.value } : {});
    this.namespaces.set(name, { metadata, everLabelled: labelled, labelledSinceMs: nowMs });
    if (labelled) this.#changed('namespaces', 'ADDED', metadata);
  }

  setLabel(name: string, labelled: boolean, nowMs: number): void {
    const namespace = this.namespaces.get(name);
    if (namespace === undefined || isLabelled(namespace) === labelled) return;
    namespace.metadata = this.#next(namespace.metadata, { labels: labelled ? { [label.name]: label.value } : {} });
    namespace.everLabelled ||= labelled;
    if (labelled) namespace.labelledSinceMs = nowMs;
    this.#changed('namespaces', labelled ? 'ADDED' : 'DELETED', namespace.metadata);
  }

  /** Begins a namespace's end: nothing new can be made in it, and its secret goes. */
  terminate(name: string): void {
    const namespace = this.namespaces.get(name);
    if (namespace === undefined || namespace.metadata.deletionTimestamp !== undefined) return;
    namespace.metadata = this.#next(namespace.metadata, { deletionTimestamp: '2026-01-01T00:00:00Z' });
    if (isLabelled(namespace)) this.#changed('namespaces', 'MODIFIED', namespace.metadata);
    this.deleteSecret(name);
  }

  removeNamespace(name: string): void {
    const namespace = this.namespaces.get(name);
    if (namespace === undefined) return;
    this.deleteSecret(name);
    this.namespaces.delete(name);
    if (isLabelled(namespace)) this.#changed('namespaces', 'DELETED', this.#next(namespace.metadata, {}));
  }

  deleteSecret(namespace: string): void {
    const secret = this.secrets.get(namespace);
    if (secret === undefined) return;
    this.secrets.delete(namespace);
    this.#changed('secrets', 'DELETED', this.#next(secret.metadata, {}));
  }

  /** Writes a secret whatever stands there. */
  putSecret(
    namespace: string,
    change: Partial<Omit<Secret, 'metadata'>> & Partial<Pick<Metadata, 'labels' | 'annotations'>>,
    manager: string,
  ): void {
    const before = this.secrets.get(namespace);
    const { labels, annotations, ...rest } = change;
    const managers = new Set([...(before?.metadata.managedFields ?? []).map((entry) => entry.manager), manager]);
    const metadata = before?.metadata ?? this.#metadata(secretName, namespace, {});
    const next = {
      ...(before ?? { type: 'kubernetes.io/dockerconfigjson', data: '', dataOwner: manager }),
      ...rest,
      metadata: this.#next(metadata, {
        labels: { ...metadata.labels, ...labels },
        annotations: { ...metadata.annotations, ...annotations },
        managedFields: [...managers].map((name) => ({ manager: name })),
      }),
    };
    this.secrets.set(namespace, next);
    this.#changed('secrets', before === undefined ? 'ADDED' : 'MODIFIED', next.metadata);
  }

  /** Writes the lease on the conditions of its resourceVersion. */
  putLease(body: string, isCreate: boolean): ApiReply {
    const { metadata, spec } = JSON.parse(body) as Lease; // the election under test writes it
    if (isCreate && this.lease !== undefined) return status(409, 'leases "ecr-cred-helper" already exists');
    if (!isCreate && this.lease === undefined) return status(404, 'leases "ecr-cred-helper" not found');
    const isStale = this.lease !== undefined && this.lease.metadata.resourceVersion !== metadata.resourceVersion;
    if (isStale && !this.ignoresLeaseConditions) return status(409, 'the object has been modified');
    this.lease = {
      metadata: this.#next(this.lease?.metadata ?? this.#metadata(metadata.name, metadata.namespace, {}), {}),
      spec,
    };
    return ok(this.lease, isCreate ? 201 : 200);
  }

  /** Server-side apply of a secret; `beforeWrite` is called where it comes to a write. */
  apply(namespace: string, body: string, manager: string, force: boolean, beforeWrite: () => void): ApiReply {
    const config = JSON.parse(body) as { metadata: Partial<Metadata>; type: string; data: Record<string, string> };
    const home = this.namespaces.get(namespace);
    const before = this.secrets.get(namespace);
    if (home === undefined) return status(404, `namespaces "${namespace}" not found`);
    if (home.metadata.deletionTimestamp !== undefined && before === undefined) return terminating(namespace);
    const expected = config.metadata.resourceVersion;
    if (before !== undefined && expected !== undefined && expected !== before.metadata.resourceVersion)
      return status(409, 'the object has been modified');
    if (before !== undefined && before.type !== config.type) return immutableType();
    const data = config.data['.dockerconfigjson'] ?? '';
    if (before !== undefined && before.dataOwner !== manager && before.data !== data && !force) {
      return status(409, 'Apply failed with 1 conflict: conflict with "somebody": .data..dockerconfigjson');
    }
    if (before !== undefined && isSame(before, data, config.metadata)) return ok({ metadata: before.metadata }, 200);
    beforeWrite();
    this.putSecret(
      namespace,
      {
        type: config.type,
        data,
        dataOwner: manager,
        labels: config.metadata.labels ?? {},
        annotations: config.metadata.annotations ?? {},
      },
      manager,
    );
    return ok({ metadata: this.secrets.get(namespace)?.metadata }, before === undefined ? 201 : 200);
  }

  /** The metadata that a topic is about. */
  list(topic: WatchTopic): Metadata[] {
    if (topic.kind === 'secrets') return [...this.secrets.values()].map(({ metadata }) => metadata);
    const all = [...this.namespaces.values()].filter(isLabelled).map(({ metadata }) => metadata);
    return topic.name === undefined ? all : all.filter(({ name }) => name === topic.name);
  }

  #changed(topic: WatchTopic['kind'], type: Change['type'], metadata: Metadata): void {
    const change = { topic, type, metadata, revision: Number(metadata.resourceVersion) };
    this.#history.push(change);
    if (this.#history.length > 500) this.#forgottenAt = this.#history.splice(0, 250).at(-1)?.revision ?? 0;
    for (const listener of this.#listeners) listener(change);
  }

  #metadata(name: string, namespace: string | undefined, labels: Record<string, string>): Metadata {
    this.revision += 1;
    this.#uids += 1;
    const resourceVersion = String(this.revision);
    const uid = `uid-${this.#uids}`;
    return {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      uid,
      resourceVersion,
      labels,
      annotations: {},
      managedFields: [],
    };
  }

  #next(metadata: Metadata, changes: Partial<Metadata>): Metadata {
    this.revision += 1;
    return { ...metadata, ...changes, resourceVersion: String(this.revision) };
  }
}

export function isLabelled({ metadata }: Namespace): boolean {
  return metadata.labels[label.name] === label.value;
}

function isSame(before: Secret, data: string, { annotations = {}, labels = {} }: Partial<Metadata>): boolean {
  return (
    before.data === data &&
    Object.entries(annotations).every(([name, value]) => before.metadata.annotations[name] === value) &&
    Object.entries(labels).every(([name, value]) => before.metadata.labels[name] === value)
  );
}

export function ok(body: unknown, code = 200): ApiReply {
  return { kind: 'answer', status: code, body };
}

export function status(code: number, message: string): ApiReply {
  return { kind: 'answer', status: code, body: { kind: 'Status', message, reason: '', code } };
}

function terminating(namespace: string): ApiReply {
  const message = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const causes = [{ reason: 'NamespaceTerminating', message: '', field: 'metadata.namespace' }];
  return { kind: 'answer', status: 403, body: { kind: 'Status', message, code: 403, details: { causes } } };
}

function immutableType(): ApiReply {
  const causes = [{ reason: 'FieldValueInvalid', message: 'Invalid value: field is immutable', field: 'type' }];
  return {
    kind: 'answer',
    status: 422,
    body: { kind: 'Status', message: 'field is immutable', code: 422, details: { causes } },
  };
}

/** Objects as the API has them, as far as this program sees them. */
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
export type Secret = {
  metadata: Metadata;
  type: string;
  /** base64, under `.dockerconfigjson`; any other secret has its data elsewhere. */
  data: string;
  immutable: boolean;
  /** Who owns the data, and whether by an apply. */
  dataOwner: string;
  isApplied: boolean;
};
export type Namespace = {
  metadata: Metadata;
  /** It lost the label then; absent where it never had it. */
  unlabelledSinceMs?: number;
  labelledSinceMs: number;
  createdMs: number;
  /** One of the same name was there before. */
  isAnother: boolean;
};
export type Lease = { metadata: Metadata; spec: Record<string, unknown> };

export type Topic = 'namespaces' | 'secrets' | 'leases';

export type Change = {
  topic: Topic;
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** With `spec` for a Lease. */
  object: { metadata: Metadata; spec?: Record<string, unknown> };
  revision: number;
};

export const secretName = 'ecr-creds';
export const label = { name: 'credentialType', value: 'ecr' };

type Stored = Pick<Store, 'revision' | 'namespaces' | 'secrets' | 'quotas' | 'policies' | 'lease'>;

/** What is stored, and the history that watches go on from. No time, no faults: those are the network's. */
export class Store {
  revision = 1000;
  namespaces = new Map<string, Namespace>();
  /** By namespace; there is one name only. */
  secrets = new Map<string, Secret>();
  lease: Lease | undefined;
  /** Namespaces in which no secret may be made. */
  quotas = new Set<string>();
  /** Namespaces in which a policy denies pull secrets. */
  policies = new Set<string>();
  /** When a quota or a policy was lifted. */
  readonly freedAtMs = new Map<string, number>();
  /** Names of Events, as `namespace/name`. */
  readonly events = new Set<string>();
  /** A server whose storage forgets to compare: for seeing that the simulation notices. */
  ignoresLeaseConditions = false;
  readonly #histories: Record<Topic, { changes: Change[]; forgottenAt: number }> = {
    namespaces: { changes: [], forgottenAt: 1000 },
    secrets: { changes: [], forgottenAt: 1000 },
    leases: { changes: [], forgottenAt: 1000 },
  };
  #listeners = new Set<(change: Change) => void>();
  #uids = 0;
  #others = 1;
  readonly #names = new Set<string>();

  listen(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What happened of a topic after a revision; undefined where that is forgotten. */
  since(topic: Topic, revision: number): Change[] | undefined {
    const { changes, forgottenAt } = this.#histories[topic];
    return revision < forgottenAt ? undefined : changes.filter((change) => change.revision > revision);
  }

  /** Forgets all history. */
  compact(): void {
    for (const history of Object.values(this.#histories)) {
      history.changes = [];
      history.forgottenAt = this.revision;
    }
  }

  /** Keeps a copy; the returned function puts it back, as of an etcd that goes on from there. */
  backup(): () => void {
    const { revision, namespaces, secrets, quotas, policies, lease } = this;
    const copied = (): Stored => ({
      revision,
      namespaces: new Map([...kept.namespaces].map(([name, namespace]) => [name, { ...namespace }])),
      secrets: new Map(kept.secrets),
      quotas: new Set(kept.quotas),
      policies: new Set(kept.policies),
      lease,
    });
    const kept = {
      namespaces: new Map(namespaces),
      secrets: new Map(secrets),
      quotas: new Set(quotas),
      policies: new Set(policies),
    };
    for (const [name, namespace] of kept.namespaces) kept.namespaces.set(name, { ...namespace });
    return () => {
      Object.assign(this, copied());
      this.compact();
    };
  }

  createNamespace(name: string, labelled: boolean, nowMs: number): void {
    if (this.namespaces.has(name)) return;
    const metadata = this.#metadata(name, undefined, labelled ? { [label.name]: label.value } : {});
    const isAnother = this.#names.has(name);
    this.#names.add(name);
    this.namespaces.set(name, {
      metadata,
      labelledSinceMs: nowMs,
      createdMs: nowMs,
      isAnother,
    });
    if (labelled) this.#changed('namespaces', 'ADDED', { metadata });
  }

  setLabel(name: string, labelled: boolean, nowMs: number): void {
    const namespace = this.namespaces.get(name);
    if (namespace === undefined || isLabelled(namespace) === labelled) return;
    const { labels } = namespace.metadata;
    namespace.metadata = this.#next(namespace.metadata, { labels: labelled ? { [label.name]: label.value } : {} });
    namespace[labelled ? 'labelledSinceMs' : 'unlabelledSinceMs'] = nowMs;
    // Who watches by the label sees what it was last, of the version that took it away.
    const { metadata } = namespace;
    this.#changed('namespaces', labelled ? 'ADDED' : 'DELETED', {
      metadata: labelled ? metadata : { ...metadata, labels },
    });
  }

  annotateNamespace(name: string, annotations: Record<string, string>): void {
    const namespace = this.namespaces.get(name);
    if (namespace === undefined) return;
    namespace.metadata = this.#next(namespace.metadata, {
      annotations: { ...namespace.metadata.annotations, ...annotations },
    });
    if (isLabelled(namespace)) this.#changed('namespaces', 'MODIFIED', namespace);
  }

  /** Begins a namespace's end: nothing new can be made in it, and its secret goes. */
  terminate(name: string): void {
    const namespace = this.namespaces.get(name);
    if (namespace === undefined || namespace.metadata.deletionTimestamp !== undefined) return;
    namespace.metadata = this.#next(namespace.metadata, { deletionTimestamp: '2026-01-01T00:00:00Z' });
    if (isLabelled(namespace)) this.#changed('namespaces', 'MODIFIED', namespace);
    this.deleteSecret(name);
  }

  removeNamespace(name: string): void {
    const namespace = this.namespaces.get(name);
    if (namespace === undefined) return;
    this.deleteSecret(name);
    this.namespaces.delete(name);
    if (!isLabelled(namespace)) return;
    const metadata = this.#next(namespace.metadata, { deletionTimestamp: '2026-01-01T00:00:00Z' });
    this.#changed('namespaces', 'DELETED', { metadata });
  }

  deleteSecret(namespace: string): void {
    const secret = this.secrets.get(namespace);
    if (secret === undefined) return;
    this.secrets.delete(namespace);
    this.#changed('secrets', 'DELETED', { metadata: this.#next(secret.metadata, {}) });
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
      ...(before ?? {
        type: 'kubernetes.io/dockerconfigjson',
        data: '',
        immutable: false,
        dataOwner: manager,
        isApplied: false,
      }),
      ...rest,
      metadata: this.#next(metadata, {
        labels: { ...metadata.labels, ...labels },
        annotations: { ...metadata.annotations, ...annotations },
        managedFields: [...managers].map((name) => ({ manager: name })),
      }),
    };
    this.secrets.set(namespace, next);
    this.#changed('secrets', before === undefined ? 'ADDED' : 'MODIFIED', next);
  }

  /** Writes the lease, whatever stands there. */
  putLease(name: string, namespace: string, spec: Record<string, unknown>): Lease {
    const before = this.lease;
    const metadata = this.#next(before?.metadata ?? this.#metadata(name, namespace, {}), {});
    this.lease = { metadata, spec };
    this.#changed('leases', before === undefined ? 'ADDED' : 'MODIFIED', this.lease);
    return this.lease;
  }

  #changed(topic: Topic, type: Change['type'], object: Change['object']): void {
    const { metadata, spec } = object;
    const shown = spec === undefined ? { metadata } : { metadata, spec };
    const change: Change = { topic, type, object: shown, revision: Number(metadata.resourceVersion) };
    const history = this.#histories[topic];
    history.changes.push(change);
    if (history.changes.length > 500) history.forgottenAt = history.changes.splice(0, 250).at(-1)?.revision ?? 0;
    for (const listener of this.#listeners) listener(change);
  }

  /** Others write, too. What was counted before a restore is not counted again in the same steps. */
  #advance(): string {
    this.#others = (this.#others * 1_103_515_245 + 12_345) % 2 ** 31;
    this.revision += 1 + (this.#others % 97);
    return String(this.revision);
  }

  #metadata(name: string, namespace: string | undefined, labels: Record<string, string>): Metadata {
    const resourceVersion = this.#advance();
    this.#uids += 1;
    const uid = `00000000-0000-4000-8000-${String(this.#uids).padStart(12, '0')}`;
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
    return { ...metadata, ...changes, resourceVersion: this.#advance() };
  }
}

export function isLabelled({ metadata }: Namespace): boolean {
  return metadata.labels[label.name] === label.value;
}

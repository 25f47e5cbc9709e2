import { isLabelled, secretName, type Metadata, type Secret, type Store, type Topic } from './store.ts';

/** A request as it comes over the wire. */
export type Asked = { method: string; path: string; accept?: string | undefined; body?: string | undefined };

/** An answer before it is written out. */
export type Answer = {
  status: number;
  body: unknown;
  /** The header. */
  retryAfter?: string;
};

/** What is told of writes before they are carried out. */
export type Writes = {
  readonly onApply: (namespace: string, body: string) => void;
  readonly onDelete: (namespace: string) => void;
  readonly onEvent: (namespace: string, body: string) => void;
};

type Handler = (store: Store, parts: string[], asked: Asked, writes: Writes) => Answer;

/** Answers one request as the API server does, as far as this program makes such requests; not watches. */
export function answerOf(store: Store, asked: Asked, writes: Writes): Answer {
  const [path = ''] = asked.path.split('?');
  for (const [method, pattern, handler] of routes) {
    const found = method === asked.method ? pattern.exec(path) : null;
    if (found !== null) return handler(store, found.slice(1), asked, writes);
  }
  throw new Error(`the model answers no ${asked.method} ${asked.path}`);
}

const routes: readonly (readonly [string, RegExp, Handler])[] = [
  ['GET', /^\/api\/v1\/(namespaces|secrets)$/, list],
  ['PATCH', /^\/api\/v1\/namespaces\/([^/]+)\/secrets\/([^/]+)$/, apply],
  ['GET', /^\/api\/v1\/namespaces\/([^/]+)\/secrets\/[^/]+$/, readSecret],
  ['DELETE', /^\/api\/v1\/namespaces\/([^/]+)\/secrets\/[^/]+$/, deleteSecret],
  ['GET', /^\/apis\/coordination\.k8s\.io\/v1\/namespaces\/[^/]+\/leases\/([^/]+)$/, readLease],
  ['POST', /^\/apis\/coordination\.k8s\.io\/v1\/namespaces\/([^/]+)\/leases$/, createLease],
  ['PUT', /^\/apis\/coordination\.k8s\.io\/v1\/namespaces\/([^/]+)\/leases\/[^/]+$/, updateLease],
  ['POST', /^\/apis\/events\.k8s\.io\/v1\/namespaces\/([^/]+)\/events$/, createEvent],
];

/** The metadata of what a list or a watch is about, in the order of a list. */
export function selected(store: Store, topic: Topic, path: string): Metadata[] {
  const name = /metadata\.name=([^&,]+)/.exec(decodeURIComponent(path))?.[1];
  const all =
    topic === 'secrets'
      ? [...store.secrets]
      : [...store.namespaces].filter(([key, each]) => isLabelled(each) && (name ?? key) === key);
  return all.sort(byKey).map(([, { metadata }]) => metadata);
}

function byKey([one]: [string, unknown], [other]: [string, unknown]): number {
  return one < other ? -1 : 1;
}

function list(store: Store, [topic = '']: string[], { path }: Asked): Answer {
  const query = new URLSearchParams(path.split('?')[1] ?? '');
  const all = selected(store, topic as Topic, path); // as the route has it
  const limit = Number(query.get('limit') ?? all.length);
  const [revision = String(store.revision), from = '0'] = query.get('continue')?.split('.') ?? [];
  const isOld = query.has('continue') && store.since(topic as Topic, Number(revision)) === undefined;
  const end = Number(from) + limit;
  const rest = end < all.length ? { continue: `${isOld ? store.revision : revision}.${isOld ? from : end}` } : {};
  if (isOld)
    return status(
      410,
      'Expired',
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
      undefined,
      { continue: `${store.revision}.${from}` },
    );
  const items = all.slice(Number(from), end).map((metadata) => ({ metadata }));
  const kind = 'PartialObjectMetadataList';
  return {
    status: 200,
    body: { kind, apiVersion: 'meta.k8s.io/v1', metadata: { resourceVersion: revision, ...rest }, items },
  };
}

type ApplyConfiguration = { metadata: Partial<Metadata>; type: string; data: Record<string, string> };

function apply(
  store: Store,
  [namespace = '', name = '']: string[],
  { path, body = '' }: Asked,
  writes: Writes,
): Answer {
  const query = new URLSearchParams(path.split('?')[1] ?? '');
  const manager = query.get('fieldManager') ?? '';
  const config = JSON.parse(body) as ApplyConfiguration; // the program under test writes it
  const before = store.secrets.get(namespace);
  const data = config.data['.dockerconfigjson'] ?? '';
  const isForced = query.get('force') === 'true';
  const refusal =
    before === undefined
      ? refusedCreate(store, namespace, name)
      : refusedChange(before, config, data, isForced ? undefined : manager);
  if (refusal !== undefined) return refusal;
  if (query.get('dryRun') === 'All') return { status: before === undefined ? 201 : 200, body: before ?? {} };
  if (before !== undefined && isSame(before, data, config.metadata)) return { status: 200, body: metadataOf(before) };
  if (store.policies.has(namespace)) return denied(name);
  writes.onApply(namespace, body);
  const { labels = {}, annotations = {} } = config.metadata;
  store.putSecret(
    namespace,
    { type: config.type, data, dataOwner: manager, isApplied: true, labels, annotations },
    manager,
  );
  const after = store.secrets.get(namespace);
  return { status: before === undefined ? 201 : 200, body: after === undefined ? {} : metadataOf(after) };
}

function metadataOf({ metadata }: Secret): unknown {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
}

function refusedCreate(store: Store, namespace: string, name: string): Answer | undefined {
  const home = store.namespaces.get(namespace);
  if (home === undefined) return notFound(namespace, 'namespaces');
  const forbidden = `secrets "${name}" is forbidden`;
  const details = { name, kind: 'secrets' };
  if (home.metadata.deletionTimestamp !== undefined) {
    const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
    const message = `namespace ${namespace} is being terminated`;
    const causes = [{ reason: 'NamespaceTerminating', message, field: 'metadata.namespace' }];
    return status(403, 'Forbidden', `${forbidden}: ${why}`, { ...details, causes });
  }
  if (!store.quotas.has(namespace)) return store.policies.has(namespace) ? denied(name) : undefined;
  const why = 'exceeded quota: none, requested: secrets=1, used: secrets=0, limited: secrets=0';
  return status(403, 'Forbidden', `${forbidden}: ${why}`, details);
}

function denied(name: string): Answer {
  const policy = "ValidatingAdmissionPolicy 'no-secrets' with binding 'no-secrets' denied request";
  const message = `${policy}: pull secrets are not allowed here`;
  const details = { name, kind: 'secrets', causes: [{ message }] };
  return status(422, 'Invalid', `secrets "${name}" is forbidden: ${message}`, details);
}

/** @param manager of an apply that is not forced. */
function refusedChange(
  before: Secret,
  config: ApplyConfiguration,
  data: string,
  manager: string | undefined,
): Answer | undefined {
  const { name } = before.metadata;
  const expected = config.metadata.resourceVersion;
  const isOwned = before.dataOwner !== manager && before.data !== data;
  if (manager !== undefined && isOwned) {
    const conflict = `conflict with "${before.dataOwner}"${before.isApplied ? '' : ' using v1'}`;
    const field = '.data..dockerconfigjson';
    const causes = [{ reason: 'FieldManagerConflict', message: conflict, field }];
    return status(409, 'Conflict', `Apply failed with 1 conflict: ${conflict}: ${field}`, { causes });
  }
  if ((expected ?? '') !== '' && expected !== before.metadata.resourceVersion) {
    return modified(`secrets "${name}"`, { name, kind: 'secrets' });
  }
  if (before.type !== config.type) {
    return invalid(name, 'type', 'FieldValueInvalid', `Invalid value: "${config.type}": field is immutable`);
  }
  if (!before.immutable || before.data === data) return undefined;
  return invalid(name, 'data', 'FieldValueForbidden', 'Forbidden: field is immutable when `immutable` is set');
}

function invalid(name: string, field: string, reason: string, message: string): Answer {
  const causes = [{ reason, message, field }];
  return status(422, 'Invalid', `Secret "${name}" is invalid: ${field}: ${message}`, { name, kind: 'Secret', causes });
}

function modified(what: string, details: object): Answer {
  const why = 'the object has been modified; please apply your changes to the latest version and try again';
  return status(409, 'Conflict', `Operation cannot be fulfilled on ${what}: ${why}`, details);
}

function isSame(before: Secret, data: string, { annotations = {}, labels = {} }: Partial<Metadata>): boolean {
  return (
    before.data === data &&
    Object.entries(annotations).every(([name, value]) => before.metadata.annotations[name] === value) &&
    Object.entries(labels).every(([name, value]) => before.metadata.labels[name] === value)
  );
}

function readSecret(store: Store, [namespace = '']: string[], { accept = '' }: Asked): Answer {
  const secret = store.secrets.get(namespace);
  if (secret === undefined) return notFound(secretName, 'secrets');
  if (accept.includes('as=PartialObjectMetadata')) return { status: 200, body: metadataOf(secret) };
  const { metadata, type, data, immutable } = secret;
  const held = type === 'Opaque' ? {} : { '.dockerconfigjson': data };
  return {
    status: 200,
    body: { kind: 'Secret', apiVersion: 'v1', metadata, data: held, type, ...(immutable ? { immutable } : {}) },
  };
}

function deleteSecret(store: Store, [namespace = '']: string[], { body }: Asked, writes: Writes): Answer {
  const secret = store.secrets.get(namespace);
  if (secret === undefined) return notFound(secretName, 'secrets');
  const { uid, resourceVersion } = secret.metadata;
  const { preconditions = {} } = (body === undefined ? {} : JSON.parse(body)) as { preconditions?: Partial<Metadata> };
  const isOther =
    (preconditions.uid ?? uid) !== uid || (preconditions.resourceVersion ?? resourceVersion) !== resourceVersion;
  if (isOther) return modified(`secrets "${secretName}"`, { name: secretName, kind: 'secrets' });
  writes.onDelete(namespace);
  store.deleteSecret(namespace);
  return {
    status: 200,
    body: { kind: 'Status', status: 'Success', details: { name: secretName, kind: 'secrets', uid } },
  };
}

const leases = 'leases.coordination.k8s.io';

function readLease(store: Store, [name = '']: string[]): Answer {
  return store.lease === undefined ? notFound(name, leases) : { status: 200, body: leaseBody(store.lease) };
}

type LeaseBody = { metadata: Metadata; spec: Record<string, unknown> };

function createLease(store: Store, [namespace = '']: string[], { body = '' }: Asked): Answer {
  const { metadata, spec } = JSON.parse(body) as LeaseBody; // the election under test writes it
  const { name } = metadata;
  if (store.lease === undefined) return { status: 201, body: leaseBody(store.putLease(name, namespace, spec)) };
  return status(409, 'AlreadyExists', `${leases} "${name}" already exists`, { name, ...groupOf(leases) });
}

function updateLease(store: Store, [namespace = '']: string[], { body = '' }: Asked): Answer {
  const { metadata, spec } = JSON.parse(body) as LeaseBody; // the election under test writes it
  const { name } = metadata;
  if (store.lease === undefined) return notFound(name, leases);
  const isStale = store.lease.metadata.resourceVersion !== metadata.resourceVersion;
  if (isStale && !store.ignoresLeaseConditions) return modified(`${leases} "${name}"`, { name, ...groupOf(leases) });
  return { status: 200, body: leaseBody(store.putLease(name, namespace, spec)) };
}

function leaseBody({ metadata, spec }: LeaseBody): unknown {
  return { kind: 'Lease', apiVersion: 'coordination.k8s.io/v1', metadata, spec };
}

function createEvent(store: Store, [namespace = '']: string[], { body = '' }: Asked, writes: Writes): Answer {
  const home = store.namespaces.get(namespace);
  if (home === undefined) return notFound(namespace, 'namespaces');
  const { metadata } = JSON.parse(body) as { metadata: { name: string } }; // the announcement under test writes it
  const key = `${namespace}/${metadata.name}`;
  if (store.events.has(key))
    return status(409, 'AlreadyExists', `events.events.k8s.io "${metadata.name}" already exists`);
  store.events.add(key);
  writes.onEvent(namespace, body);
  return { status: 201, body: { kind: 'Event', apiVersion: 'events.k8s.io/v1', metadata: {} } };
}

function groupOf(resource: string): { group?: string; kind: string } {
  const [kind = '', ...group] = resource.split('.');
  return group.length === 0 ? { kind } : { group: group.join('.'), kind };
}

function notFound(name: string, resource: string): Answer {
  return status(404, 'NotFound', `${resource} "${name}" not found`, { name, ...groupOf(resource) });
}

/** A Kubernetes `Status`. */
export function status(code: number, reason: string, message: string, details?: object, metadata: object = {}): Answer {
  const told = { status: 'Failure', message, reason, ...(details === undefined ? {} : { details }), code };
  return { status: code, body: { kind: 'Status', apiVersion: 'v1', metadata, ...told } };
}

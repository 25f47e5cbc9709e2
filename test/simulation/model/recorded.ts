import { readFileSync } from 'node:fs';
import { cases, type Case, type Exchanged, type RecordedRequest } from '../../conformance/transcripts.ts';
import { label, secretName, type Store } from './store.ts';

/** The steps of a recorded case. Where it selects by a label of its own, that one stands for ours, the one the model knows. */
export function stepsOf(name: string): Case['steps'] {
  const found = cases.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no recorded case ${name}`);
  const text = JSON.stringify(found.steps);
  return text.includes('credentialType%3Decr') ? found.steps : (JSON.parse(labelled(text)) as Case['steps']); // the same steps
}

function labelled(text: string): string {
  return text.replaceAll(/"story":"\w+"/g, `"${label.name}":"${label.value}"`);
}

type Restored = { steps: { why: string; request: RecordedRequest; response: Exchanged['response'] }[] };

/** What a server answered whose data were restored from a backup. */
export function restoredSteps(): Restored['steps'] {
  const file = new URL('../../conformance/restored.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as Restored).steps; // kept in this repository
}

type Body = {
  metadata: { name: string; labels?: Record<string, string | null>; annotations?: Record<string, string> };
  type?: string;
  data?: Record<string, string>;
  immutable?: boolean;
};

type Doing = (store: Store, name: string, body: Body) => void;

/**
 * What somebody else did to the recorded server, as this program never does: done to the store itself. What is not here
 * changes nothing that the model knows of.
 */
export function doneByOthers(store: Store, { method = 'GET', path, body }: RecordedRequest): void {
  for (const [which, pattern, doing] of doings) {
    const found = which === method ? pattern.exec(path) : null;
    if (found !== null) doing(store, found[1] ?? '', body as Body); // as it was recorded
  }
}

const doings: readonly (readonly [string, RegExp, Doing])[] = [
  ['POST', /^\/api\/v1\/namespaces$/, createNamespace],
  ['PATCH', /^\/api\/v1\/namespaces\/([^/]+)$/, patchNamespace],
  ['DELETE', /^\/api\/v1\/namespaces\/([^/]+)$/, (store, name) => store.terminate(name)],
  ['POST', /^\/api\/v1\/namespaces\/([^/]+)\/secrets$/, createSecret],
  ['POST', /^\/api\/v1\/namespaces\/([^/]+)\/resourcequotas$/, (store, name) => void store.quotas.add(name)],
  [
    'POST',
    /validatingadmissionpolicybindings$/,
    (store) => store.namespaces.forEach((_, name) => store.policies.add(name)),
  ],
];

function isOurs({ labels }: Body['metadata']): boolean {
  return labels?.[label.name] === label.value;
}

function createNamespace(store: Store, _: string, { metadata }: Body): void {
  store.createNamespace(metadata.name, isOurs(metadata), 0);
}

function patchNamespace(store: Store, name: string, { metadata }: Body): void {
  const { labels, annotations } = metadata;
  if (labels !== undefined) store.setLabel(name, isOurs(metadata), 0);
  if (annotations !== undefined) store.annotateNamespace(name, annotations);
}

function createSecret(store: Store, namespace: string, { metadata, type = '', data = {}, immutable }: Body): void {
  if (metadata.name !== secretName) return;
  const labels = metadata.labels as Record<string, string> | undefined; // nothing is taken off what is new
  const secret = { type, data: data['.dockerconfigjson'] ?? '', immutable: immutable === true, isApplied: false };
  store.putSecret(namespace, { ...secret, dataOwner: 'unknown', labels: labels ?? {} }, 'unknown');
}

type Json = Record<string, unknown>;

type Looked = { status: number; body?: unknown; events?: unknown[] };

/** Of the answer to a request, what this program looks at; the rest the model does not claim to know. */
export function looked({ method = 'GET', path }: Pick<RecordedRequest, 'method' | 'path'>, answer: Looked): Json {
  const { status, body, events } = answer;
  if (events !== undefined) return { status, events: events.map((event) => lookedAtEvent(event as Json)) };
  const { kind, items, reason, message, details, metadata, spec, data = {}, type, immutable } = body as Json;
  if (reason !== undefined && kind === 'Status') return { status, reason, message, details, metadata };
  if (kind === 'Status') return { status, details };
  if (path.endsWith('/events')) return { status };
  if (Array.isArray(items)) {
    const all = items.map((item: Json) => metadataOf(item['metadata']));
    return { status, metadata: metadataOf(metadata), items: all };
  }
  const isRead = kind === 'Secret' && method === 'GET';
  const held = (data as Json)['.dockerconfigjson'];
  return { status, metadata: metadataOf(metadata), spec, ...(isRead ? { held, type, immutable } : {}) };
}

function lookedAtEvent({ type, object }: Json): Json {
  const { kind, reason, message, code, metadata } = object as Json;
  if (kind === 'Status') return { type, reason, message, code };
  // Others write to a real server, too: a bookmark's version is any.
  const { resourceVersion, ...rest } = metadataOf(metadata);
  return { type, metadata: type === 'BOOKMARK' ? rest : { resourceVersion, ...rest } };
}

function metadataOf(metadata: unknown): Json {
  const { name, namespace, uid, resourceVersion, labels = {}, annotations = {}, ...rest } = metadata as Json;
  const { deletionTimestamp, continue: next, managedFields = [] } = rest;
  const managers = (managedFields as Json[]).map(({ manager }) => String(manager)).toSorted();
  const isSecret = name === secretName;
  const all = {
    name,
    namespace,
    uid,
    resourceVersion,
    labels: ours(labels as Json),
    annotations,
    deletionTimestamp,
    next,
  };
  return { ...all, managers: isSecret ? managers : [] };
}

/** What a server sets on every namespace, and what tells the cases of the recording from each other. */
const notOurs = new Set(['kubernetes.io/metadata.name', 'story']);

function ours(labels: Json): Json {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !notOurs.has(name)));
}

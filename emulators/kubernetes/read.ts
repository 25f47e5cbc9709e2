import type { Context } from './context.ts';
import { notAValue } from './go-json.ts';
import { isObject } from './objects.ts';
import type { KubeObject } from './objects.ts';
import { formOf, presentList, presentOne } from './representation.ts';
import type { Resource } from './resources.ts';
import { fieldSelector, labelSelector } from './selectors.ts';
import type { Matcher } from './selectors.ts';
import { badRequest, notFound, StatusError } from './status.ts';
import type { Snapshot, Store } from './store.ts';

export function getOne(context: Context, resource: Resource): object {
  const { info, server, exchange } = context;
  const form = formOf(exchange.header('accept'));
  const namespace = resource.namespaced ? info.namespace : '';
  const found = server.store.get(resource, namespace, info.pathName);
  if (found === undefined) throw notFound(resource, info.pathName);
  return presentOne(resource, found, form);
}

/** Whether an object is among those that a list or watch asks for. */
export function matcherOf(context: Context, resource: Resource): Matcher | undefined {
  const { query, namespace } = context.info;
  const labels = query.get('labelSelector') ?? '';
  const fields = query.get('fieldSelector') ?? '';
  const tests: Matcher[] = [];
  if (resource.namespaced && namespace !== '') tests.push((object) => object.metadata.namespace === namespace);
  if (labels !== '') tests.push(labelSelector(labels));
  if (fields !== '') tests.push(fieldSelector(fields, resource));
  if (tests.length === 0) return undefined;
  return (object) => tests.every((test) => test(object));
}

/** The next object of a paged list: everything up to and including `after` was sent. */
interface Position {
  /** The revision of the list; -1 for the newest, which is what is left when the revision is gone. */
  revision: number;
  after: string;
}

function keyOf(object: KubeObject): string {
  const { namespace, name } = object.metadata;
  return namespace === undefined ? name : `${namespace}/${name}`;
}

function encodeToken({ revision, after }: Position): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: `${after}\0` })).toString('base64url');
}

function decodeToken(token: string): Position {
  const text = Buffer.from(token, 'base64url').toString('latin1');
  if (!text.startsWith('{')) {
    throw badRequest(`invalid continue token: continue key is not valid: ${notAValue(text.slice(0, 1))}`);
  }
  const value: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
  if (!isObject(value) || typeof value['rv'] !== 'number' || typeof value['start'] !== 'string') {
    throw badRequest(
      'invalid continue token: continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)',
    );
  }
  return { revision: value['rv'], after: value['start'].replace(/\0$/, '') };
}

function expired(after: string): StatusError {
  const message =
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';
  return new StatusError(410, message, {
    reason: 'Expired',
    metadata: { continue: encodeToken({ revision: -1, after }) },
  });
}

function snapshotAt(store: Store, resource: Resource, position: Position | undefined, paged: boolean): Snapshot {
  if (position !== undefined && position.revision !== -1) {
    const snapshot = store.snapshot(resource, position.revision);
    if (snapshot === undefined) throw expired(position.after);
    return snapshot;
  }
  return paged
    ? store.keepSnapshot(resource)
    : { revision: store.listRevision(resource), objects: store.list(resource) };
}

/**
 * Collects from `start` until the limit. There may be more as soon as any object follows: the server does not look
 * whether a selector matches it, and the next page may be empty.
 */
function page(
  objects: readonly KubeObject[],
  start: number,
  limit: number,
  matches: Matcher | undefined,
): { items: KubeObject[]; more: boolean } {
  const items: KubeObject[] = [];
  for (let index = start; index < objects.length; index += 1) {
    if (items.length === limit) return { items, more: true };
    const object = objects[index];
    if (object !== undefined && (matches === undefined || matches(object))) items.push(object);
  }
  return { items, more: false };
}

function firstAfter(objects: readonly KubeObject[], after: string): number {
  let [low, high] = [0, objects.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const object = objects[middle];
    if (object !== undefined && keyOf(object) <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function list(context: Context, resource: Resource): object {
  const { info, server, exchange } = context;
  const form = formOf(exchange.header('accept'));
  const limit = Number(info.query.get('limit') ?? 0) || Number.POSITIVE_INFINITY;
  const matches = matcherOf(context, resource);
  const token = info.query.get('continue') ?? '';
  const position = token === '' ? undefined : decodeToken(token);
  const whole = Number.isFinite(limit) || position !== undefined;
  const snapshot =
    whole || info.namespace === '' || !resource.namespaced
      ? snapshotAt(server.store, resource, position, Number.isFinite(limit))
      : { revision: server.store.listRevision(resource), objects: server.store.list(resource, info.namespace) };
  const start = position === undefined ? 0 : firstAfter(snapshot.objects, position.after);
  const { items, more } = page(snapshot.objects, start, limit, matches);
  const last = items.at(-1);
  const token2 =
    more && last !== undefined ? { continue: encodeToken({ revision: snapshot.revision, after: keyOf(last) }) } : {};
  return presentList(resource, items, { resourceVersion: String(snapshot.revision), ...token2 }, form);
}

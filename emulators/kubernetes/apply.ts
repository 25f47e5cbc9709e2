import { isMap, parseDocument } from 'yaml';
import { goBase64Error } from './go-json.ts';
import { abandoned, afterApply, claimsOf } from './managed-fields.ts';
import { applyOver, withoutFields } from './merge.ts';
import { isObject, objectAt, textAt } from './objects.ts';
import type { JsonObject, KubeObject } from './objects.ts';
import { groupVersion } from './resources.ts';
import type { Resource } from './resources.ts';
import { badRequest, invalid, StatusError } from './status.ts';
import type { Store } from './store.ts';
import { create, update } from './write.ts';
import type { WriteOptions } from './write.ts';

/** One server-side apply, as its request describes it. */
export interface ApplyRequest {
  namespace: string;
  name: string;
  body: string;
  force: boolean;
}

/** What became of an apply: the object, and whether it is new. */
export interface Applied {
  object: KubeObject;
  created: boolean;
}

/**
 * Server-side apply.
 *
 * @throws StatusError 400 or 500 for a configuration that cannot be read, 409 for a conflict, 422 for an invalid result
 */
export function apply(store: Store, resource: Resource, request: ApplyRequest, options: WriteOptions): Applied {
  const { writer } = options;
  if (writer.manager === '') throw withoutManager();
  const config = readConfig(resource, request);
  const time = store.time();
  const live = store.get(resource, request.namespace, request.name);
  refuseUndeclared(resource, request, config);
  const claims = claimsOf(live, config, writer, time);
  const laid = live === undefined ? config : applyOver(live, config);
  const merged = withoutFields(laid, abandoned(claims), claims.claimed) as KubeObject; // readConfig saw to kind and metadata
  const entries = afterApply(claims, live, merged, writer, { force: request.force, time });
  refuseUnconvertible(resource, request, merged);
  const ownership = (): typeof entries => entries;
  if (live === undefined)
    return { object: create(store, resource, placed(merged, request), options, ownership), created: true };
  const wanted = textAt(config['metadata'], 'resourceVersion');
  const object = { ...merged, metadata: { ...merged.metadata, resourceVersion: wanted } };
  return { object: update(store, resource, live, object, options, ownership), created: false };
}

function placed(object: KubeObject, { namespace, name }: ApplyRequest): KubeObject {
  return { ...object, metadata: { ...object.metadata, name, ...(namespace === '' ? {} : { namespace }) } };
}

function withoutManager(): StatusError {
  const options = { group: 'meta.k8s.io', plural: 'patchoptions', kind: 'PatchOptions' };
  const message = 'Required value: is required for apply patch';
  const refused = invalid(options, '', [{ reason: 'FieldValueRequired', field: 'fieldManager', message }]);
  return refused;
}

function readConfig(resource: Resource, { body, namespace, name }: ApplyRequest): JsonObject {
  const config = parse(body);
  const metadata = objectAt(config, 'metadata');
  const kind = textAt(config, 'kind');
  if (textAt(config, 'apiVersion') !== groupVersion(resource) || kind !== resource.kind) {
    const [group, version] = splitVersion(textAt(config, 'apiVersion'));
    throw badRequest(`invalid object type: ${group}/${version}, Kind=${kind}`);
  }
  if (metadata['managedFields'] !== undefined && metadata['managedFields'] !== null) {
    throw badRequest('metadata.managedFields must be nil');
  }
  const given = textAt(metadata, 'name');
  if (given !== '' && given !== name) {
    throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`);
  }
  const where = textAt(metadata, 'namespace');
  if (where !== '' && where !== namespace && resource.namespaced) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  return isObject(config['metadata']) ? config : { ...config, metadata: {} };
}

function splitVersion(apiVersion: string): [string, string] {
  const at = apiVersion.indexOf('/');
  return at === -1 ? ['', apiVersion] : [apiVersion.slice(0, at), apiVersion.slice(at + 1)];
}

/** JSON is YAML, and parsed as what it is: applies are many. */
function parse(body: string): JsonObject {
  if (body.startsWith('{')) {
    try {
      const parsed: unknown = JSON.parse(body);
      if (isObject(parsed)) return parsed;
    } catch {
      // not JSON: the YAML parser below has the words for it
    }
  }
  const document = parseDocument(body);
  if (document.errors.length > 0) {
    throw badRequest(
      'error decoding YAML: error converting YAML to JSON: yaml: line 1: did not find expected node content',
    );
  }
  const value: unknown = isMap(document.contents) ? document.toJS() : undefined;
  if (!isObject(value)) throw badRequest('error decoding YAML: the document is not an object');
  return value;
}

/** The top-level fields of the kinds that this project writes; the server's schema knows those of all. */
const declared: Record<string, ReadonlySet<string>> = {
  Secret: new Set(['apiVersion', 'kind', 'metadata', 'type', 'data', 'stringData', 'immutable']),
  ConfigMap: new Set(['apiVersion', 'kind', 'metadata', 'data', 'binaryData', 'immutable']),
  Namespace: new Set(['apiVersion', 'kind', 'metadata', 'spec', 'status']),
  Lease: new Set(['apiVersion', 'kind', 'metadata', 'spec']),
  ServiceAccount: new Set([
    'apiVersion',
    'kind',
    'metadata',
    'secrets',
    'imagePullSecrets',
    'automountServiceAccountToken',
  ]),
};

function described(resource: Resource, { namespace, name }: ApplyRequest): string {
  const where = namespace === '' ? name : `${namespace}/${name}`;
  return `(${where}; ${resource.group === '' ? '' : resource.group}/${resource.version}, Kind=${resource.kind})`;
}

function refuseUndeclared(resource: Resource, request: ApplyRequest, config: JsonObject): void {
  const known = declared[resource.kind];
  const unknown = known === undefined ? undefined : Object.keys(config).find((field) => !known.has(field));
  if (unknown === undefined) return;
  const object = described(resource, request);
  throw new StatusError(
    500,
    `failed to create typed patch object ${object}: .${unknown}: field not declared in schema`,
  );
}

function refuseUnconvertible(resource: Resource, request: ApplyRequest, object: KubeObject): void {
  const why = base64Problem(resource, object);
  if (why === undefined) return;
  const { version, kind } = resource;
  const target = `/${version}, Kind=${kind}`;
  const message = `failed to convert new object ${described(resource, request)} to proper version: unable to convert unstructured object to ${target}: error decoding from json: ${why}`;
  throw new StatusError(500, message);
}

/** What is wrong with the base64 in a Secret's data, if anything. */
export function base64Problem(resource: Resource, object: JsonObject): string | undefined {
  if (resource.kind !== 'Secret') return undefined;
  const data = objectAt(object, 'data');
  for (const key in data) {
    const why = goBase64Error(textAt(data, key));
    if (why !== undefined) return why;
  }
  return undefined;
}

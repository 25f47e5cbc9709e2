import { unknownExpressions } from './admission.ts';
import { apply, base64Problem } from './apply.ts';
import { attributesOf, authorize } from './context.ts';
import type { Context } from './context.ts';
import { toStored } from './events.ts';
import type { Writer } from './managed-fields.ts';
import { mergePatch } from './merge.ts';
import { isObject, textAt } from './objects.ts';
import type { JsonObject, KubeObject } from './objects.ts';
import { jsonPatch, PatchFailed, strategicMergePatch } from './patches.ts';
import { formOf, presentOne } from './representation.ts';
import { groupVersion } from './resources.ts';
import type { Resource } from './resources.ts';
import { badRequest, notFound, StatusError } from './status.ts';
import { create, update } from './write.ts';
import type { Part, WriteOptions } from './write.ts';
import { parse as parseYaml } from 'yaml';

/** An answer that is an object, with its HTTP status. */
export interface Outcome {
  status: number;
  object: object;
}

function writerOf({ exchange, info }: Context, operation: 'Apply' | 'Update', resource: Resource): Writer {
  const agent = (exchange.header('user-agent') ?? '').split('/')[0] ?? '';
  const given = info.query.get('fieldManager') ?? '';
  const manager = operation === 'Apply' ? given : given || agent || 'unknown';
  const base: Writer = { manager, operation, apiVersion: groupVersion(resource) };
  return info.subresource === '' ? base : { ...base, subresource: info.subresource };
}

function optionsOf(context: Context, operation: 'Apply' | 'Update', resource: Resource): WriteOptions {
  const { info, server, user } = context;
  // A patch that creates is allowed where its user may create this very object.
  const asCreate = (): void => authorize(server, user, { ...attributesOf(info), verb: 'create' });
  const options: WriteOptions = {
    dryRun: info.query.getAll('dryRun').includes('All'),
    user: context.user.name,
    writer: writerOf(context, operation, resource),
  };
  return info.verb === 'patch' ? { ...options, authorizeCreate: asCreate } : options;
}

/** The body as a JSON value. YAML is taken where the client says that it is. */
function parseBody({ exchange }: Context): unknown {
  try {
    return (exchange.header('content-type') ?? '').includes('yaml')
      ? parseYaml(exchange.body)
      : JSON.parse(exchange.body);
  } catch (error) {
    throw badRequest(`error decoding request body: ${error instanceof Error ? error.message : 'malformed'}`);
  }
}

function checkedObject(context: Context, resource: Resource, body: unknown): KubeObject {
  const apiVersion = textAt(body, 'apiVersion') || groupVersion(resource);
  const kind = textAt(body, 'kind') || resource.kind;
  if (!isObject(body)) throw badRequest('the body of the request is not an object');
  if (kind !== resource.kind || apiVersion !== groupVersion(resource)) {
    const expected = `${resource.group === '' ? '' : `${resource.group}/`}${resource.version}, Kind=${resource.kind}`;
    throw badRequest(
      `${kind} in version "${apiVersion}" cannot be handled as a ${resource.kind}: converting (${kind}) to (${expected}): unknown conversion`,
    );
  }
  const why = base64Problem(resource, body);
  if (why !== undefined)
    throw badRequest(`${kind} in version "${resource.version}" cannot be handled as a ${kind}: ${why}`);
  const metadata: JsonObject = isObject(body['metadata']) ? { ...body['metadata'] } : {};
  const { namespace } = context.info;
  const given = textAt(metadata, 'namespace');
  if (resource.namespaced && given !== '' && given !== namespace) {
    throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`);
  }
  if (resource.namespaced) metadata['namespace'] = namespace;
  // The fields that code here relies on are looked at by validation before anything is stored.
  const object = { ...body, kind, apiVersion, metadata } as unknown as KubeObject;
  refuseUnknownPolicy(resource, object);
  return toStored(resource, object);
}

function refuseUnknownPolicy(resource: Resource, object: KubeObject): void {
  if (resource.kind !== 'ValidatingAdmissionPolicy') return;
  const [unknown] = unknownExpressions(object);
  if (unknown === undefined) return;
  throw new StatusError(501, `this emulator cannot read the expression ${unknown}`, { reason: 'NotImplemented' });
}

export function post(context: Context, resource: Resource): Outcome {
  const form = formOf(context.exchange.header('accept'));
  const object = checkedObject(context, resource, parseBody(context));
  const stored = create(context.server.store, resource, object, optionsOf(context, 'Update', resource));
  return { status: 201, object: presentOne(resource, stored, form) };
}

function partOf(context: Context): Part {
  return context.info.subresource === 'status' ? 'status' : 'main';
}

function live(context: Context, resource: Resource): KubeObject {
  const { info, server } = context;
  const found = server.store.get(resource, resource.namespaced ? info.namespace : '', info.pathName);
  if (found === undefined) throw notFound(resource, info.pathName);
  return found;
}

export function put(context: Context, resource: Resource): Outcome {
  const form = formOf(context.exchange.header('accept'));
  const object = checkedObject(context, resource, parseBody(context));
  const { pathName } = context.info;
  if ((object.metadata.name ?? '') !== pathName) {
    throw badRequest(
      `the name of the object (${object.metadata.name ?? ''}) does not match the name on the URL (${pathName})`,
    );
  }
  const before = live(context, resource);
  const options = optionsOf(context, 'Update', resource);
  const { store } = context.server;
  const stored = update(store, resource, before, object, options, undefined, partOf(context));
  return { status: 200, object: presentOne(resource, stored, form) };
}

const applyTypes = new Set(['application/apply-patch+yaml', 'application/apply-patch+cbor']);

export function patch(context: Context, resource: Resource): Outcome {
  const { exchange } = context;
  const form = formOf(exchange.header('accept'));
  const type = (exchange.header('content-type') ?? '').split(';')[0]?.trim() ?? '';
  if (applyTypes.has(type)) return applyPatch(context, resource, form);
  const change = changeOf(type);
  const before = live(context, resource);
  const patched = change(before, parseBody(context));
  const object = checkedPatch(before, patched);
  const why = base64Problem(resource, object);
  if (why !== undefined) throw badRequest(why);
  const options = optionsOf(context, 'Update', resource);
  const stored = update(context.server.store, resource, before, object, options, undefined, partOf(context));
  return { status: 200, object: presentOne(resource, stored, form) };
}

/** A patch may say which version it is for; otherwise it is for whatever is there. */
function checkedPatch(before: KubeObject, patched: unknown): KubeObject {
  if (!isObject(patched) || !isObject(patched['metadata'])) throw badRequest('the patched object is not an object');
  // `before` was stored, and what the patch changed is validated before it is stored.
  return { ...patched, kind: before.kind, apiVersion: before.apiVersion } as unknown as KubeObject;
}

function changeOf(type: string): (before: KubeObject, body: unknown) => unknown {
  switch (type) {
    case 'application/merge-patch+json':
      return (before, body) => mergePatch(before, body);
    case 'application/strategic-merge-patch+json':
      return (before, body) => strategicMergePatch(before, body);
    case 'application/json-patch+json':
      return (before, body) => carriedOut(before, body);
    default:
      throw new StatusError(415, '415: Unsupported Media Type', { reason: 'UnsupportedMediaType', details: {} });
  }
}

function carriedOut(before: KubeObject, body: unknown): unknown {
  try {
    return jsonPatch(before, Array.isArray(body) ? body : []);
  } catch (error) {
    if (!(error instanceof PatchFailed)) throw error;
    const message = 'the server rejected our request due to an error in our request';
    throw new StatusError(422, message, { reason: 'Invalid', details: {} });
  }
}

function applyPatch(context: Context, resource: Resource, form: ReturnType<typeof formOf>): Outcome {
  const { exchange, info, server } = context;
  const request = {
    namespace: resource.namespaced ? info.namespace : '',
    name: info.pathName,
    body: exchange.body,
    force: info.query.get('force') === 'true',
  };
  const { object, created } = apply(server.store, resource, request, optionsOf(context, 'Apply', resource));
  return { status: created ? 201 : 200, object: presentOne(resource, object, form) };
}

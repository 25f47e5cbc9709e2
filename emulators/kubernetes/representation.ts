import type { JsonObject, KubeObject } from './objects.ts';
import { toPresented } from './events.ts';
import type { Resource } from './resources.ts';
import { groupVersion } from './resources.ts';
import { StatusError } from './status.ts';
import { tableColumns, tableRow } from './table.ts';

/** In which form a client wants objects. */
export type Form = 'whole' | 'metadata' | 'table';

const available =
  'application/json, application/yaml, application/vnd.kubernetes.protobuf, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch';

/**
 * The first form of the Accept header that this server has.
 *
 * @throws StatusError 406
 */
export function formOf(accept: string | undefined): Form {
  if (accept === undefined || accept === '' || accept === 'application/json') return 'whole';
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    if (type !== 'application/json' && type !== '*/*' && type !== 'application/*') continue;
    const as = parameters.find((parameter) => parameter.startsWith('as='))?.slice(3);
    if (as === undefined) return 'whole';
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') return 'metadata';
    if (as === 'Table') return 'table';
  }
  const message = `406: Not Acceptable\n\nAvailable representations: ${available}`;
  throw new StatusError(406, message, { reason: 'NotAcceptable', details: {} });
}

const metaVersion = 'meta.k8s.io/v1';

function metadataOnly(object: KubeObject): JsonObject {
  return { kind: 'PartialObjectMetadata', apiVersion: metaVersion, metadata: object.metadata };
}

/** One object in the form that was asked for. */
export function presentOne(resource: Resource, object: KubeObject, form: Form): JsonObject {
  if (form === 'metadata') return metadataOnly(object);
  const presented = toPresented(resource, object);
  if (form === 'whole') return presented;
  const resourceVersion = object.metadata.resourceVersion;
  return table(resource, [presented], { resourceVersion });
}

/** An object as a watch sends it: only the first row of a table's watch brings the columns. */
export function presentEvent(resource: Resource, object: KubeObject, form: Form, first: boolean): JsonObject {
  const presented = presentOne(resource, object, form);
  return form === 'table' && !first ? { ...presented, columnDefinitions: null } : presented;
}

/** A list in the form that was asked for. Its items do not repeat what they are, except in the metadata form. */
export function presentList(
  resource: Resource,
  objects: readonly KubeObject[],
  metadata: JsonObject,
  form: Form,
): JsonObject {
  if (form === 'table')
    return table(
      resource,
      objects.map((object) => toPresented(resource, object)),
      metadata,
    );
  if (form === 'metadata') {
    return { kind: 'PartialObjectMetadataList', apiVersion: metaVersion, metadata, items: objects.map(metadataOnly) };
  }
  const items = objects.map((object) => {
    const { kind: _kind, apiVersion: _apiVersion, ...rest } = toPresented(resource, object);
    return rest;
  });
  return { kind: `${resource.kind}List`, apiVersion: groupVersion(resource), metadata, items };
}

function table(resource: Resource, objects: readonly KubeObject[], metadata: JsonObject): JsonObject {
  const rows = objects.map((object) => ({ cells: tableRow(resource, object), object: metadataOnly(object) }));
  return { kind: 'Table', apiVersion: metaVersion, metadata, columnDefinitions: tableColumns(resource), rows };
}

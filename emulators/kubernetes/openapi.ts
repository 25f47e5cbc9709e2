import type { Answer } from './exchange.ts';
import { groupVersion, resources } from './resources.ts';
import type { Resource } from './resources.ts';

/*
 * No schemas are published: clients take a kind without one as it is, and this server validates what it is sent.
 * What kubectl does read here is which kinds can be patched with `dryRun` and `fieldValidation`.
 */

const info = { title: 'Kubernetes', version: 'v1.36.2' };

function pathOf(resource: Resource): string {
  const base = resource.group === '' ? `/api/${resource.version}` : `/apis/${groupVersion(resource)}`;
  const scope = resource.namespaced ? '/namespaces/{namespace}' : '';
  return `${base}${scope}/${resource.plural}/{name}`;
}

function kindOf({ group, version, kind }: Resource): object {
  return { group, kind, version };
}

function parameter(name: string): object {
  return { name, in: 'query', schema: { type: 'string', uniqueItems: true } };
}

const patchParameters = ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map(parameter);

function pathItem(resource: Resource): object {
  const responses = { '200': { description: 'OK' } };
  const patch = { parameters: patchParameters, responses, 'x-kubernetes-action': 'patch' };
  return { patch: { ...patch, 'x-kubernetes-group-version-kind': kindOf(resource) } };
}

function pathsOf(list: readonly Resource[]): object {
  return Object.fromEntries(list.map((resource) => [pathOf(resource), pathItem(resource)]));
}

/** `api/v1` and `apis/group/version`, as the index of version 3 lists them. */
function documentKey(resource: Resource): string {
  return resource.group === '' ? `api/${resource.version}` : `apis/${groupVersion(resource)}`;
}

function json(body: object): Answer {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** `/openapi/v2`, `/openapi/v3` and what the index of the latter points to. */
export function openapi(path: string, accept: string): Answer | undefined {
  if (path === '/openapi/v2') return accept.includes('proto-openapi') ? version2AsProtobuf() : json(version2());
  if (path === '/openapi/v3') {
    const keys = [...new Set(resources.map(documentKey))];
    const entries = keys.map((key) => [key, { serverRelativeURL: `/openapi/v3/${key}?hash=1` }]);
    return json({ paths: Object.fromEntries(entries) });
  }
  const list = resources.filter((resource) => path === `/openapi/v3/${documentKey(resource)}`);
  return list.length === 0
    ? undefined
    : json({ openapi: '3.0.0', info, paths: pathsOf(list), components: { schemas: {} } });
}

function version2(): object {
  return { swagger: '2.0', info, paths: pathsOf(resources), definitions: {} };
}

/*
 * Older kubectl take version 2 as protobuf alone (github.com/google/gnostic-models, openapiv2/OpenAPIv2.proto).
 */

function bytes(field: number, content: Buffer): Buffer {
  return Buffer.concat([varint((field << 3) | 2), varint(content.length), content]);
}

function varint(value: number): Buffer {
  const parts: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    parts.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  parts.push(rest);
  return Buffer.from(parts);
}

function text(field: number, content: string): Buffer {
  return bytes(field, Buffer.from(content));
}

/** NamedAny { name = 1, value = 2: Any { yaml = 2 } } */
function extension(name: string, value: object): Buffer {
  return Buffer.concat([text(1, name), bytes(2, text(2, JSON.stringify(value)))]);
}

/** ParametersItem { parameter = 1: Parameter { non_body_parameter = 2: { query_parameter_sub_schema = 3 } } } */
function queryParameter(name: string): Buffer {
  const schema = Buffer.concat([text(2, 'query'), text(4, name), text(6, 'string')]);
  return bytes(1, bytes(2, bytes(3, schema)));
}

/** Operation { parameters = 8, responses = 9, vendor_extension = 13 } */
function operation(resource: Resource): Buffer {
  const parameters = ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map((name) =>
    bytes(8, queryParameter(name)),
  );
  const kind = bytes(13, extension('x-kubernetes-group-version-kind', kindOf(resource)));
  return Buffer.concat([...parameters, bytes(9, Buffer.alloc(0)), kind]);
}

/** Document { swagger = 1, info = 2, paths = 8: { path = 2: NamedPathItem { name = 1, value = 2: { patch = 8 } } } } */
function version2AsProtobuf(): Answer {
  const items = resources.map((resource) =>
    bytes(2, Buffer.concat([text(1, pathOf(resource)), bytes(2, bytes(8, operation(resource)))])),
  );
  const about = Buffer.concat([text(1, info.title), text(2, info.version)]);
  const document = Buffer.concat([text(1, '2.0'), bytes(2, about), bytes(8, Buffer.concat(items))]);
  const headers = { 'content-type': 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf' };
  return { status: 200, headers, body: document.toString('latin1'), encoding: 'latin1' };
}

import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { textAt } from './objects.ts';
import type { JsonObject } from './objects.ts';

/*
 * kubectl sends what it makes with typed clients (`create secret`, `auth can-i`, `create token`) as protobuf since 1.32.
 * Field numbers are from the generated.proto files of k8s.io/api and k8s.io/apimachinery.
 */

type FieldType =
  | 'text'
  | 'bytes'
  | 'int'
  | 'bool'
  | 'texts'
  | 'textMap'
  | 'bytesMap'
  | 'quantityMap'
  | Message
  | [Message];
type Message = { [number: number]: [name: string, type: FieldType] };

const meta: Message = {
  1: ['name', 'text'],
  2: ['generateName', 'text'],
  3: ['namespace', 'text'],
  5: ['uid', 'text'],
  6: ['resourceVersion', 'text'],
  11: ['labels', 'textMap'],
  12: ['annotations', 'textMap'],
  14: ['finalizers', 'texts'],
};
const named: Message = { 1: ['name', 'text'] };
const rule: Message = {
  1: ['verbs', 'texts'],
  2: ['apiGroups', 'texts'],
  3: ['resources', 'texts'],
  4: ['resourceNames', 'texts'],
  5: ['nonResourceURLs', 'texts'],
};
const subject: Message = {
  1: ['kind', 'text'],
  2: ['apiGroup', 'text'],
  3: ['name', 'text'],
  4: ['namespace', 'text'],
};
const roleRef: Message = { 1: ['apiGroup', 'text'], 2: ['kind', 'text'], 3: ['name', 'text'] };
const role: Message = { 1: ['metadata', meta], 2: ['rules', [rule]] };
const binding: Message = { 1: ['metadata', meta], 2: ['subjects', [subject]], 3: ['roleRef', roleRef] };
const resourceAttributes: Message = {
  1: ['namespace', 'text'],
  2: ['verb', 'text'],
  3: ['group', 'text'],
  4: ['version', 'text'],
  5: ['resource', 'text'],
  6: ['subresource', 'text'],
  7: ['name', 'text'],
};
const pathAttributes: Message = { 1: ['path', 'text'], 2: ['verb', 'text'] };
const accessSpec: Message = {
  1: ['resourceAttributes', resourceAttributes],
  2: ['nonResourceAttributes', pathAttributes],
};

const kinds: Record<string, Message> = {
  Secret: {
    1: ['metadata', meta],
    2: ['data', 'bytesMap'],
    3: ['type', 'text'],
    4: ['stringData', 'textMap'],
    5: ['immutable', 'bool'],
  },
  ConfigMap: { 1: ['metadata', meta], 2: ['data', 'textMap'], 3: ['binaryData', 'bytesMap'], 4: ['immutable', 'bool'] },
  Namespace: { 1: ['metadata', meta] },
  ServiceAccount: {
    1: ['metadata', meta],
    2: ['secrets', [{ 3: ['name', 'text'] }]],
    3: ['imagePullSecrets', [named]],
  },
  ResourceQuota: { 1: ['metadata', meta], 2: ['spec', { 1: ['hard', 'quantityMap'] }] },
  Role: role,
  ClusterRole: role,
  RoleBinding: binding,
  ClusterRoleBinding: binding,
  SelfSubjectAccessReview: { 1: ['metadata', meta], 2: ['spec', accessSpec] },
  SelfSubjectRulesReview: { 1: ['metadata', meta], 2: ['spec', { 1: ['namespace', 'text'] }] },
  SelfSubjectReview: { 1: ['metadata', meta] },
  TokenRequest: { 1: ['metadata', meta], 2: ['spec', { 1: ['audiences', 'texts'], 4: ['expirationSeconds', 'int'] }] },
};

interface Field {
  number: number;
  value: number;
  content: Buffer;
}

function* fieldsOf(message: Buffer): Generator<Field> {
  const reader = new BinaryReader(message);
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    if (wire === WireType.LengthDelimited) yield { number, value: 0, content: Buffer.from(reader.bytes()) };
    else if (wire === WireType.Varint) yield { number, value: Number(reader.int64()), content: Buffer.alloc(0) };
    else throw new Error(`wire type ${wire} is not used here`);
  }
}

function decode(message: Buffer, shape: Message): JsonObject {
  const result: JsonObject = {};
  for (const field of fieldsOf(message)) {
    const known = shape[field.number];
    if (known !== undefined) place(result, known[0], known[1], field);
  }
  return result;
}

function place(result: JsonObject, name: string, type: FieldType, { value, content }: Field): void {
  if (Array.isArray(type)) result[name] = [...listOf(result[name]), decode(content, type[0])];
  else if (typeof type === 'object') result[name] = decode(content, type);
  else if (type === 'texts') result[name] = [...listOf(result[name]), content.toString()];
  else if (type === 'int') result[name] = value;
  else if (type === 'bool') result[name] = value === 1;
  else if (type.endsWith('Map')) result[name] = Object.assign(result[name] ?? {}, entryOf(content, type));
  // A field that is not a pointer is sent even when it is empty.
  else if (content.length > 0) result[name] = type === 'bytes' ? content.toString('base64') : content.toString();
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function entryOf(content: Buffer, type: FieldType): JsonObject {
  let [key, value] = ['', ''];
  for (const field of fieldsOf(content)) {
    if (field.number === 1) key = field.content.toString();
    else if (type === 'quantityMap') value = String(decode(field.content, { 1: ['text', 'text'] })['text']);
    else value = field.content.toString(type === 'bytesMap' ? 'base64' : 'utf8');
  }
  return { [key]: value };
}

const magic = 'k8s\0';
const unknownType: Message = { 1: ['apiVersion', 'text'], 2: ['kind', 'text'] };

export function isProtobuf(contentType: string | undefined): boolean {
  return contentType?.startsWith('application/vnd.kubernetes.protobuf') === true;
}

/** A body of protobuf, one byte a character, as the JSON that says the same; undefined for kinds not known here. */
export function protobufToJson(body: string): JsonObject | undefined {
  if (!body.startsWith(magic)) return undefined;
  let [type, raw]: [JsonObject, Buffer] = [{}, Buffer.alloc(0)];
  for (const field of fieldsOf(Buffer.from(body.slice(magic.length), 'latin1'))) {
    if (field.number === 1) type = decode(field.content, unknownType);
    if (field.number === 2) raw = field.content;
  }
  const shape = kinds[textAt(type, 'kind')];
  return shape === undefined ? undefined : { ...type, ...decode(raw, shape) };
}

import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { textAt } from './objects.ts';
import type { JsonObject } from './objects.ts';
import { kinds, type FieldType, type Message } from './protobuf-kinds.ts';

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
  else if (name === '' && typeof type === 'object') Object.assign(result, decode(content, type));
  else if (typeof type === 'object') result[name] = decode(content, type);
  else if (type === 'texts') result[name] = [...listOf(result[name]), content.toString()];
  else if (type === 'ints') result[name] = [...listOf(result[name]), value];
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

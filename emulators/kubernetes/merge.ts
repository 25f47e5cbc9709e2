import { shapeOf } from './field-schema.ts';
import { itemKey } from './field-sets.ts';
import { isObject } from './objects.ts';
import type { FieldSet, JsonObject } from './objects.ts';

/** The live object with an applied configuration laid over it, field by field as their shapes say. */
export function applyOver(live: JsonObject, config: JsonObject, path: readonly string[] = []): JsonObject {
  const result: JsonObject = { ...live };
  for (const field in config) {
    const value = config[field];
    if (value === null || value === undefined) continue;
    result[field] = applyValue(live[field], value, [...path, field]);
  }
  return result;
}

function applyValue(live: unknown, value: unknown, path: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const shape = shapeOf(path, value);
  if (shape === 'atomic') return value;
  if (!Array.isArray(value)) return applyOver(isObject(live) ? live : {}, value as JsonObject, path); // no list, not null
  const existing: unknown[] = Array.isArray(live) ? live : [];
  if (shape === 'set') return [...new Set([...existing, ...value])];
  if (shape === 'granular') return value;
  const merged = new Map(existing.map((item) => [itemKey(item, shape.keys), item]));
  for (const item of value) {
    const key = itemKey(item, shape.keys);
    const before = merged.get(key);
    merged.set(key, isObject(item) ? applyOver(isObject(before) ? before : {}, item, path) : item);
  }
  return [...merged.values()];
}

/** The object without these fields. Maps that become empty go too, unless `keep` says that they were asked for. */
export function withoutFields(object: JsonObject, fields: FieldSet, keep: FieldSet): JsonObject {
  const result: JsonObject = { ...object };
  for (const key in fields) {
    const child = fields[key];
    if (child === undefined || !key.startsWith('f:')) continue;
    const field = key.slice(2);
    if (result[field] === undefined) continue;
    const rest = withoutValue(result[field], child, keep[key] ?? {});
    if (rest === undefined && keep[key] === undefined) delete result[field];
    else if (rest !== undefined) result[field] = rest;
  }
  return result;
}

function withoutValue(value: unknown, fields: FieldSet, keep: FieldSet): unknown {
  const children = Object.keys(fields).filter((key) => key !== '.');
  if (children.length === 0) return undefined;
  if (Array.isArray(value)) return withoutItems(value, fields);
  if (!isObject(value)) return value;
  const rest = withoutFields(value, fields, keep);
  return Object.keys(rest).length === 0 ? undefined : rest;
}

function withoutItems(items: unknown[], fields: FieldSet): unknown[] | undefined {
  const rest = items.flatMap((item) => {
    const key = Object.keys(fields).find((candidate) => names(candidate, item));
    const child = key === undefined ? undefined : fields[key];
    if (child === undefined) return [item];
    if (child['.'] !== undefined || Object.keys(child).length === 0 || !isObject(item)) return [];
    return [withoutFields(item, child, {})];
  });
  return rest.length === 0 ? undefined : rest;
}

function names(key: string, item: unknown): boolean {
  if (key.startsWith('v:')) return key === `v:${JSON.stringify(item)}`;
  if (!key.startsWith('k:')) return false;
  const fields = Object.keys(JSON.parse(key.slice(2)) as JsonObject); // field-sets wrote the key
  return itemKey(item, fields) === key;
}

/** RFC 7386. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: JsonObject = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

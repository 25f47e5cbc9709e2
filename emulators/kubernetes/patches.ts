import { isObject, sameJson } from './objects.ts';
import type { JsonObject } from './objects.ts';

/** A patch that is well formed and cannot be carried out on this object. */
export class PatchFailed extends Error {}

/** RFC 6902. The document itself is left as it was. */
export function jsonPatch(document: JsonObject, operations: unknown[]): unknown {
  let result: unknown = structuredClone(document);
  for (const operation of operations) {
    if (!isObject(operation)) throw new PatchFailed('an operation is not an object');
    result = carryOut(result, operation);
  }
  return result;
}

function carryOut(document: unknown, operation: JsonObject): unknown {
  const path = pointer(operation['path']);
  switch (operation['op']) {
    case 'test':
      if (!sameJson(valueAt(document, path), operation['value'])) throw new PatchFailed('test failed');
      return document;
    case 'add':
      return put(document, path, operation['value'], 'add');
    case 'replace':
      return put(document, path, operation['value'], 'replace');
    case 'remove':
      return remove(document, path);
    case 'copy':
      return put(document, path, structuredClone(existing(document, pointer(operation['from']))), 'add');
    case 'move': {
      const from = pointer(operation['from']);
      const moved = existing(document, from);
      return put(remove(document, from), path, moved, 'add');
    }
    default:
      throw new PatchFailed(`unexpected kind: ${String(operation['op'])}`);
  }
}

function pointer(text: unknown): string[] {
  if (typeof text !== 'string' || (text !== '' && !text.startsWith('/'))) throw new PatchFailed('no such path');
  return text
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function valueAt(document: unknown, path: readonly string[]): unknown {
  let current = document;
  for (const part of path) {
    if (Array.isArray(current)) current = current[Number(part)];
    else if (isObject(current)) current = current[part];
    else return undefined;
  }
  return current;
}

function existing(document: unknown, path: readonly string[]): unknown {
  const value = valueAt(document, path);
  if (value === undefined) throw new PatchFailed(`missing path: /${path.join('/')}`);
  return value;
}

function put(document: unknown, path: readonly string[], value: unknown, how: 'add' | 'replace'): unknown {
  const last = path[path.length - 1];
  if (last === undefined) return value;
  const parent = existing(document, path.slice(0, -1));
  if (how === 'replace') existing(document, path);
  if (Array.isArray(parent)) insert(parent, last, value, how);
  else if (isObject(parent)) parent[last] = value;
  else throw new PatchFailed(`missing container: /${path.join('/')}`);
  return document;
}

function insert(list: unknown[], part: string, value: unknown, how: 'add' | 'replace'): void {
  const index = part === '-' ? list.length : Number(part);
  if (!Number.isInteger(index) || index < 0 || index > list.length) throw new PatchFailed('index out of bounds');
  list.splice(index, how === 'add' ? 0 : 1, value);
}

function remove(document: unknown, path: readonly string[]): unknown {
  existing(document, path);
  const parent = valueAt(document, path.slice(0, -1));
  const last = path[path.length - 1] ?? '';
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else if (isObject(parent)) delete parent[last];
  return document;
}

/** Lists that a strategic merge patch merges by a key of their items; all others are replaced. */
const mergeKeys: Record<string, string> = {
  containers: 'name',
  initContainers: 'name',
  env: 'name',
  volumes: 'name',
  volumeMounts: 'mountPath',
  imagePullSecrets: 'name',
  secrets: 'name',
  ownerReferences: 'uid',
  conditions: 'type',
  hostAliases: 'ip',
};

/** Kubernetes' strategic merge patch: lists with a merge key are merged item by item, `$patch` directives are honoured. */
export function strategicMergePatch(target: unknown, patch: unknown, field = ''): unknown {
  if (Array.isArray(patch)) return mergeList(Array.isArray(target) ? target : [], patch, field);
  if (!isObject(patch)) return patch;
  if (patch['$patch'] === 'replace') return withoutDirectives(patch);
  const result: JsonObject = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$deleteFromPrimitiveList/')) dropItems(result, key.slice(25), value);
    else if (key.startsWith('$')) continue;
    else if (value === null || (isObject(value) && value['$patch'] === 'delete')) delete result[key];
    else result[key] = strategicMergePatch(result[key], value, key);
  }
  return result;
}

function dropItems(result: JsonObject, field: string, dropped: unknown): void {
  const current = result[field];
  if (Array.isArray(current) && Array.isArray(dropped)) {
    result[field] = current.filter((item) => !dropped.includes(item));
  }
}

function withoutDirectives(patch: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(patch).filter(([key]) => !key.startsWith('$')));
}

function mergeKeyOf(field: string, items: readonly unknown[]): string | undefined {
  if (field !== 'ports') return mergeKeys[field];
  return items.some((item) => isObject(item) && item['containerPort'] !== undefined) ? 'containerPort' : 'port';
}

function mergeList(target: readonly unknown[], patch: readonly unknown[], field: string): unknown[] {
  if (field === 'finalizers') return [...new Set([...target, ...patch])];
  const key = mergeKeyOf(field, patch);
  if (key === undefined || patch.some((item) => isObject(item) && item['$patch'] === 'replace')) {
    return patch.filter((item) => !(isObject(item) && item['$patch'] === 'replace'));
  }
  const merged = new Map(target.map((item) => [isObject(item) ? item[key] : item, item]));
  for (const item of patch) {
    if (!isObject(item)) continue;
    if (item['$patch'] === 'delete') merged.delete(item[key]);
    else merged.set(item[key], strategicMergePatch(merged.get(item[key]), item));
  }
  return [...merged.values()];
}

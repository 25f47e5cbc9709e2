import fastJsonPatch, { JsonPatchError, type Operation } from 'fast-json-patch';
import { isObject } from './objects.ts';
import type { JsonObject } from './objects.ts';

/** A patch that is well formed and cannot be carried out on this object. */
export class PatchFailed extends Error {}

/** RFC 6902. The document itself is left as it was. */
export function jsonPatch(document: JsonObject, operations: unknown[]): unknown {
  if (!operations.every(isOperation)) throw new PatchFailed('an operation is not an object');
  try {
    return fastJsonPatch.applyPatch(structuredClone(document), structuredClone(operations), true).newDocument;
  } catch (error) {
    if (!(error instanceof JsonPatchError)) throw error;
    // The rest of the message is the whole document.
    throw new PatchFailed(error.message.split('\n', 1)[0]);
  }
}

/** That it is one, the package finds out by itself. */
function isOperation(operation: unknown): operation is Operation {
  return isObject(operation);
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

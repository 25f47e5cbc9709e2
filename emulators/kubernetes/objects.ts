/** JSON as it comes off the wire: every field has to be looked at before it is used. */
export type JsonObject = { [field: string]: unknown };

/** A tree of `f:`, `k:` and `v:` keys; `.` marks a node that is itself a member and has children. */
export type FieldSet = { [key: string]: FieldSet };

export interface ManagedFieldsEntry {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  time: string;
  fieldsType: 'FieldsV1';
  fieldsV1: FieldSet;
  subresource?: string;
}

export interface ObjectMeta {
  name: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: unknown[];
  managedFields?: ManagedFieldsEntry[];
}

/** A stored object. It is never changed once stored: a write replaces it. */
export interface KubeObject {
  kind: string;
  apiVersion: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object at a field, or an empty one. */
export function objectAt(value: unknown, field: string): JsonObject {
  const inner = isObject(value) ? value[field] : undefined;
  return isObject(inner) ? inner : {};
}

/** The list at a field, or an empty one. */
export function listAt(value: unknown, field: string): unknown[] {
  const inner = isObject(value) ? value[field] : undefined;
  return Array.isArray(inner) ? inner : [];
}

/** The text at a field, or an empty one. */
export function textAt(value: unknown, field: string): string {
  const inner = isObject(value) ? value[field] : undefined;
  return typeof inner === 'string' ? inner : '';
}

/** The texts of the list at a field; anything else in it is left out. */
export function textsAt(value: unknown, field: string): string[] {
  return listAt(value, field).filter((item) => typeof item === 'string');
}

/** Whether two JSON values are the same, whatever the order of their fields. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => sameJson(item, b[index]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]));
}

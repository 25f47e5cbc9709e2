import { shapeOf, isInlineStruct, unowned } from './field-schema.ts';
import { isObject, sameJson } from './objects.ts';
import type { FieldSet, JsonObject } from './objects.ts';

const self = '.';

export function isEmpty(set: FieldSet | undefined): boolean {
  if (set === undefined) return true;
  for (const _key in set) return false;
  return true;
}

/** In a serialised set a node without children is a member, and one with `.` is a member too. */
function isMember(node: FieldSet): boolean {
  return isEmpty(node) || node[self] !== undefined;
}

function node(member: boolean, children: FieldSet): FieldSet | undefined {
  if (isEmpty(children)) return member ? {} : undefined;
  return member ? { [self]: {}, ...children } : children;
}

function combine(
  a: FieldSet | undefined,
  b: FieldSet | undefined,
  rule: (inA: boolean, inB: boolean) => boolean,
): FieldSet | undefined {
  const children: FieldSet = {};
  for (const key of new Set([...Object.keys(a ?? {}), ...Object.keys(b ?? {})])) {
    if (key === self) continue;
    const child = combine(a?.[key], b?.[key], rule);
    if (child !== undefined) children[key] = child;
  }
  return node(rule(a !== undefined && isMember(a), b !== undefined && isMember(b)), children);
}

/** The root is never a member itself. */
function combineRoots(a: FieldSet, b: FieldSet, rule: (inA: boolean, inB: boolean) => boolean): FieldSet {
  const result: FieldSet = {};
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const child = combine(a[key], b[key], rule);
    if (child !== undefined) result[key] = child;
  }
  return result;
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmpty(a)) return b;
  return isEmpty(b) ? a : combineRoots(a, b, (inA, inB) => inA || inB);
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return isEmpty(a) || isEmpty(b) ? {} : combineRoots(a, b, (inA, inB) => inA && inB);
}

export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return isEmpty(a) || isEmpty(b) ? a : combineRoots(a, b, (inA, inB) => inA && !inB);
}

export function sameSet(a: FieldSet, b: FieldSet): boolean {
  return sameJson(a, b);
}

/** Every member's path as conflict messages write it: `.data..dockerconfigjson`, `.spec.containers[name="a"].image`. */
export function memberPaths(set: FieldSet, prefix = ''): string[] {
  const paths: string[] = [];
  for (const key of Object.keys(set).sort()) {
    const child = set[key];
    if (key === self || child === undefined) continue;
    const path = prefix + pathElement(key);
    if (isMember(child)) paths.push(path);
    paths.push(...memberPaths(child, path));
  }
  return paths;
}

function pathElement(key: string): string {
  const rest = key.slice(2);
  if (key.startsWith('f:')) return `.${rest}`;
  if (key.startsWith('v:')) return `[=${rest}]`;
  const keys = Object.entries(JSON.parse(rest) as JsonObject); // this module wrote the key
  return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
}

/** The key under which an item of an associative list is known. */
export function itemKey(item: unknown, keys: readonly string[]): string {
  const source: JsonObject = isObject(item) ? item : {};
  const known: JsonObject = {};
  for (const key of [...keys].sort()) known[key] = source[key] ?? (key === 'protocol' ? 'TCP' : null);
  return `k:${JSON.stringify(known)}`;
}

/** The fields that an apply of this configuration claims: leaves, atomic wholes and list items. */
export function fieldsOf(object: JsonObject): FieldSet {
  return withoutUnowned(childFields(object, []));
}

function childFields(object: JsonObject, path: string[]): FieldSet {
  const set: FieldSet = {};
  for (const key in object) {
    const value = object[key];
    if (value === null || value === undefined) continue;
    path.push(key);
    set[`f:${key}`] = valueFields(value, path);
    path.pop();
  }
  return set;
}

function valueFields(value: unknown, path: string[]): FieldSet {
  if (typeof value !== 'object' || value === null) return {};
  const shape = shapeOf(path, value);
  if (shape === 'atomic') return {};
  if (!Array.isArray(value)) return childFields(value as JsonObject, path); // neither null nor a list
  const set: FieldSet = {};
  for (const item of value) {
    if (shape === 'set') set[`v:${JSON.stringify(item)}`] = {};
    else if (shape !== 'granular') set[itemKey(item, shape.keys)] = itemFields(item, path);
  }
  return set;
}

function itemFields(item: unknown, path: string[]): FieldSet {
  return isObject(item) ? { [self]: {}, ...childFields(item, path) } : {};
}

function withoutUnowned(set: FieldSet): FieldSet {
  const result: FieldSet = {};
  for (const key in set) {
    const child = set[key];
    if (child === undefined || unowned['']?.has(key.slice(2)) === true) continue;
    if (key !== 'f:metadata') result[key] = child;
    else {
      const kept = ownedMetadata(child);
      if (!isEmpty(kept)) result[key] = kept;
    }
  }
  return result;
}

function ownedMetadata(set: FieldSet): FieldSet {
  const result: FieldSet = {};
  for (const key in set) {
    const child = set[key];
    if (key !== self && child !== undefined && unowned['metadata']?.has(key.slice(2)) !== true) result[key] = child;
  }
  return result;
}

export interface Comparison {
  added: FieldSet;
  modified: FieldSet;
  removed: FieldSet;
}

type Change = 'added' | 'modified' | 'removed';

/** Which fields a write added, changed and took away, containers included where they came or went. */
export function compare(before: JsonObject, after: JsonObject): Comparison {
  const found: Record<Change, FieldSet> = { added: {}, modified: {}, removed: {} };
  compareMaps(before, after, [], [], found);
  return {
    added: withoutUnowned(found.added),
    modified: withoutUnowned(found.modified),
    removed: withoutUnowned(found.removed),
  };
}

function insert(set: FieldSet, keys: readonly string[]): void {
  let current = set;
  keys.forEach((key, index) => {
    const existing = current[key];
    const last = index === keys.length - 1;
    const next: FieldSet = existing ?? {};
    // A member that gains children has to say that it is still a member.
    if (existing !== undefined && isEmpty(existing) && !last) next[self] = {};
    if (last && existing !== undefined && !isEmpty(existing)) next[self] = {};
    current[key] = next;
    current = next;
  });
}

function compareMaps(
  before: JsonObject,
  after: JsonObject,
  path: string[],
  keys: string[],
  found: Record<Change, FieldSet>,
): void {
  for (const field of new Set([...Object.keys(before), ...Object.keys(after)])) {
    path.push(field);
    keys.push(`f:${field}`);
    compareValues(before[field] ?? undefined, after[field] ?? undefined, path, keys, found);
    keys.pop();
    path.pop();
  }
}

function compareValues(
  before: unknown,
  after: unknown,
  path: string[],
  keys: string[],
  found: Record<Change, FieldSet>,
): void {
  if (before === after) return;
  const change: Change = before === undefined ? 'added' : after === undefined ? 'removed' : 'modified';
  const shape = typeof (after ?? before) === 'object' ? shapeOf(path, after ?? before) : 'atomic';
  const empty = isEmptyContainer(before) && isEmptyContainer(after);
  if (empty && change === 'added' && isInlineStruct(path)) return;
  if (shape === 'atomic' || empty) {
    if (change !== 'modified' || !sameJson(before, after)) insert(found[change], keys);
    return;
  }
  // A struct that is part of its parent is there before anything is in it.
  if (change !== 'modified' && !(change === 'added' && isInlineStruct(path))) insert(found[change], keys);
  if (Array.isArray(before ?? after)) compareLists(before, after, shape, path, keys, found);
  else compareMaps(isObject(before) ? before : {}, isObject(after) ? after : {}, path, keys, found);
}

function isEmptyContainer(value: unknown): boolean {
  return value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}

function compareLists(
  before: unknown,
  after: unknown,
  shape: 'set' | 'granular' | { keys: readonly string[] },
  path: string[],
  keys: string[],
  found: Record<Change, FieldSet>,
): void {
  const nameOf = (item: unknown): string =>
    typeof shape === 'string' ? `v:${JSON.stringify(item)}` : itemKey(item, shape.keys);
  const left = new Map((Array.isArray(before) ? before : []).map((item: unknown) => [nameOf(item), item]));
  const right = new Map((Array.isArray(after) ? after : []).map((item: unknown) => [nameOf(item), item]));
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    const [was, is] = [left.get(key), right.get(key)];
    keys.push(key);
    if (was === undefined) insert(found.added, keys);
    else if (is === undefined) insert(found.removed, keys);
    if (typeof shape !== 'string') compareMaps(isObject(was) ? was : {}, isObject(is) ? is : {}, path, keys, found);
    keys.pop();
  }
}

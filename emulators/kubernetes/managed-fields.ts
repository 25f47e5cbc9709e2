import { compare, difference, fieldsOf, intersection, isEmpty, memberPaths, sameSet, union } from './field-sets.ts';
import type { Comparison } from './field-sets.ts';
import type { FieldSet, JsonObject, KubeObject, ManagedFieldsEntry } from './objects.ts';
import { StatusError } from './status.ts';
import type { Cause } from './status.ts';

/** Who writes, and how: what one entry of `managedFields` is known by. */
export interface Writer {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  subresource?: string;
}

function isBy(entry: ManagedFieldsEntry, writer: Writer): boolean {
  return (
    entry.manager === writer.manager &&
    entry.operation === writer.operation &&
    entry.apiVersion === writer.apiVersion &&
    entry.subresource === writer.subresource
  );
}

function newEntry(writer: Writer, time: string, fieldsV1: FieldSet): ManagedFieldsEntry {
  const { manager, operation, apiVersion, subresource } = writer;
  const entry: ManagedFieldsEntry = { manager, operation, apiVersion, time, fieldsType: 'FieldsV1', fieldsV1 };
  return subresource === undefined ? entry : { ...entry, subresource };
}

/** Applies come before updates, then older before newer, then by name. */
function sorted(entries: ManagedFieldsEntry[]): ManagedFieldsEntry[] {
  if (entries.length < 2) return entries;
  const key = (entry: ManagedFieldsEntry): string => `${entry.operation}\0${entry.time}\0${entry.manager}`;
  return entries.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** The entries after a POST, PUT or patch: what changed belongs to the writer alone, what went to nobody. */
export function afterUpdate(
  before: KubeObject | undefined,
  after: KubeObject,
  writer: Writer,
  time: string,
): ManagedFieldsEntry[] | undefined {
  const entries = before?.metadata.managedFields ?? [];
  // An object that nobody applied and that was made without any field is not tracked until somebody applies it.
  if (before !== undefined && entries.length === 0) return undefined;
  const changes = compare(before ?? {}, after);
  const mine = entries.find((entry) => isBy(entry, writer));
  const taken = union(changes.modified, changes.added);
  const owned = union(difference(mine?.fieldsV1 ?? {}, changes.removed), taken);
  const others = releaseFrom(entries, mine, union(taken, changes.removed));
  if (isEmpty(owned)) return others.length === 0 ? undefined : others;
  const kept = mine !== undefined && sameSet(mine.fieldsV1, owned) && isUnchanged(changes);
  return sorted([...others, newEntry(writer, kept ? mine.time : time, owned)]);
}

function isUnchanged(changes: Comparison): boolean {
  return isEmpty(changes.added) && isEmpty(changes.modified) && isEmpty(changes.removed);
}

/** The other managers' entries without these fields; entries that own nothing any more are gone. */
function releaseFrom(
  entries: ManagedFieldsEntry[],
  mine: ManagedFieldsEntry | undefined,
  fields: FieldSet,
): ManagedFieldsEntry[] {
  const kept: ManagedFieldsEntry[] = [];
  for (const entry of entries) {
    if (entry === mine) continue;
    const fieldsV1 = isEmpty(fields) ? entry.fieldsV1 : difference(entry.fieldsV1, fields);
    if (!isEmpty(fieldsV1)) kept.push(fieldsV1 === entry.fieldsV1 ? entry : { ...entry, fieldsV1 });
  }
  return kept;
}

/** What an apply claims, and what the managers before it own. */
export interface Claims {
  entries: ManagedFieldsEntry[];
  mine: ManagedFieldsEntry | undefined;
  claimed: FieldSet;
}

/** Reads the claims of an apply. An object that nobody applied before belongs to `before-first-apply`. */
export function claimsOf(live: KubeObject | undefined, config: JsonObject, writer: Writer, time: string): Claims {
  const known = live?.metadata.managedFields ?? [];
  const entries = known.length > 0 || live === undefined ? known : beforeFirstApply(live, time);
  return { entries, mine: entries.find((entry) => isBy(entry, writer)), claimed: fieldsOf(config) };
}

function beforeFirstApply(live: KubeObject, time: string): ManagedFieldsEntry[] {
  const fields = fieldsOf(live);
  const writer: Writer = { manager: 'before-first-apply', operation: 'Update', apiVersion: live.apiVersion };
  return isEmpty(fields) ? [] : [newEntry(writer, time, fields)];
}

/** The fields that the writer applied before, does not apply now, and that nobody else owns: they go. */
export function abandoned(claims: Claims): FieldSet {
  if (claims.mine === undefined) return {};
  let gone = difference(claims.mine.fieldsV1, claims.claimed);
  for (const entry of claims.entries) if (entry !== claims.mine) gone = difference(gone, entry.fieldsV1);
  return gone;
}

/**
 * The entries after an apply.
 *
 * @throws StatusError 409 naming every manager and field, where others own what would change and `force` is off
 */
export function afterApply(
  claims: Claims,
  before: KubeObject | undefined,
  after: KubeObject,
  writer: Writer,
  request: { force: boolean; time: string },
): ManagedFieldsEntry[] {
  const changes = compare(before ?? {}, after);
  const taken = union(changes.modified, changes.added);
  const others = claims.entries.filter((entry) => entry !== claims.mine);
  if (!request.force) refuseConflicts(others, taken);
  const kept = releaseFrom(others, undefined, union(taken, changes.removed));
  if (isEmpty(claims.claimed)) return kept;
  const same = claims.mine !== undefined && sameSet(claims.mine.fieldsV1, claims.claimed) && isUnchanged(changes);
  const mine = same && claims.mine !== undefined ? claims.mine : newEntry(writer, request.time, claims.claimed);
  return sorted([...kept, mine]);
}

interface OwnershipConflict {
  owner: string;
  path: string;
}

function refuseConflicts(others: ManagedFieldsEntry[], taken: FieldSet): void {
  const conflicts: OwnershipConflict[] = [];
  for (const entry of others) {
    const paths = memberPaths(intersection(entry.fieldsV1, taken));
    conflicts.push(...paths.map((path) => ({ owner: describeOwner(entry), path })));
  }
  if (conflicts.length === 0) return;
  const causes: Cause[] = conflicts.map(({ owner, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${owner}`,
    field: path,
  }));
  throw new StatusError(409, conflictMessage(conflicts), { reason: 'Conflict', details: { causes } });
}

function describeOwner(entry: ManagedFieldsEntry): string {
  const subresource = entry.subresource === undefined ? '' : ` with subresource "${entry.subresource}"`;
  const version = entry.operation === 'Update' ? ` using ${entry.apiVersion}` : '';
  return `${JSON.stringify(entry.manager)}${subresource}${version}`;
}

function conflictMessage(conflicts: OwnershipConflict[]): string {
  const [first] = conflicts;
  if (conflicts.length === 1 && first !== undefined) {
    return `Apply failed with 1 conflict: conflict with ${first.owner}: ${first.path}`;
  }
  const lines: string[] = [];
  for (const owner of [...new Set(conflicts.map((one) => one.owner))].sort()) {
    lines.push(`conflicts with ${owner}:`);
    lines.push(...conflicts.filter((one) => one.owner === owner).map((one) => `- ${one.path}`));
  }
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`;
}

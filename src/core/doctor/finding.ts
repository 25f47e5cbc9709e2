import { remedy, type Failure, type FailureCode } from '../failures/errors.ts';
import type { Warning, WarningCode } from '../failures/warnings.ts';
import { findingTable, type FindingReason, type Severity } from './finding-table.ts';

export type { FindingReason, Severity };

/** The groups of checks, in the order in which they are made and shown. */
export const checkGroups = {
  start: 'What keeps it from starting',
  configuration: 'Configuration',
  aws: 'AWS',
  registry: 'Registry',
  kubernetes: 'Kubernetes',
  namespaces: 'Namespaces',
  secrets: 'Pull secrets',
  pod: 'The pod',
  workload: 'What runs it',
} as const;

export type CheckGroup = keyof typeof checkGroups;

/** `group/check`. */
export type Check = Exclude<(typeof findingTable)[FindingReason]['check'], 'any'>;

/** What one look at one thing came to. Holds nothing secret. */
export type Finding = {
  check: Check;
  severity: Severity;
  /** Stable, for searching: a row of the finding table, or the code of a failure or warning. */
  reason: FindingReason | FailureCode | WarningCode;
  /** Where: a host, a namespace/name, a variable. */
  looked: string;
  found: string;
  /** The one command, rule or setting that mends it; empty where nothing is to be mended. */
  fix: string;
};

export type FindingFacts = {
  looked: string;
  found: string;
  /** Fills `{name}` in the table's remedy. */
  [placeholder: string]: string;
};

type OwnReason = Exclude<FindingReason, 'CouldNotLook'>;

/**
 * Builds a finding from its row in the table.
 * @throws when a placeholder of the remedy has no value: that is a bug of the caller.
 */
export function finding(reason: OwnReason, facts: FindingFacts): Finding {
  const { check, severity, fix } = findingTable[reason];
  return { check, severity, reason, looked: facts.looked, found: facts.found, fix: remedy(reason, fix, facts) };
}

/** Doctor could not look: that is no fault of what it wanted to look at. */
export function couldNotLook(check: Check, looked: string, why: string, hint: string): Finding {
  return { check, severity: 'note', reason: 'CouldNotLook', looked, found: `could not look: ${why}`, fix: hint };
}

/** A failure that a run would end with, or count a namespace as failed by. */
export function failed(check: Check, failure: Failure, looked = failure.where): Finding {
  const { code, what, why, fix, requestId } = failure;
  const id = requestId === undefined ? '' : ` [request ${requestId}]`;
  return { check, severity: 'problem', reason: code, looked, found: `${what}: ${why}${id}`, fix };
}

/** Something that a run would warn of. */
export function warned(check: Check, severity: 'note' | 'problem', { code, where, what, why, fix }: Warning): Finding {
  return { check, severity, reason: code, looked: where, found: `${what}: ${why}`, fix };
}

/** Each finding once: two ways to run the program may rest on the same. */
export function distinct(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()];
}

/** The findings in the order of the table's checks; within a check as they came. */
export function inTableOrder(findings: readonly Finding[]): Finding[] {
  return findings.toSorted((a, b) => checks.indexOf(a.check) - checks.indexOf(b.check));
}

const checks: readonly string[] = [...new Set(Object.values(findingTable).map(({ check }) => check))];

/** The group of a check. */
export function groupOf(check: Check): CheckGroup {
  // Every check is named `group/check` after one of the groups; the table's test holds that.
  return check.slice(0, check.indexOf('/')) as CheckGroup;
}

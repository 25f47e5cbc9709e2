import { shortened } from '../text/shortened.ts';
import { failureTable, type ExitCode, type FailureCode } from './failure-table.ts';

export type { ExitCode, FailureCode };

/** A failure that an operator reads: what failed, where, why, and the one thing to do about it. */
export type Failure = {
  code: FailureCode;
  what: string;
  /** `namespace/name`, a region, a host, a flag. */
  where: string;
  why: string;
  fix: string;
  /** AWS's or the API server's id of the request, for their logs. */
  requestId?: string;
};

export type Result<T> = { ok: true; value: T } | { ok: false; failure: Failure };

export type FailureFacts = {
  where: string;
  why: string;
  requestId?: string | undefined;
  /** Fills `{name}` in the table's remedy. */
  [placeholder: string]: string | undefined;
};

/**
 * Builds a failure from its row in the table.
 * @throws when a placeholder of the remedy has no value: that is a bug of the caller.
 */
export function failure(code: FailureCode, facts: FailureFacts): Failure {
  const row = failureTable[code];
  const { where, why, requestId } = facts;
  return {
    code,
    what: row.what,
    where,
    why,
    fix: remedy(code, row.fix, facts),
    ...(requestId === undefined ? {} : { requestId }),
  };
}

/**
 * A remedy of a table, its `{name}`s filled in.
 * @throws when a placeholder has no value: that is a bug of the caller.
 */
export function remedy(code: string, template: string, facts: Readonly<Record<string, string | undefined>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = facts[name];
    if (value === undefined) throw new Error(`${code} needs a value for {${name}}`);
    return value;
  });
}

/** Characters of a reason that are kept for each of ten thousand namespaces. */
const mostRemembered = 256;

/** The same failure with the beginning of its reason, for what is said of it later: there may be one for each namespace. */
export function remembered(failure: Failure): Failure {
  if (failure.why.length <= mostRemembered) return failure;
  // A copy: what is cut off would live on behind a part of it.
  return { ...failure, why: Buffer.from(shortened(failure.why, mostRemembered)).toString() };
}

/** The exit code that a failure of this kind ends a pass with. */
export function exitCodeOf(code: FailureCode): ExitCode {
  return failureTable[code].exit;
}

/** One line for people: `what (where): why. To fix it: …` */
export function failureLine(failure: Failure): string {
  const id = failure.requestId === undefined ? '' : ` [request ${failure.requestId}]`;
  return `${failure.what} (${failure.where}): ${failure.why}${id}. ${failure.fix}`;
}

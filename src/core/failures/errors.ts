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

/** The exit code that a failure of this kind ends a pass with. */
export function exitCodeOf(code: FailureCode): ExitCode {
  return failureTable[code].exit;
}

/** One line for people: `what (where): why. To fix it: …` */
export function failureLine(failure: Failure): string {
  const id = failure.requestId === undefined ? '' : ` [request ${failure.requestId}]`;
  return `${failure.what} (${failure.where}): ${failure.why}${id}. ${failure.fix}`;
}

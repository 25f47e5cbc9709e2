import { outcomeKinds } from '../src/core/summary.ts';
import { keepReasons } from '../src/core/inventory/prune.ts';
import { statusCodes } from '../src/core/inventory/status.ts';
import { checkGroups } from '../src/core/doctor/finding.ts';
import { findingTable } from '../src/core/doctor/finding-table.ts';
import { failureTable } from '../src/core/failures/failure-table.ts';
import { warningTable } from '../src/core/failures/warnings.ts';

type Schema = Readonly<Record<string, unknown>>;

const text = { type: 'string' };
const count = { type: 'integer', minimum: 0 };
const flag = { type: 'boolean' };
const instant = { type: 'string', pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$` };
const exitCode = { type: 'integer', minimum: 0, maximum: 5 };
const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });
const list = (items: Schema): Schema => ({ type: 'array', items });
const oneOf = (values: readonly string[]): Schema => ({ enum: values });

/** An object that has each of these, those whose names end in `?` perhaps, and nothing else. */
function record(fields: Readonly<Record<string, Schema>>): Schema {
  const names = Object.keys(fields);
  return {
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name.replace('?', ''), fields[name]])),
    required: names.filter((name) => !name.endsWith('?')),
    additionalProperties: false,
  };
}

const counts = (kinds: readonly string[]) => record(Object.fromEntries(kinds.map((kind) => [kind, count])));

const failureFields = {
  code: oneOf(Object.keys(failureTable)),
  what: text,
  where: text,
  why: text,
  fix: text,
  'requestId?': text,
};
const failure = record(failureFields);

const pass = record({
  exitCode,
  namespaces: count,
  durationMs: count,
  dryRun: flag,
  counts: counts(outcomeKinds),
  created: count,
  complete: flag,
  tokens: list(record({ registries: list(text), expiresAt: instant })),
  problems: list(record({ namespace: text, ...failureFields })),
  problemsOmitted: count,
  failures: list(failure),
});

const reasons = [...Object.keys(findingTable), ...Object.keys(failureTable), ...Object.keys(warningTable)];
const findings = record({
  exitCode: { enum: [0, 5] },
  counts: counts(['ok', 'note', 'problem']),
  findings: list(
    record({
      check: { type: 'string', pattern: `^(?:${Object.keys(checkGroups).join('|')})/[a-z-]+$` },
      severity: oneOf(['ok', 'note', 'problem']),
      reason: oneOf(reasons),
      looked: text,
      found: text,
      fix: text,
      'command?': text,
    }),
  ),
});

const status = record({
  secretName: text,
  label: text,
  observedAt: instant,
  namespaces: list(
    record({
      namespace: text,
      labelled: flag,
      secret: orNull(text),
      registries: list(text),
      refreshedAt: orNull(instant),
      expiresAt: orNull(instant),
      expiresInSeconds: orNull({ type: 'integer' }),
      managers: list(text),
      state: oneOf(statusCodes),
      problem: flag,
      fix: orNull(text),
    }),
  ),
  counts: counts(statusCodes),
  complete: flag,
  exitCode,
  'failure?': failure,
});

const pruned = ['SecretPruned', 'SecretGone', ...Object.keys(keepReasons), ...Object.keys(failureTable)];
const prune = record({
  secretName: text,
  label: text,
  all: flag,
  dryRun: flag,
  namespaces: list(
    record({
      namespace: text,
      secret: text,
      outcome: oneOf(['removed', 'kept', 'gone', 'failed']),
      reason: oneOf(pruned),
      serviceAccounts: list(text),
      failure: orNull(failure),
    }),
  ),
  counts: counts(['removed', 'kept', 'gone', 'failed']),
  complete: flag,
  exitCode,
  'failure?': failure,
});

/** The JSON Schema (2020-12) of what `-o json` prints, by the file in `docs/schemas`. */
export const schemas: Readonly<Record<string, Schema>> = {
  'refresh.json': titled('ecr-cred-helper refresh -o json', pass),
  'doctor.json': titled('ecr-cred-helper doctor -o json, and explain -o json', findings),
  'status.json': titled('ecr-cred-helper status -o json', status),
  'prune.json': titled('ecr-cred-helper prune -o json', prune),
};

function titled(title: string, schema: Schema): Schema {
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', title, ...schema };
}

/** The text of the file. */
export function schemaText(name: string): string {
  return `${JSON.stringify(schemas[name], undefined, 2)}\n`;
}

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';

const folder = join(import.meta.dirname, '../../docs/schemas');
const ajv = new Ajv2020({ allErrors: true });

/** What of a document is not as `docs/schemas` says it is. */
export function flawsIn(name: 'refresh' | 'doctor' | 'status' | 'prune', document: unknown): string[] {
  const path = join(folder, `${name}.json`);
  const validate = ajv.getSchema(path) ?? ajv.addSchema(JSON.parse(readFileSync(path, 'utf8')), path).getSchema(path);
  assert.ok(validate !== undefined, path);
  if (validate(document)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

/** Holds what a command printed with `-o json` to its schema. */
export function isAsDocumented(name: Parameters<typeof flawsIn>[0], printed: string): void {
  assert.deepEqual(flawsIn(name, JSON.parse(printed)), []);
}

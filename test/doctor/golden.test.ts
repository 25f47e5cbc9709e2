/** What doctor may say has all been seen as people and machines see it. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { findingTable } from '../../src/core/doctor/finding-table.ts';

const directory = join(import.meta.dirname, '../golden/doctor');

it('every finding of the table is in a recorded output', async () => {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.json.txt'));
  const recorded = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')));
  const reasons = new Set(recorded.join('\n').match(/(?<="reason":")\w+/g));
  assert.deepEqual(
    Object.keys(findingTable).filter((reason) => !reasons.has(reason)),
    [],
  );
});

/** What doctor may say has all been seen as people and machines see it. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { run } from '../emulators/tools.ts';
import { findingTable } from '../../src/core/doctor/finding-table.ts';

const directory = join(import.meta.dirname, '../golden/doctor');

const names = (await readdir(directory)).filter((name) => name.endsWith('.json.txt'));
const recorded = (await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')))).join('\n');

it('every finding of the table is in a recorded output', () => {
  const reasons = new Set(recorded.match(/(?<="reason":")\w+/g));
  assert.deepEqual(
    Object.keys(findingTable).filter((reason) => !reasons.has(reason)),
    [],
  );
});

it('every command in it is one to a shell, in one line', async () => {
  const commands = new Set(
    recorded.match(/(?<="command":)"(?:[^"\\]|\\.)*"/g)?.map((text) => String(JSON.parse(text))),
  );
  assert.ok(commands.size > 50, `${commands.size} commands`);
  for (const command of commands) {
    assert.doesNotMatch(command, /<[a-z]/, 'nothing is left to be filled in');
    assert.match(command, /^(?:kubectl|aws|ecr-cred-helper|echo) [^\n]+$/);
    const { code, stderr } = await run('bash', ['-n', '-c', command]);
    assert.equal(code, 0, `${command}: ${stderr}`);
  }
});

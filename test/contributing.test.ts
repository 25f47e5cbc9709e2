/** What CONTRIBUTING.md has somebody type, in a copy of the project: all of it works, and leaves a project without a change as it is. */
import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { tmpdir } from 'node:os';
import { root } from './deploy/manifests.ts';
import { run } from './emulators/tools.ts';

const page = await readFile(join(root, 'CONTRIBUTING.md'), 'utf8');
const commands = [...page.matchAll(/^( *)```sh\n([^]*?)^ *```$/gm)].flatMap(([, indent = '', text = '']) =>
  text
    .split('\n')
    .map((line) => line.slice(indent.length))
    .filter(Boolean),
);

/** The download, and what `.ci/run` does anyway. */
const elsewhere = [/^git clone /, /^npm ci$/, /^npm run demo -- --once$/, /^npm run simulate -- --seeds /];

describe('what CONTRIBUTING.md has somebody type', () => {
  let copy: string;
  let files: string[];
  before(async () => {
    copy = await mkdtemp(join(tmpdir(), 'ecr-cred-helper-contributing-'));
    const { stdout } = await run('git', ['-C', root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard']);
    files = stdout.split('\0').filter(Boolean);
    for (const file of files) {
      await mkdir(dirname(join(copy, file)), { recursive: true });
      await cp(join(root, file), join(copy, file));
    }
    await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  });
  after(() => rm(copy, { recursive: true, force: true }));

  it('is a handful of commands, of which the first are run by .ci/run', async () => {
    assert.ok(commands.length >= 8, commands.join('\n'));
    const check = await readFile(join(root, '.ci/run'), 'utf8');
    for (const command of ['npm ci\n', 'npm run demo -- --once\n', 'npm run simulate -- --seeds ']) {
      assert.ok(check.includes(`' ${command}`), command);
    }
  });

  for (const command of commands.filter((line) => !elsewhere.some((pattern) => pattern.test(line)))) {
    it(command, async () => {
      const env = { HOME: copy, PATH: process.env['PATH'] ?? '' };
      const { code, stdout, stderr } = await run('bash', ['-c', `cd ${copy} && ${command}`], env);
      assert.equal(code, 0, stdout + stderr);
      assert.doesNotMatch(stdout, /^No |SURVIVED| 0 (?:passed|caught)/m);
    });
  }

  it('leaves a project without a change as it is', async () => {
    const changed: string[] = [];
    for (const file of files) {
      const [here, there] = await Promise.all([readFile(join(root, file)), readFile(join(copy, file))]);
      if (!here.equals(there)) changed.push(file);
    }
    assert.deepEqual(changed, []);
  });
});

/** The demo, as somebody treats it who only tries it. What it tells is run whole by .ci/run. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { missing, run, withDirectory } from '../emulators/tools.ts';
import { openTerminal } from '../support/terminal.ts';

const main = join(import.meta.dirname, '../../demo/main.ts');
const demo = `${process.execPath} ${main}`;

test('an option that is mistyped is named, with those that there are', async () => {
  const { code, stdout, stderr } = await run('sh', ['-c', `${demo} --onec`]);
  assert.equal(code, 2);
  assert.equal(stdout, '');
  assert.match(stderr, /^The demo has no --onec\.\n/);
  assert.match(stderr, /^ {2}--once /m);
});

test('whoever reads only its first lines is not told of an error, and nothing stays behind', () =>
  withDirectory(async (directory) => {
    const { stdout, stderr } = await run('sh', ['-c', `${demo} --once | head -2`], { TMPDIR: directory });
    assert.equal(stdout, '\n1. A pull that fails\n');
    assert.equal(stderr, '');
    assert.deepEqual(await readdir(directory), []);
  }));

test(
  'on a terminal of 80 columns no line of it is broken by the screen',
  { skip: missing('tmux', 'tmux') },
  async () => {
    const env = { PATH: process.env['PATH'] ?? '', HOME: tmpdir(), TERM: 'xterm-256color', LANG: 'C.UTF-8' };
    const terminal = await openTerminal(80, `${demo} --once; echo "ended with $?"`, env);
    try {
      const lines = (await terminal.shows(/^ended with \d/m, 50_000)).split('\n');
      assert.equal(
        lines.findLast((line) => line !== ''),
        'ended with 0',
      );
      // What is typed, and what kubectl itself says.
      const isOurs = (line: string) => !/^(?:\$| +(?:→ )?kubectl) |^Waiting for deployment /.test(line);
      assert.deepEqual(
        lines.filter((line) => line.length > 80 && isOurs(line)),
        [],
      );
    } finally {
      await terminal.close();
    }
  },
);

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGHUP', 129],
] as const) {
  test(`${signal} ends the cluster that it keeps up, and nothing stays behind`, () =>
    withDirectory(async (directory) => {
      const child = spawn(process.execPath, [main, '--only-cluster'], {
        env: { ...process.env, TMPDIR: directory },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let printed = '';
      for await (const text of child.stdout.setEncoding('utf8')) {
        printed += text;
        if (printed.includes('*.log')) child.kill(signal);
      }
      if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
      assert.equal(child.exitCode, code);
      assert.match(printed, /^ {2}export KUBECONFIG=\S+$/m);
      assert.match(printed, /^ {2}export AWS_ENDPOINT_URL=http:\/\/127/m);
      assert.deepEqual(await readdir(directory), []);
    }));
}

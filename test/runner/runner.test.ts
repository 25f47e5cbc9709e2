import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runFiles, type RunOutcome } from './run-files.ts';

const limits = { testMs: 700, fileMs: 20_000, wholeMs: 30_000 };

describe('the runner of the tests', () => {
  let outputs: string;
  before(async () => {
    outputs = await mkdtemp(join(tmpdir(), 'ecr-cred-helper-runner-'));
  });
  after(() => rm(outputs, { recursive: true, force: true }));

  const runs = async (
    names: readonly string[],
    changes: Partial<typeof limits> = {},
  ): Promise<RunOutcome & { text: string }> => {
    let text = '';
    const outcome = await runFiles({
      files: names.map((name) => `${name}.test.ts`),
      root: join(import.meta.dirname, 'fixtures'),
      outputs,
      atOnce: 2,
      limits: { ...limits, ...changes },
      print: (line) => (text += line),
    });
    return { ...outcome, text };
  };

  it('names a test that never ends, and ends it', async () => {
    const { passed, failed, text } = await runs(['never-ends']);
    assert.deepEqual({ passed, failed }, { passed: 1, failed: 1 });
    assert.match(text, /^✖ never-ends\.test\.ts {2}1 failed, 1 passed/);
    assert.match(text, /✖ never ends\n +test timed out after 700ms/);
  });

  it('names a test that blocks the event loop, and ends its process', async () => {
    const { failed, text } = await runs(['blocks']);
    assert.equal(failed, 1);
    assert.match(
      text,
      /✖ blocks the event loop\n +it took more than 0\.7 s and could not be ended but with its process/,
    );
  });

  it('names a test that leaves a process behind, and ends that with what it started', async () => {
    const { failed, text } = await runs(['leaves-a-child']);
    assert.equal(failed, 2);
    assert.match(text, /✖ leaves a grandchild\n.*left behind a process, ended now: sh -c sleep 611 & wait/);
    assert.match(text, /ended now: sleep 611/);
    assert.doesNotMatch((await runs(['leaves-a-child'])).text, /sleep 611.*sleep 611.*sleep 611/s, 'one from before');
  });

  it('names a hook that never ends', async () => {
    const { passed, failed, text } = await runs(['hook-hangs']);
    assert.equal(passed, 0);
    assert.ok(failed > 0);
    assert.match(text, /✖ .*\n +test timed out after 700ms/);
  });

  it('ends all at the limit of a run, and names what ran and what never did', async () => {
    const { failed, text } = await runs(['blocks', 'never-ends', 'fails'], { testMs: 60_000, wholeMs: 1000 });
    assert.equal(failed, 3);
    assert.match(text, /✖ blocks the event loop\n +the run took more than 1 s/);
    assert.match(text, /✖ never ends\n +the run took more than 1 s/);
    assert.match(text, /✖ fails\.test\.ts: not run: the run took more than 1 s/);
  });

  it('ends a file at its limit', async () => {
    const { failed, text } = await runs(['never-ends'], { testMs: 60_000, fileMs: 1000 });
    assert.equal(failed, 1);
    assert.match(text, /✖ never ends\n +the file took more than 1 s/);
  });

  it('fails a file that breaks before its tests, with what it printed', async () => {
    const { failed, text } = await runs(['breaks']);
    assert.equal(failed, 1);
    assert.match(text, /✖ the file as a whole\n +ended with \d+:[^]*Error: at load/);
  });

  it('fails a file without a test', async () => {
    assert.match((await runs(['nothing'])).text, /no test of it ran/);
  });

  it('shows a failure whole, counts what was skipped, and keeps what was printed to itself', async () => {
    const { passed, failed, skipped, text } = await runs(['fails']);
    assert.deepEqual(
      { passed, failed, skipped },
      {
        passed: 1,
        failed: 1,
        skipped: ['fails.test.ts: of all > one is skipped: no such tool'],
      },
    );
    assert.match(text, /✖ of all > one fails\n[^]*1 !== 2[^]*fails\.test\.ts:6/);
    assert.doesNotMatch(text, /a line of the log/);
    assert.match(await readFile(join(outputs, 'fails.test.ts.txt'), 'utf8'), /a line of the log/);
  });
});

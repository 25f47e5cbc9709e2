import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { flawOf, type Mutant } from './mutant.ts';
import { mutants } from './table.ts';
import { tryOut, type Verdict } from './try-out.ts';

const root = join(import.meta.dirname, '../..');

describe('the table of mutants', () => {
  it('turns round what stands in the program, each text once', () => {
    const flaws = mutants.flatMap((mutant) => {
      const flaw = flawOf(mutant, readFileSync(join(root, 'src', mutant.file), 'utf8'));
      return flaw === undefined ? [] : [`${mutant.file}: ${mutant.breaks}: ${flaw}`];
    });
    assert.deepEqual(flaws, []);
  });
  it('names tests that are there', () => {
    const files = mutants.flatMap(({ seenBy }) => seenBy.map((tests) => `test/${tests.split(': ')[0]}.test.ts`));
    assert.deepEqual(
      files.filter((file) => !existsSync(join(root, file))),
      [],
    );
  });
  it('has decisions of every room, and at least a hundred in all', () => {
    const rooms = ['core', 'serving', 'pass', 'controller', 'inventory', 'doctor', 'commands', 'config', 'adapters'];
    const without = rooms.filter((room) => !mutants.some(({ file }) => file.startsWith(`${room}/`)));
    assert.deepEqual([without, mutants.length >= 100], [[], true]);
  });
  it('has no sentence twice', () => {
    const sentences = mutants.map(({ file, breaks }) => `${file}: ${breaks}`);
    assert.deepEqual(
      sentences.filter((sentence, at) => sentences.indexOf(sentence) !== at),
      [],
    );
  });
});

describe('a mutant', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ecr-cred-helper-mutants-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const revision: Mutant = {
    file: 'core/api/revision.ts',
    breaks: 'Revisions compare as numbers',
    stands: 'one < other',
    becomes: 'one > other',
    seenBy: ['core/controller/horizon'],
  };
  const verdictOn = (changes: Partial<Mutant>): Promise<Verdict> =>
    tryOut({ ...revision, ...changes }, { root, output: join(folder, 'output') }, new AbortController().signal);
  const why = async (changes: Partial<Mutant>) => {
    const verdict = await verdictOn(changes);
    return verdict.kind === 'flawed' ? verdict.why : verdict.kind;
  };

  it('is caught by the first test that fails because of it', async () => {
    const verdict = await verdictOn({ seenBy: ['core/text/in-clear', 'core/controller/horizon'] });
    assert.equal(verdict.kind, 'caught');
    assert.match(verdict.kind === 'caught' ? verdict.by : '', /^how far the data of the server have come > /);
  });
  it('survives where no test that is asked fails', async () => {
    assert.equal(await why({ seenBy: ['core/text/in-clear'] }), 'survived');
  });
  it('survives where it changes what no test looks at', async () => {
    assert.equal(
      await why({ stands: 'one.length === other.length ?', becomes: 'other.length === one.length ?' }),
      'survived',
    );
  });
  it('is flawed where its text is not found any more, or not once, or stays as it is', async () => {
    assert.match(await why({ stands: 'no such text' }), /not found any more/);
    assert.match(await why({ stands: 'other' }), /stands there \d+ times/);
    assert.equal(await why({ becomes: 'one < other' }), 'it changes nothing');
  });
  it('is flawed where it does not load, which is no test that fails', async () => {
    assert.match(await why({ becomes: 'one <' }), /^ended with \d+:[^]*SyntaxError/);
  });
  it('is flawed where it names tests that are none', async () => {
    assert.match(await why({ seenBy: ['core/controller/horizon: no such test'] }), /no test of it ran/);
    assert.match(await why({ seenBy: ['core/no-such-file'] }), /ERR_MODULE_NOT_FOUND/);
  });
  it('is loaded by the processes that its tests start, too', async () => {
    const exit: Partial<Mutant> = {
      file: 'main.ts',
      stands: '  process.exit(exitCode);',
      becomes: '  process.exit(0);',
      seenBy: ['commands/status: exits with 4'],
    };
    assert.equal(await why(exit), 'caught');
  });
});

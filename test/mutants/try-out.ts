import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runFile, wholeFile, type FileOutcome } from '../runner/run-file.ts';
import { variable, type Lent } from './lent.ts';
import { flawOf, type Mutant } from './mutant.ts';

export type Verdict =
  /** By the first test that failed. */
  | { kind: 'caught'; by: string }
  | { kind: 'survived' }
  /** It proves nothing: it is out of date, does not load, or names no test. */
  | { kind: 'flawed'; why: string };

export type Places = {
  /** With the folders `src` and `test`. */
  root: string;
  /** Gets what the tests print. */
  output: string;
};

/** Whoever waits for longer has seen that something is wrong. */
const limits = { testMs: 8000, fileMs: 30_000 };

/** Runs the tests that could see a mutant until one of them does. */
export async function tryOut(mutant: Mutant, { root, output }: Places, stop: AbortSignal): Promise<Verdict> {
  const path = join(root, 'src', mutant.file);
  const flaw = flawOf(mutant, await readFile(path, 'utf8'));
  if (flaw !== undefined) return { kind: 'flawed', why: flaw };
  const lent: Lent = { url: pathToFileURL(path).href, stands: mutant.stands, becomes: mutant.becomes };
  const hook = pathToFileURL(join(import.meta.dirname, 'hook.ts')).href;
  const NODE_OPTIONS = [process.env['NODE_OPTIONS'], `--import=${hook}`].filter(Boolean).join(' ');
  const env = { NODE_OPTIONS, [variable]: JSON.stringify(lent) };
  for (const tests of mutant.seenBy) {
    const [name = '', only] = tests.split(/: (.*)/);
    const outcome = await runFile(
      join(root, 'test', `${name}.test.ts`),
      { output, limits, only, env, untilFailure: true },
      stop,
    );
    const verdict = judge(outcome);
    if (verdict.kind !== 'survived') return verdict;
  }
  return { kind: 'survived' };
}

function judge({ failures }: FileOutcome): Verdict {
  const seen = failures.find(({ test }) => test !== wholeFile);
  if (seen !== undefined) return { kind: 'caught', by: seen.test };
  const [broken] = failures;
  return broken === undefined ? { kind: 'survived' } : { kind: 'flawed', why: broken.error };
}

import { globSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { runFiles, type RunOutcome } from './runner/run-files.ts';
import { leaksIn } from './support/leaks.ts';
import { SHARED_PROGRAM } from './support/shipped-program.ts';

const HELP = `Runs the tests.

  npm test [-- path...]

  path     only test files whose path contains one of these: npm test -- core adapters/kubernetes
  --help   this text

A line for each file; of those that fail, all. A test that takes more than 60 s, a file more than 5 min and a run more than
16 min is ended with whatever it started, and named.

Tests that need a Debian package say which when it is missing, and are skipped; with CI or REQUIRE_ALL_TOOLS set, a
skipped test fails the run. What the tests print is kept in .tmp/test-output and searched for secrets.
`;

const root = join(import.meta.dirname, '..');
/** The first have a command of their own; the others fail on purpose, for the test of the runner. */
const elsewhere = /^test\/(?:e2e|runner\/fixtures)\//;
const limits = { testMs: 60_000, fileMs: 300_000, wholeMs: 960_000 };

const { values, positionals } = parseArgs({ allowPositionals: true, options: { help: { type: 'boolean' } } });
if (values.help === true) process.stdout.write(HELP);
else process.exitCode = await main(positionals);

async function main(paths: readonly string[]): Promise<number> {
  const files = globSync('test/**/*.test.ts', { cwd: root })
    .filter((file) => !elsewhere.test(file))
    .filter((file) => paths.length === 0 || paths.some((path) => file.includes(path)))
    .sort();
  if (files.length === 0) {
    process.stderr.write(`No test file matches ${paths.join(', ')}.\n`);
    return 2;
  }
  const outputs = join(root, '.tmp/test-output');
  const print = (text: string) => void process.stdout.write(text);
  const program = join(root, '.tmp/test-program');
  await rm(program, { recursive: true, force: true });
  process.env[SHARED_PROGRAM] = program;
  // What one file has compiled, the next need not; V8 is asked by the content, so that nothing stale is run.
  process.env['NODE_COMPILE_CACHE'] ??= join(root, '.tmp/compile-cache');
  const outcome = await runFiles({ files, root, outputs, atOnce: 2, limits, print });
  return report(outcome, await leaks(outcome.outputs));
}

async function leaks(outputs: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const output of outputs) {
    const printed = await readFile(output, 'utf8');
    found.push(...leaksIn(printed).map((leak) => `${relative(root, output)} ${leak}`));
  }
  return found;
}

function report({ passed, failed, skipped }: RunOutcome, leaks: readonly string[]): number {
  const allNeeded = (process.env['CI'] ?? '') !== '' || (process.env['REQUIRE_ALL_TOOLS'] ?? '') !== '';
  const lines = [
    ...skipped.map((what) => `skipped  ${what}`),
    ...leaks.map((leak) => `leaked   ${leak}`),
    `leaks: ${leaks.length === 0 ? 'nothing that the tests printed holds a secret' : leaks.length}`,
    `tests: ${passed} passed, ${failed} failed, ${skipped.length} skipped`,
  ];
  process.stdout.write(`\n${lines.join('\n')}\n`);
  return failed > 0 || leaks.length > 0 || (allNeeded && skipped.length > 0) ? 1 : 0;
}

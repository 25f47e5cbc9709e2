import { createWriteStream, globSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { spec } from 'node:test/reporters';
import { run } from 'node:test';
import { parseArgs } from 'node:util';
import { leaksIn } from './support/leaks.ts';

const HELP = `Runs the tests.

  npm test [-- path...]

  path     only test files whose path contains one of these: npm test -- core adapters/kubernetes
  --help   this text

Tests that need a Debian package say which when it is missing, and are skipped; with CI or REQUIRE_ALL_TOOLS set, a
skipped test fails the run. What the tests print is also kept in .tmp/test-output and searched for secrets.
`;

const root = join(import.meta.dirname, '..');
const transcript = join(root, '.tmp/test-output/tests.txt');
/** These have commands of their own, which need more than npm. */
const elsewhere = /^test\/e2e\//;
const TEST_LIMIT_MS = 180_000;
const AT_ONCE = 2;

type Outcome = { passed: number; failed: number; skipped: string[] };

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
  const outcome = await runFiles(files);
  const leaks = leaksIn(await readFile(transcript, 'utf8'));
  return report(outcome, leaks);
}

async function runFiles(files: readonly string[]): Promise<Outcome> {
  await rm(dirname(transcript), { recursive: true, force: true });
  await mkdir(dirname(transcript), { recursive: true });
  const outcome: Outcome = { passed: 0, failed: 0, skipped: [] };
  const events = run({ files: files.map((file) => join(root, file)), concurrency: AT_ONCE, timeout: TEST_LIMIT_MS });
  events.on('test:pass', ({ name, skip, todo, details }) => {
    if (details.type === 'suite') return;
    if (skip !== undefined || todo !== undefined) outcome.skipped.push(`${name}: ${String(skip ?? todo)}`);
    else outcome.passed += 1;
  });
  events.on('test:fail', ({ details }) => {
    if (details.type !== 'suite' || !isOfParts(details.error)) outcome.failed += 1;
  });
  const kept = createWriteStream(transcript);
  const lines = events.compose(spec);
  lines.on('data', (text: Buffer | string) => {
    process.stdout.write(text);
    kept.write(text);
  });
  await finished(lines);
  kept.end();
  await finished(kept);
  return outcome;
}

/** A suite fails with its tests, which are counted themselves. */
function isOfParts(error: Error): boolean {
  return 'failureType' in error && error.failureType === 'subtestsFailed';
}

function report({ passed, failed, skipped }: Outcome, leaks: readonly string[]): number {
  const allNeeded = (process.env['CI'] ?? '') !== '' || (process.env['REQUIRE_ALL_TOOLS'] ?? '') !== '';
  const lines = [
    ...skipped.map((what) => `skipped  ${what}`),
    ...leaks.map((leak) => `leaked   .tmp/test-output/tests.txt ${leak}`),
    `leaks: ${leaks.length === 0 ? 'nothing that the tests printed holds a secret' : leaks.length}`,
    `tests: ${passed} passed, ${failed} failed, ${skipped.length} skipped`,
  ];
  process.stdout.write(`\n${lines.join('\n')}\n`);
  return failed > 0 || leaks.length > 0 || (allNeeded && skipped.length > 0) ? 1 : 0;
}

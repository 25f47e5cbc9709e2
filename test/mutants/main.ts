import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mutants } from './table.ts';
import type { Mutant } from './mutant.ts';
import { tryOut, type Verdict } from './try-out.ts';

const HELP = `Turns decisions of the program round, one at a time, and looks whether a test sees it.

  npm run mutants [-- [--seconds N] text...]

  --seconds N   begin no other after so long. The first one differs from day to day; how many were left out is said.
  text          only mutants whose file and sentence contain all of these: npm run mutants -- core/secret revision
  --help        this text

Each is loaded instead of what stands in the file; nothing is changed on the disk. A mutant that no test sees, or whose
text is not found any more, fails the run. The table is in test/mutants/tables.
`;

const root = join(import.meta.dirname, '../..');
const outputs = join(root, '.tmp/mutants');
/** Longer than all of them take on a slow day: what is not done by then hangs. */
const wholeMs = 900_000;
const atOnce = 2;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { help: { type: 'boolean' }, seconds: { type: 'string', default: 'Infinity' } },
});
if (values.help === true) process.stdout.write(HELP);
else process.exitCode = await main(positionals, Number(values.seconds));

async function main(texts: readonly string[], seconds: number): Promise<number> {
  if (!(seconds > 0)) {
    process.stderr.write('--seconds takes a number above 0.\n');
    return 2;
  }
  const chosen = mutants.filter(({ file, breaks }) => texts.every((text) => `${file} ${breaks}`.includes(text)));
  if (chosen.length === 0) {
    process.stderr.write(`No mutant has ${texts.join(', ')} in its file or sentence.\n`);
    return 2;
  }
  await mkdir(outputs, { recursive: true });
  const stop = stopAfter(wholeMs);
  const counts = { caught: 0, survived: 0, flawed: 0 };
  const waiting = turned(chosen);
  const isTime = () => performance.now() < 1000 * seconds;
  const worker = async (number: number) => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = isTime() ? waiting.shift() : undefined) {
      const began = performance.now();
      const verdict = await verdictOn(mutant, join(outputs, `${number}.txt`), stop);
      counts[verdict.kind] += 1;
      process.stdout.write(lineOf(mutant, verdict, performance.now() - began));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, (_, number) => worker(number)));
  const { caught, survived, flawed } = counts;
  const left = waiting.length === 0 ? '' : `, ${waiting.length} left out for lack of time`;
  process.stdout.write(`mutants: ${caught} caught, ${survived} survived, ${flawed} flawed${left}\n`);
  return survived + flawed === 0 ? 0 : 1;
}

/** From another one on each day, so that those at the end have their turn where there is not the time for all. */
function turned(all: readonly Mutant[]): Mutant[] {
  const first = (97 * Math.floor(Date.now() / 86_400_000)) % all.length;
  return [...all.slice(first), ...all.slice(0, first)];
}

async function verdictOn(mutant: Mutant, output: string, stop: AbortSignal): Promise<Verdict> {
  const verdict = stop.aborted ? undefined : await tryOut(mutant, { root, output }, stop);
  return verdict === undefined || stop.aborted ? { kind: 'flawed', why: `not tried: ${String(stop.reason)}` } : verdict;
}

function stopAfter(limitMs: number): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(`the run took more than ${limitMs / 1000} s`), limitMs).unref();
  for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => controller.abort(`the run was ended by ${name}`));
  return controller.signal;
}

function lineOf({ file, breaks }: Mutant, verdict: Verdict, tookMs: number): string {
  const what = `${file}: ${breaks}  ${(tookMs / 1000).toFixed(1)} s`;
  if (verdict.kind === 'caught') return `caught    ${what}\n            ${verdict.by}\n`;
  return verdict.kind === 'survived'
    ? `SURVIVED  ${what}\n`
    : `FLAWED    ${what}\n            ${inOneLine(verdict.why)}\n`;
}

function inOneLine(why: string): string {
  return why.replaceAll(/\s+/g, ' ').slice(0, 300);
}

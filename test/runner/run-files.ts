import { mkdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { runFile, type FileOutcome, type Limits } from './run-file.ts';

export type RunOptions = {
  /** Files from the root of the project. */
  files: readonly string[];
  root: string;
  /** Gets what the tests print, a file each; emptied before. */
  outputs: string;
  atOnce: number;
  limits: Limits & {
    /** For all of them. */
    wholeMs: number;
  };
  print: (text: string) => void;
};

export type RunOutcome = { passed: number; failed: number; skipped: string[]; outputs: string[] };

/**
 * Runs test files, a few at a time, and prints a line for each that passed and all that is known of each that did not.
 * Every limit ends what runs, names it and makes the run fail, as do SIGINT and SIGTERM: nothing started here outlives it.
 */
export async function runFiles(options: RunOptions): Promise<RunOutcome> {
  const { files, root, outputs, atOnce, limits, print } = options;
  await rm(outputs, { recursive: true, force: true });
  await mkdir(outputs, { recursive: true });
  const stop = stopAfter(limits.wholeMs);
  const total: RunOutcome = { passed: 0, failed: 0, skipped: [], outputs: [] };
  const waiting = [...files];
  const worker = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      if (stop.signal.aborted) {
        total.failed += 1;
        print(`✖ ${file}: not run: ${String(stop.signal.reason)}\n`);
        continue;
      }
      const output = join(outputs, `${file.replaceAll('/', '_')}.txt`);
      const outcome = await runFile(join(root, file), { output, limits }, stop.signal);
      total.outputs.push(output);
      total.passed += outcome.passed;
      total.failed += outcome.failures.length;
      total.skipped.push(...outcome.skipped.map(({ test, why }) => `${file}: ${test}: ${why}`));
      print(lines({ ...outcome, file }, root, relative(root, output)));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  stop.done();
  return total;
}

function stopAfter(wholeMs: number): { signal: AbortSignal; done: () => void } {
  const controller = new AbortController();
  const onSignal = (name: string) => controller.abort(`the run was ended by ${name}`);
  const timer = setTimeout(() => controller.abort(`the run took more than ${wholeMs / 1000} s`), wholeMs);
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const done = () => {
    clearTimeout(timer);
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  };
  return { signal: controller.signal, done };
}

function lines({ file, passed, skipped, failures, tookMs }: FileOutcome, root: string, output: string): string {
  const took = `${(tookMs / 1000).toFixed(1)} s`;
  const left = skipped.length === 0 ? '' : `, ${skipped.length} skipped`;
  if (failures.length === 0) return `✔ ${file}  ${passed} passed${left}  ${took}\n`;
  const told = failures.map(({ test, error }) => `  ✖ ${test}\n${error.replaceAll(/^/gm, '      ')}\n`);
  const all = `✖ ${file}  ${failures.length} failed, ${passed} passed${left}  ${took}  (what it printed: ${output})\n${told.join('')}`;
  return all.replaceAll(`file://${root}/`, '').replaceAll(`${root}/`, '');
}

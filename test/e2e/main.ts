import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runFiles } from '../runner/run-files.ts';

const HELP = `Runs the end-to-end suite against a cluster.

  npm run e2e [-- --help]

  E2E_KUBECONFIG   the kubeconfig of a cluster of yours, whose current context administers it. The suite makes namespaces,
                   roles and a fence of its own with a random prefix and label, and removes them afterwards; the program
                   runs as an account of its own and is told that label, so it touches no others. Unset: the emulated
                   Kubernetes API.

AWS is emulated in both.
`;

const root = join(import.meta.dirname, '../..');
const files = ['suite', 'controller', 'fence', 'first-pod'].map((name) => `test/e2e/${name}.test.ts`);
const limits = { testMs: 60_000, fileMs: 300_000, wholeMs: 600_000 };

const { values } = parseArgs({ options: { help: { type: 'boolean' } } });
if (values.help === true) process.stdout.write(HELP);
else process.exitCode = await main();

async function main(): Promise<number> {
  const outputs = join(root, '.tmp/e2e-output');
  const print = (text: string) => void process.stdout.write(text);
  // One after the other: a cluster of somebody's has no other names for the two.
  const { passed, failed, skipped } = await runFiles({ files, root, outputs, atOnce: 1, limits, print });
  print(`end to end: ${passed} passed, ${failed} failed, ${skipped.length} skipped\n`);
  return failed === 0 && skipped.length === 0 ? 0 : 1;
}

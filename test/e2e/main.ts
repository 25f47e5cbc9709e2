import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const HELP = `Runs the end-to-end suite against a cluster.

  npm run e2e [-- --help]

  E2E_KUBECONFIG   the kubeconfig of a cluster of yours, whose current context may create namespaces, secrets, leases and
                   events, and watch them. The suite makes namespaces of its own with a random prefix and label, and removes them afterwards; the program is
                   told that label, so it touches no others. Unset: the emulated Kubernetes API.

AWS is emulated in both.
`;

const suites = ['suite.test.ts', 'controller.test.ts'].map((name) => join(import.meta.dirname, name));
const { values } = parseArgs({ options: { help: { type: 'boolean' } } });
if (values.help === true) process.stdout.write(HELP);
else {
  const events = run({ files: suites, timeout: 300_000 });
  let failed = 0;
  events.on('test:fail', () => {
    failed += 1;
    process.exitCode = 1;
  });
  events.on('end', () =>
    process.stdout.write(failed === 0 ? 'end to end: all passed\n' : `end to end: ${failed} failed\n`),
  );
  events.compose(spec).pipe(process.stdout);
}

import { parseArgs } from 'node:util';
import { startKubernetes } from '../../emulators/kubernetes/index.ts';
import { replay } from './replay.ts';
import { cases } from './transcripts.ts';

const help = `Replays what a real kube-apiserver answered against the emulator and compares status, headers and body.

  npm run conformance [-- options]

  --case NAME   only this case; may be given more than once
  --help        this text

One line a case; exits 1 where anything differs.
`;

const { values } = parseArgs({
  options: { case: { type: 'string', multiple: true }, help: { type: 'boolean', default: false } },
});

if (values.help) process.stdout.write(help);
else process.exitCode = await replayAll(values.case ?? []);

async function replayAll(names: readonly string[]): Promise<number> {
  const known = new Set(cases.map((story) => story.name));
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length > 0) {
    process.stderr.write(`No such case: ${unknown.join(', ')}. There are: ${[...known].join(', ')}\n`);
    return 2;
  }
  const wanted = cases.filter((story) => names.length === 0 || names.includes(story.name));
  const kubernetes = await startKubernetes({ now: frozenClock() });
  let failed = 0;
  for (const story of wanted) {
    const found = await replay(story, kubernetes);
    process.stdout.write(`${found.length === 0 ? 'ok  ' : 'FAIL'} ${story.name}: ${story.why}\n`);
    for (const { step, what } of found) process.stdout.write(`     ${step}\n       ${what}\n`);
    if (found.length > 0) failed += 1;
  }
  await kubernetes.close();
  process.stdout.write(`${wanted.length - failed} of ${wanted.length} cases answered as kube-apiserver v1.36.2 did\n`);
  return failed === 0 ? 0 : 1;
}

/** The second in which a manager wrote decides the order of `managedFields`: the recording fits into one. */
function frozenClock(): () => number {
  const now = Date.now();
  return () => now;
}

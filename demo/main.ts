import { startPlayground, type Playground } from './playground.ts';
import { createStage, print } from './stage.ts';
import { tell } from './story.ts';

const HELP = `Shows the program at work on this machine: a cluster with a node, AWS and a registry are emulated; kubectl and the
program are real.

  npm run demo [-- options]

  --once         do not wait for whoever reads, and end with the story
  --only-cluster tell no story: stay up as an empty cluster, to try the README on
  --help         this text
`;

const flags = ['--once', '--only-cluster', '--help'];
const unknown = process.argv.slice(2).filter((word) => !flags.includes(word));
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    process.exitCode ??= { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[signal];
    stop.abort();
  });
}
// Whoever read has gone: `| head`, or a terminal that was closed.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => stop.abort());

if (unknown.length > 0) {
  process.stderr.write(`The demo has no ${unknown[0]}.\n\n${HELP}`);
  process.exitCode = 2;
} else if (process.argv.includes('--help')) print(HELP);
else await demo({ once: process.argv.includes('--once'), isEmpty: process.argv.includes('--only-cluster') });

async function demo({ once, isEmpty }: { once: boolean; isEmpty: boolean }): Promise<void> {
  const isPaced = !once && process.stdout.isTTY;
  const playground = await startPlayground(isPaced ? 1000 : 200);
  try {
    if (!isEmpty) await story(playground, isPaced);
    if (!once) await look(playground);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    await playground.close();
  }
}

async function story(playground: Playground, isPaced: boolean): Promise<void> {
  const env = { HOME: playground.directory, TERM: process.env['TERM'] ?? 'dumb', ...playground.variables };
  const stage = createStage({ env, isPaced, signal: stop.signal });
  await tell(playground, stage, isPaced ? 20_000 : 3000);
}

async function look({ variables, keyFile, directory }: Playground): Promise<void> {
  const { PATH, ...others } = variables;
  const added = PATH.split(':')
    .slice(0, -(process.env['PATH'] ?? '').split(':').length)
    .join(':');
  print(`
It stays up until Ctrl-C. To try it by hand, paste this into another terminal:

  export PATH="${added}:$PATH"
${Object.entries(others)
  .map(([name, value]) => `  export ${name}=${value}`)
  .join('\n')}

Then, for instance:

  kubectl get namespaces -L credentialType
  ecr-cred-helper status --watch
  kubectl ecr-creds doctor

${keyFile} is a key for the program in the cluster;
what its pods log stands in ${directory}/*.log.
`);
  const { promise, resolve } = Promise.withResolvers<void>();
  stop.signal.addEventListener('abort', () => resolve());
  if (!stop.signal.aborted) await promise;
}

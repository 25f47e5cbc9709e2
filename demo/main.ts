import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { startPlayground, type Playground } from './playground.ts';
import { createStage, print } from './stage.ts';
import { tell } from './story.ts';

const HELP = `Shows the program at work on this machine: a cluster with a node, AWS and a registry are emulated; kubectl and the
program are real.

  npm run demo [-- options]

  --once           do not wait for whoever reads, and end with the story
  --only-cluster   tell no story: stay up as a cluster with the namespace shop, to try the README on
  --help           this text
`;

const looks = [
  'kubectl get namespaces -L credentialType',
  'ecr-cred-helper status --watch',
  'kubectl ecr-creds doctor',
];

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
    if (isEmpty) playground.kubernetes.createNamespace('shop');
    else await story(playground, isPaced);
    if (!once) await look(playground, isEmpty);
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

async function look(playground: Playground, isEmpty: boolean): Promise<void> {
  const { variables, keyFile, directory } = playground;
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

Then${isEmpty ? `, for the README from step 1 on` : ', for instance'}:

${(isEmpty ? [`cd ${await own(playground)}`] : looks).map((line) => `  ${line}`).join('\n')}

What the program's pods log stands in
  ${directory}/*.log
${isEmpty ? '' : `A key for it is in\n  ${keyFile}\n`}`);
  const { promise, resolve } = Promise.withResolvers<void>();
  stop.signal.addEventListener('abort', () => resolve());
  if (!stop.signal.aborted) await promise;
}

/** A folder with what the README has its reader make: the key, and the overlay, of this checkout in place of a release. */
async function own({ directory, keyFile }: Playground): Promise<string> {
  const folder = join(directory, 'own');
  await mkdir(folder);
  await copyFile(keyFile, join(folder, 'ecr-credentials'));
  const root = join(import.meta.dirname, '..');
  const [, overlay = ''] = /^```yaml\n([^]*?)^```$/m.exec(await readFile(join(root, 'README.md'), 'utf8')) ?? [];
  const here = overlay.replaceAll(/https:\/\/\S+?\/\/(\S+)\?ref=\S+/g, (_, path: string) =>
    relative(folder, join(root, path)),
  );
  await writeFile(join(folder, 'kustomization.yaml'), here);
  return folder;
}

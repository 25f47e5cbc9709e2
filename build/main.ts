import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bake } from './bake.ts';
import { largestPackages } from './bundle.ts';
import { buildProgram } from './program.ts';
import { ownVersion } from './version.ts';

const HELP = `Builds the program into dist/.

  npm run build [-- options]

  --no-code-cache   leaves out V8's code caches (*.cache), which save a third of the CPU time of a run
  --analyze         shows what the bundle consists of
  --help            this text
`;

const root = join(import.meta.dirname, '..');
const { values } = parseArgs({
  allowNegative: true,
  options: {
    'code-cache': { type: 'boolean', default: true },
    analyze: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(HELP);
else await buildAll(join(root, 'dist'));

async function buildAll(dist: string): Promise<void> {
  const bundles = await buildProgram(dist, ownVersion());
  // dist is CommonJS in the midst of a package of ES modules; .cjs says so file by file.
  const sizes = bundles.map(({ file, bytes }) => ({ file, bytes }));
  if (values['code-cache']) {
    sizes.push({ file: '*.cache', bytes: await bake(dist) });
  }
  for (const { file, bytes } of sizes) print(`dist/${file}`, bytes);
  if (values.analyze)
    for (const one of bundles) for (const { name, bytes } of largestPackages(one, 15)) print(name, bytes);
}

function print(name: string, bytes: number): void {
  process.stdout.write(`${String(Math.round(bytes / 1024)).padStart(6)} KiB  ${name}\n`);
}

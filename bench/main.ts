import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { openStage, type Stage } from './stage.ts';
import { startup } from './startup.ts';
import { writeFigures } from './write.ts';
import { passes } from './passes.ts';
import { limits } from './limits.ts';
import { controller } from './controller.ts';

/** Each measures one thing side by side, gives back Markdown, and names the bounds that were passed. */
const parts: Record<string, (stage: Stage, isQuick: boolean, missed: string[]) => Promise<string>> = {
  startup,
  limits,
  passes,
  controller,
};

const help = `Measures what the program costs, against a floor, in one run.

  npm run bench -- [options] [parts]

  parts        ${Object.keys(parts).join(', ')}; all of them where none is named
  --quick      fewer rounds and fewer namespaces
  --write      puts the figures into docs/performance.md, too
  --help       this text

Prints Markdown, and exits with 1 where a bound is passed. docs/performance.md says what is measured and holds the figures. Run it on a machine that has nothing
else to do: one core is the program's, the other one the emulators'.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(help);
else process.exitCode = await main(positionals.length === 0 ? Object.keys(parts) : positionals);

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => !Object.hasOwn(parts, name));
  if (unknown.length > 0) {
    process.stderr.write(`No part is called ${unknown.join(', ')}. They are: ${Object.keys(parts).join(', ')}\n`);
    return 2;
  }
  process.stdout.write(
    `Node ${process.version}, ${process.platform}-${process.arch}, ${availableParallelism()} CPUs\n`,
  );
  const missed: string[] = [];
  for (const [name, part] of Object.entries(parts).filter(([name]) => names.includes(name))) {
    // A stage for each, so that nothing of one part weighs on the next.
    const stage = await openStage();
    try {
      const figures = await part(stage, values.quick, missed);
      process.stdout.write(`\n## ${name}\n\n${figures}\n`);
      if (values.write) await writeFigures(name, figures);
    } finally {
      await stage.close();
    }
  }
  for (const line of missed) process.stderr.write(`too much: ${line}\n`);
  return missed.length === 0 ? 0 : 1;
}

import { availableParallelism, cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { openStage, type Stage } from './stage.ts';
import { startup } from './startup.ts';
import { writeFigures, writeJson } from './write.ts';
import { passes } from './passes.ts';
import { passesOnOwnServer } from './own-server.ts';
import { limits } from './limits.ts';
import { controller } from './controller.ts';
import { counts } from './counts.ts';
import { mebibytes, type Part } from './statistics.ts';

/** Each measures one thing side by side, and names what is more than it should be. */
const parts: Record<string, (stage: Stage, missed: string[]) => Promise<Part>> = {
  counts,
  startup,
  limits,
  passes: (stage) => passes(stage),
  controller,
};

const USUAL = 100;

const help = `Measures what the program costs, against a floor, in one run.

  npm run bench -- [options] [parts]

  parts     ${Object.keys(parts).join(', ')}; all of them where none is named
  --quick   counts alone, which are the same on every machine, fast or slow
  --write   puts the figures into docs/performance.md and docs/performance.json, too
  --help    this text

  BENCH_KUBECONFIG   a kubeconfig: passes are measured on the API server of its current context, and nothing else. Namespaces
                     of its own are made there and deleted afterwards, and no others are touched
  BENCH_NAMESPACES   how many; ${USUAL} where nothing is said

Prints Markdown. It fails where a count is more than it should be, and never for a time. docs/performance.md says what is measured and holds
the figures. Run it on a machine that has nothing else to do: one core is the program's, the other one the emulators'.
`;

process.exitCode = await main();

async function main(): Promise<number> {
  const given = read();
  if (typeof given === 'string') {
    process.stderr.write(`${given}\n`);
    return 2;
  }
  if (given.help) {
    process.stdout.write(help);
    return 0;
  }
  const [cpu] = cpus();
  const machine = {
    node: process.version,
    processor: cpu?.model.trim() ?? 'unknown',
    processors: availableParallelism(),
    memory: mebibytes(totalmem()),
    platform: `${process.platform}-${process.arch}`,
  };
  process.stdout.write(`${Object.values(machine).join(', ')}\n`);
  const missed: string[] = [];
  const { own } = given;
  const measured =
    own === undefined ? parts : { passes: (stage: Stage) => passesOnOwnServer(stage, own, interruption()) };
  for (const [name, part] of Object.entries(measured).filter(([name]) => given.names.includes(name))) {
    // A stage for each, so that nothing of one part weighs on the next.
    const stage = await openStage();
    try {
      const { markdown, figures } = await part(stage, missed);
      process.stdout.write(`\n## ${name}\n\n${markdown}\n`);
      if (given.write) await writeFigures(name, markdown);
      if (given.write) await writeJson(name, machine, figures);
    } catch (error) {
      if (own === undefined || !(error instanceof Error)) throw error;
      process.stderr.write(`${error.message}\n`);
      return 1;
    } finally {
      await stage.close();
    }
  }
  for (const line of missed) process.stderr.write(`too much: ${line}\n`);
  return missed.length === 0 ? 0 : 1;
}

/** Aborts with the first Ctrl-C or termination; the second ends the process as usual. */
function interruption(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  return stop.signal;
}

/** What is wanted, or what is wrong with how it is asked for. */
function read() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    const unknown = positionals.filter((name) => !Object.hasOwn(parts, name));
    if (unknown.length > 0)
      return `No part is called ${unknown.join(', ')}. They are: ${Object.keys(parts).join(', ')}`;
    const all = positionals.length === 0 ? Object.keys(parts) : positionals;
    const own = ownServer();
    if (own === undefined) return { ...values, own, names: values.quick ? ['counts'] : all };
    if (values.quick || values.write || positionals.some((name) => name !== 'passes'))
      return 'On the API server of BENCH_KUBECONFIG passes are measured, and nothing else; docs/performance.md has the figures of emulators.';
    return { ...values, own, names: ['passes'] };
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\nnpm run bench -- --help tells what there is.`;
  }
}

/** The server that is named, and how many namespaces it is to have. @throws Error where that is no number of them. */
function ownServer(): { kubeconfig: string; namespaces: number } | undefined {
  const { BENCH_KUBECONFIG: kubeconfig = '', BENCH_NAMESPACES: count = String(USUAL) } = process.env;
  if (kubeconfig === '') return undefined;
  // One has nothing to be taken off from.
  if (!/^[1-9]\d{0,4}$/.test(count) || count === '1')
    throw new Error(`BENCH_NAMESPACES is no number from 2 to 99999: ${count}`);
  return { kubeconfig, namespaces: Number(count) };
}

import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { simulate, type Verdict } from './simulate.ts';

const help = `Runs the controller in virtual time, in a world that fails, and checks its promises after every step.

  npm run simulate -- [options]

  --seeds N   how many seeds (2000)
  --from S    the first one (1)
  --story     tell what happened last, even where every promise was kept
  --help      this text

A failing seed is printed with its story and fails again in the same way: npm run simulate -- --seeds 1 --from S
`;

type Job = { from: number; seeds: number; every: number };

if (isMainThread) process.exitCode = await main();
else await work(workerData as Job); // this file starts its own workers

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '2000' },
      from: { type: 'string', default: '1' },
      story: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const began = Date.now();
  const verdicts = await runAll(Number(values.from), Number(values.seeds));
  const broken = verdicts.filter((verdict) => verdict.broken !== undefined);
  for (const verdict of verdicts)
    if (values.story && verdict.broken === undefined) process.stdout.write(`${verdict.story.join('\n')}\n`);
  for (const verdict of broken.slice(0, 3)) process.stdout.write(told(verdict));
  if (broken.length > 0)
    process.stdout.write(
      `failing seeds: ${broken
        .slice(0, 50)
        .map(({ seed }) => seed)
        .join(' ')}\n`,
    );
  const steps = verdicts.reduce((sum, verdict) => sum + verdict.steps, 0);
  const days = Math.round(verdicts.reduce((sum, verdict) => sum + verdict.virtualMs, 0) / 86_400_000);
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  process.stdout.write(
    `simulation: ${verdicts.length - broken.length} seeds kept every promise, ${broken.length} did not; ${days} days in ${steps} steps, ${seconds} s\n`,
  );
  return broken.length === 0 ? 0 : 1;
}

function told({ seed, broken, story }: Verdict): string {
  return `${story.join('\n')}\nseed ${seed}: ${broken}\nagain: npm run simulate -- --seeds 1 --from ${seed}\n\n`;
}

/** Shares the seeds among as many threads as there are processors. */
async function runAll(from: number, seeds: number): Promise<Verdict[]> {
  const threads = Math.max(1, Math.min(seeds, availableParallelism()));
  const verdicts: Verdict[] = [];
  await Promise.all(
    Array.from({ length: threads }, (_, index) => {
      const job: Job = { from: from + index, seeds: seeds - index, every: threads };
      const worker = new Worker(new URL(import.meta.url), { workerData: job });
      worker.on('message', (verdict: Verdict) => verdicts.push(verdict));
      return new Promise<void>((resolve, reject) => {
        worker.once('error', reject);
        worker.once('exit', () => resolve());
      });
    }),
  );
  return verdicts.sort((one, other) => one.seed - other.seed);
}

async function work({ from, seeds, every }: Job): Promise<void> {
  for (let offset = 0; offset < seeds; offset += every) {
    const verdict = await simulate(from + offset);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    parentPort?.postMessage(verdict.broken === undefined ? { ...verdict, story: verdict.story.slice(-20) } : verdict);
  }
}

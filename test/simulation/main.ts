import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { everFailed } from './seeds.ts';
import { simulate, type Options, type Verdict } from './simulate.ts';

const help = `Runs the controller and the job in virtual time, in a world that fails, and checks their promises after every step.

  npm run simulate -- [options]

  --seeds N     how many seeds (2000); those that ever failed are run before
  --from S      the first one (1)
  --days D      each seed goes on for so many days at least
  --troubles T  only so many troubles come
  --seconds T   ends after so long, though seeds are left, but not before five hundred
  --story       tell what happened last, even where every promise was kept
  --help        this text

Of a seed that fails the shortest story is looked for that still does, and the command printed that tells it again.
`;

/** However slow the machine is. */
const leastSeeds = 500;

type Job = { seeds: number[]; options: Options; untilMs: number };

/** What is asked for where nothing is said. */
const numbers = {
  seeds: 2000,
  from: 1,
  days: 0,
  troubles: Number.POSITIVE_INFINITY,
  seconds: Number.POSITIVE_INFINITY,
};

if (isMainThread) process.exitCode = await main();
else await work(workerData as Job); // this file starts its own workers

async function main(): Promise<number> {
  const asked = judged();
  if (typeof asked === 'string') {
    process.stderr.write(`${asked}\nnpm run simulate -- --help tells what there is.\n`);
    return 2;
  }
  if (asked.help) {
    process.stdout.write(help);
    return 0;
  }
  const began = Date.now();
  const { seeds: count, from, days, troubles: mostTroubles, seconds } = asked.numbers;
  const fresh = Array.from({ length: count }, (_, index) => from + index);
  const seeds = [...new Set([...(count === 1 ? [] : everFailed), ...fresh])];
  const options = { mostTroubles, days };
  const verdicts = await runAll({ seeds, options, untilMs: began + 1000 * seconds });
  const broken = verdicts.filter((verdict) => verdict.broken !== undefined);
  if (asked.story) for (const { story } of verdicts) process.stdout.write(`${story.join('\n')}\n`);
  for (const verdict of broken.slice(0, 3)) process.stdout.write(told(await shortest(verdict, options), options));
  if (broken.length > 0) process.stdout.write(`failing seeds: ${listed(broken)}\n`);
  process.stdout.write(`${summary(verdicts, broken.length, (Date.now() - began) / 1000)}\n`);
  return broken.length === 0 && verdicts.length > 0 ? 0 : 1;
}

type Asked = { numbers: typeof numbers; help: boolean; story: boolean };

/** What is asked for, or what is wrong with it: a seed that is no number would prove nothing, and pass. */
function judged(): Asked | string {
  try {
    const number = { type: 'string' } as const;
    const options = { seeds: number, from: number, days: number, troubles: number, seconds: number };
    const { values } = parseArgs({ options: { ...options, story: { type: 'boolean' }, help: { type: 'boolean' } } });
    const { story = false, help: isHelp = false, ...given } = values;
    const wrong = Object.entries(given).find(([, value]) => !/^\d+$/.test(value));
    if (wrong !== undefined) return `--${wrong[0]} takes a whole number, not ${JSON.stringify(wrong[1])}`;
    const chosen = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, Number(value)]));
    return { numbers: { ...numbers, ...chosen }, help: isHelp, story };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function listed(broken: readonly Verdict[]): string {
  return broken
    .slice(0, 50)
    .map(({ seed }) => seed)
    .join(' ');
}

function summary(verdicts: readonly Verdict[], broken: number, seconds: number): string {
  const steps = verdicts.reduce((sum, verdict) => sum + verdict.steps, 0);
  const days = Math.round(verdicts.reduce((sum, verdict) => sum + verdict.virtualMs, 0) / 86_400_000);
  const { user, system } = process.cpuUsage();
  const cpuSeconds = (user + system) / 1e6;
  const perMinute = Math.round((60 * days) / cpuSeconds);
  const kept = `${verdicts.length - broken} seeds kept every promise, ${broken} did not`;
  return `simulation: ${kept}; ${days} days in ${steps} steps, ${seconds.toFixed(1)} s, ${perMinute} days a minute of CPU`;
}

/** The same seed with as few troubles as still break a promise. */
async function shortest(verdict: Verdict, options: Options): Promise<Verdict> {
  for (let mostTroubles = 0; mostTroubles < verdict.troubles; mostTroubles += 1) {
    const shorter = await simulate(verdict.seed, { ...options, mostTroubles });
    if (shorter.broken !== undefined) return shorter;
  }
  return verdict;
}

function told({ seed, broken, story, troubles }: Verdict, { days = 0 }: Options): string {
  const longer = days > 0 ? ` --days ${days}` : '';
  const again = `npm run simulate -- --seeds 1 --from ${seed} --troubles ${troubles}${longer}`;
  return `${story.join('\n')}\nseed ${seed}, after ${troubles} troubles: ${broken}\nagain: ${again}\n\n`;
}

/** Shares the seeds among as many threads as there are processors. */
async function runAll({ seeds, options, untilMs }: Job): Promise<Verdict[]> {
  const threads = Math.max(1, Math.min(seeds.length, availableParallelism()));
  const verdicts: Verdict[] = [];
  await Promise.all(
    Array.from({ length: threads }, (_, thread) => {
      const job: Job = { seeds: seeds.filter((__, index) => index % threads === thread), options, untilMs };
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

async function work({ seeds, options, untilMs }: Job): Promise<void> {
  const least = leastSeeds / availableParallelism();
  for (const [index, seed] of seeds.entries()) {
    if (index >= least && Date.now() > untilMs) return;
    const verdict = await simulate(seed, options);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    parentPort?.postMessage(verdict.broken === undefined ? { ...verdict, story: verdict.story.slice(-20) } : verdict);
  }
}

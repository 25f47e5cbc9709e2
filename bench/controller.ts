import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { floorClient, tellNames } from './floor.ts';
import { withController } from './controlled.ts';
import { measureWell, start } from './measure.ts';
import type { Stage } from './stage.ts';
import { mebibytes, milliseconds, percentile, ratios, spread, table, times, type Part } from './statistics.ts';
import { listenToWrites, type Writes } from './writes.ts';

const BURST = 1000;
const ROUNDS = 11;
const SINGLES = 500;
const SIZES = [10, 1000, 10_000, 100_000] as const;
const IDLE_SECONDS = 60;
/** As often as the controller renews its own, in the middle. */
const EVERY_MS = 2200;
/** As many requests at a time as the program makes by default. */
const AT_A_TIME = 16;
/** Until what a burst left behind is tidied up. */
const SETTLE_MS = 3000;
const CALM_MS = 20_000;

type Bench = { stage: Stage; writes: Writes };

/** How fast and how cheaply the controller keeps the promise. Both ends are of the server: an event leaves, a write is answered. */
export async function controller(stage: Stage): Promise<Part> {
  const bench = { stage, writes: listenToWrites(stage) };
  const floorMs = await bareBursts(bench);
  const bareMs = await bareRenewals(stage);
  stage.populate(0);
  return withController(stage, async (child) => {
    await firstServed(bench);
    const sizes = [['0', mebibytes(await residentBytes(child))]];
    const latencies = await oneByOne(bench, SINGLES);
    const burstMs = await bursts(bench, ROUNDS);
    const resident: Record<string, number> = {};
    for (const count of SIZES) {
      await served(bench, count);
      await pause(SETTLE_MS);
      resident[count] = await residentBytes(child);
      sizes.push([String(count), mebibytes(resident[count])]);
    }
    await served(bench, 1000);
    // Node tidies up some seconds after the work is over.
    await pause(CALM_MS);
    const idling = await idle(bench, child, bareMs);
    const [p50, p99, most] = [50, 99, 100].map((share) => percentile(latencies, share));
    const ofFloor = ratios(burstMs, floorMs);
    const markdown = [
      table([
        ['event to secret', 'p50', 'p99', 'max'],
        [`${SINGLES}, one by one`, ...[p50, p99, most].map((ms = Number.NaN) => milliseconds(ms))],
      ]),
      table([
        [`${BURST} at once`, 'until the last secret', '÷ floor'],
        ['controller', milliseconds(spread(burstMs).median), times(ofFloor)],
        ['floor', milliseconds(spread(floorMs).median), ''],
      ]),
      table([['namespaces', 'memory'], ...sizes]),
      idling.markdown,
    ].join('\n\n');
    const latencyMs = { p50: p50 ?? Number.NaN, p99: p99 ?? Number.NaN, max: most ?? Number.NaN };
    const figures = { latencyMs, burstMs: spread(burstMs), burstTimesFloor: ofFloor, resident, idle: idling.figures };
    return { markdown, figures };
  });
}

/** How long a client that has run warm takes for each burst. */
async function bareBursts({ stage, writes }: Bench): Promise<number[]> {
  // The first burst warms it.
  await tellNames(stage, stage.populate(BURST * (ROUNDS + 1)));
  writes.reset();
  await measureWell(await floorClient(stage, AT_A_TIME));
  const at = (count: number) => writes.atMs[count - 1] ?? Number.NaN;
  return Array.from({ length: ROUNDS }, (_, round) => at(BURST * (round + 2)) - at(BURST * (round + 1)));
}

async function firstServed({ stage, writes }: Bench): Promise<void> {
  writes.reset();
  stage.populate(1);
  await writes.until(1);
  stage.populate(0);
  await pause(SETTLE_MS);
}

async function oneByOne({ stage, writes }: Bench, count: number): Promise<number[]> {
  const latencies: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const name = `single-${index}`;
    writes.reset();
    const createdMs = performance.now();
    stage.kubernetes.createNamespace(name, { credentialType: 'ecr' });
    await writes.until(1);
    latencies.push((writes.atMs[0] ?? Number.NaN) - createdMs);
    stage.kubernetes.deleteNamespace(name);
    await pause(5);
  }
  return latencies;
}

/** The times from the last event of each burst to its last secret. */
async function bursts(bench: Bench, rounds: number): Promise<number[]> {
  const ms: number[] = [];
  for (let round = 0; round < rounds; round += 1) ms.push(await served(bench, BURST));
  return ms;
}

async function served({ stage, writes }: Bench, count: number): Promise<number> {
  stage.populate(0);
  await pause(500);
  writes.reset();
  stage.populate(count);
  const createdMs = performance.now();
  await writes.until(count);
  return (writes.atMs[count - 1] ?? Number.NaN) - createdMs;
}

/** What a client that does nothing but write a Lease as often takes of the CPU in a minute. */
async function bareRenewals({ directory, bare }: Stage): Promise<number> {
  const file = join(directory, 'renewing.json');
  const settings = { ...bare(), namespace: 'default', name: 'bench', everyMs: EVERY_MS };
  await writeFile(file, JSON.stringify(settings), { mode: 0o600 });
  const child = start({ args: [join(import.meta.dirname, 'renewing.cjs'), file], env: { HOME: directory } });
  try {
    await pause(SETTLE_MS);
    return await cpuAMinute(child);
  } finally {
    child.kill();
    await once(child, 'close');
  }
}

async function cpuAMinute(child: ChildProcess): Promise<number> {
  const beforeMs = await cpuMs(child);
  await pause(IDLE_SECONDS * 1000);
  return ((await cpuMs(child)) - beforeMs) / (IDLE_SECONDS / 60);
}

async function idle({ stage }: Bench, child: ChildProcess, bareMs: number): Promise<Part> {
  stage.kubernetes.stats.reset();
  stage.aws.stats.reset();
  const usedMs = await cpuAMinute(child);
  const { requests, connections } = stage.kubernetes.stats.counts();
  const anHour = (count: number) => ((3600 * count) / IDLE_SECONDS).toFixed(0);
  const rows = Object.entries({ ...requests, 'new connections': connections }).map(([what, count]) => [
    what,
    anHour(count),
  ]);
  const markdown = [
    table([['idle, leading, 1000 namespaces', 'in an hour'], ...rows]),
    `CPU: ${seconds(usedMs)} a minute. A bare client that does nothing but write a Lease as often takes ${seconds(bareMs)}.`,
  ].join('\n\n');
  return { markdown, figures: { cpuMsAMinute: usedMs, bareCpuMsAMinute: bareMs, requests } };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}

async function residentBytes({ pid }: ChildProcess): Promise<number> {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

/** What its threads have had so far; to the nanosecond, where `/proc/PID/stat` counts whom a tick of the clock meets. */
async function cpuMs({ pid }: ChildProcess): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`);
  const spent = threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8'));
  return (await Promise.all(spent)).reduce((sum, text) => sum + Number(text.split(' ')[0]) / 1e6, 0);
}

import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { floorClient, tellNames } from './floor.ts';
import { measureWell, start } from './measure.ts';
import type { Stage } from './stage.ts';
import { mebibytes, median, milliseconds, percentile, table, times } from './statistics.ts';
import { listenToWrites, type Writes } from './writes.ts';

const BURST = 1000;
/** Until what a burst left behind is tidied up. */
const SETTLE_MS = 3000;

type Bench = { stage: Stage; writes: Writes };

/** How fast and how cheaply the controller keeps the promise. Both ends are of the server: an event leaves, a write is answered. */
export async function controller(stage: Stage, isQuick: boolean): Promise<string> {
  const bench = { stage, writes: listenToWrites(stage) };
  const rounds = isQuick ? 3 : 9;
  const singles = isQuick ? 50 : 500;
  const many = isQuick ? 2000 : 10_000;
  const floorMs = await bareBurst(bench, rounds);
  stage.populate(0);
  const child = start(stage.program(['controller', '--listen', '127.0.0.1:0']));
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.stdout?.resume();
  child.stderr?.resume();
  try {
    await firstServed(bench);
    const sizes = [['0', mebibytes(await residentBytes(child))]];
    const latencies = await oneByOne(bench, singles);
    const burstMs = await bursts(bench, rounds);
    for (const count of [1000, many]) {
      await served(bench, count);
      await pause(SETTLE_MS);
      sizes.push([String(count), mebibytes(await residentBytes(child))]);
    }
    const idling = await idle(bench, child, isQuick ? 10 : 120);
    return [
      table([
        ['event to secret', 'p50', 'p99', 'max'],
        [`${singles}, one by one`, ...[50, 99, 100].map((share) => milliseconds(percentile(latencies, share)))],
      ]),
      table([
        [`${BURST} at once`, 'until the last secret', '÷ bare'],
        ['controller', milliseconds(burstMs), times(burstMs, floorMs)],
        ['bare HTTP/1.1 client', milliseconds(floorMs), times(floorMs, floorMs)],
      ]),
      table([['namespaces', 'memory'], ...sizes]),
      idling,
    ].join('\n\n');
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

/** The middle of the times that a client that has run warm takes for a burst. */
async function bareBurst({ stage, writes }: Bench, rounds: number): Promise<number> {
  // The first burst warms it.
  await tellNames(stage, stage.populate(BURST * (rounds + 1)));
  writes.reset();
  await measureWell(floorClient(stage, 'http1'));
  const at = (count: number) => writes.atMs[count - 1] ?? Number.NaN;
  const bursts = Array.from({ length: rounds }, (_, round) => at(BURST * (round + 2)) - at(BURST * (round + 1)));
  return median(bursts);
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

/** The middle of the times from the last event of a burst to its last secret. */
async function bursts(bench: Bench, rounds: number): Promise<number> {
  const ms: number[] = [];
  for (let round = 0; round < rounds; round += 1) ms.push(await served(bench, BURST));
  return median(ms);
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

async function idle({ stage }: Bench, child: ChildProcess, seconds: number): Promise<string> {
  stage.kubernetes.stats.reset();
  stage.aws.stats.reset();
  const beforeMs = await cpuMs(child);
  await pause(seconds * 1000);
  const usedMs = (await cpuMs(child)) - beforeMs;
  const { requests, connections } = stage.kubernetes.stats.counts();
  const rows = Object.entries({ ...requests, 'new connections': connections }).map(([what, count]) => [
    what,
    String(count),
    ((3600 * count) / seconds).toFixed(0),
  ]);
  return [
    table([[`idle, leading`, `in ${seconds} s`, 'an hour'], ...rows]),
    `CPU: ${usedMs} ms in ${seconds} s, ${((100 * usedMs) / seconds / 1000).toFixed(2)} % of a core.`,
  ].join('\n\n');
}

async function residentBytes({ pid }: ChildProcess): Promise<number> {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

/** In steps of 10 ms, as the kernel tells it. */
async function cpuMs({ pid }: ChildProcess): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

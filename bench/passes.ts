import { floorClient, tellNames } from './floor.ts';
import { measureWell, type Usage } from './measure.ts';
import type { Bed } from './stage.ts';
import { mebibytes, ratios, spread, table, times, type Part, type Spread } from './statistics.ts';

/** How much is measured, of how many namespaces beside one. */
export type Extent = { rounds: number; atATime: readonly number[]; sizes: readonly number[] };

export const whole: Extent = { rounds: 11, atATime: [1, 4, 16], sizes: [1000, 10_000] };

type Rounds = { program: Usage[]; floor: Usage[] };

/**
 * Namespaces a second and CPU a namespace against a bare client that sends the same patches to the same server, both of them doing
 * the same work there. What a start costs is taken off: it is what one namespace costs. Program and floor take turns.
 */
export async function passes(bed: Bed, { rounds, atATime, sizes }: Extent = whole): Promise<Part> {
  const rows: string[][] = [];
  const figures: Part['figures'] = {};
  const memory = new Map<number, Rounds>();
  for (const concurrency of atATime) {
    const one = await takeTurns(bed, rounds, 1, concurrency);
    memory.set(1, one);
    for (const count of sizes) {
      const many = await takeTurns(bed, rounds, count, concurrency);
      const compared = compare(one, many, count);
      rows.push(row(count, concurrency, compared));
      figures[`${count} at ${concurrency}`] = compared;
      // Of the highest concurrency, which is the last.
      memory.set(count, many);
    }
  }
  const all = [1, ...sizes];
  const peaks = (count: number, of: keyof Rounds) => (memory.get(count)?.[of] ?? []).map(({ peakBytes }) => peakBytes);
  for (const count of all) figures[`peak bytes at ${count}`] = spread(peaks(count, 'program'));
  const head = ['namespaces', 'at a time', 'a second', 'of the floor', 'CPU each', 'CPU ÷ floor'];
  const markdown = [
    table([head, ...rows]),
    '',
    table([
      ['namespaces', ...all.map(String)],
      ...(['program', 'floor'] as const).flatMap((of) => [
        [`peak memory of the ${of}`, ...all.map((count) => mebibytes(spread(peaks(count, of)).median))],
        ['÷ that at one', ...all.map((count) => times(ratios(peaks(count, of), peaks(1, of))))],
      ]),
    ]),
  ].join('\n');
  return { markdown, figures };
}

async function takeTurns(bed: Bed, rounds: number, count: number, concurrency: number): Promise<Rounds> {
  const clients = {
    program: () => bed.program([], { ECR_CONCURRENCY: String(concurrency) }),
    floor: () => floorClient(bed, concurrency),
  };
  const used: Rounds = { program: [], floor: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const name of ['program', 'floor'] as const) {
      await tellNames(bed, await bed.populate(count));
      used[name].push(await measureWell(await clients[name]()));
    }
  }
  return used;
}

type Compared = { perSecond: Spread; ofFloor: Spread; cpuMsEach: Spread; cpuTimesFloor: Spread };

function compare(one: Rounds, many: Rounds, count: number): Compared {
  const each = (of: keyof Rounds, key: 'wallMs' | 'cpuMs'): number[] => {
    const startMs = spread(one[of].map((used) => used[key])).median;
    return many[of].map((used) => (used[key] - startMs) / (count - 1));
  };
  return {
    perSecond: spread(each('program', 'wallMs').map((ms) => 1000 / ms)),
    ofFloor: ratios(each('floor', 'wallMs'), each('program', 'wallMs')),
    cpuMsEach: spread(each('program', 'cpuMs')),
    cpuTimesFloor: ratios(each('program', 'cpuMs'), each('floor', 'cpuMs')),
  };
}

function row(count: number, atATime: number, { perSecond, ofFloor, cpuMsEach, cpuTimesFloor }: Compared): string[] {
  const each = `${cpuMsEach.median.toFixed(3)} ms`;
  return [count, atATime, Math.round(perSecond.median), times(ofFloor), each, times(cpuTimesFloor)].map(String);
}

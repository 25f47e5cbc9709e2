import { floorClient, tellNames } from './floor.ts';
import { measureWell, type Command, type Usage } from './measure.ts';
import type { Stage } from './stage.ts';
import { mebibytes, ratios, spread, table, times, type Part, type Spread } from './statistics.ts';

const ROUNDS = 11;
const AT_A_TIME = [1, 4, 16] as const;
const SIZES = [1000, 10_000] as const;

type Rounds = { program: Usage[]; floor: Usage[] };

/**
 * Namespaces a second and CPU a namespace against a bare client that sends the same patches to the same server, both of them creating.
 * What a start costs is taken off: it is what one namespace costs. Program and floor take turns.
 */
export async function passes(stage: Stage): Promise<Part> {
  const rows: string[][] = [];
  const figures: Part['figures'] = {};
  const memory = new Map<number, Usage[]>();
  for (const atATime of AT_A_TIME) {
    const one = await rounds(stage, 1, atATime);
    for (const count of SIZES) {
      const many = await rounds(stage, count, atATime);
      const compared = compare(one, many, count);
      rows.push(row(count, atATime, compared));
      figures[`${count} at ${atATime}`] = compared;
      if (atATime === 16) memory.set(count, many.program);
    }
    if (atATime === 16) memory.set(1, one.program);
  }
  const sizes = [1, ...SIZES];
  const peaks = (count: number) => (memory.get(count) ?? []).map(({ peakBytes }) => peakBytes);
  for (const count of sizes) figures[`peak bytes at ${count}`] = spread(peaks(count));
  const head = ['namespaces', 'at a time', 'a second', 'of the floor', 'CPU each', 'CPU ÷ floor'];
  const markdown = [
    table([head, ...rows]),
    '',
    table([
      ['namespaces', ...sizes.map(String)],
      ['peak memory', ...sizes.map((count) => mebibytes(spread(peaks(count)).median))],
      ['÷ that at one', ...sizes.map((count) => times(ratios(peaks(count), peaks(1))))],
    ]),
  ].join('\n');
  return { markdown, figures };
}

async function rounds(stage: Stage, count: number, atATime: number): Promise<Rounds> {
  const clients: Record<keyof Rounds, Command> = {
    program: stage.program([], { ECR_CONCURRENCY: String(atATime) }),
    floor: floorClient(stage, atATime),
  };
  const used: Rounds = { program: [], floor: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const name of ['program', 'floor'] as const) {
      await tellNames(stage, stage.populate(count));
      used[name].push(await measureWell(clients[name]));
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

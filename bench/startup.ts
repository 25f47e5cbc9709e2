import { measure, measureWell, type Mark, type Usage } from './measure.ts';
import { programs } from './programs.ts';
import type { Stage } from './stage.ts';
import { mebibytes, median, milliseconds, ratios, spread, table, times, type Part } from './statistics.ts';

const ROUNDS = 21;

/**
 * What a run costs against an empty Node process, and where the time of the job goes. The programs take turns, so that
 * whatever else the machine does meets all of them.
 */
export async function startup(stage: Stage): Promise<Part> {
  const all = programs(stage);
  const usages = new Map<string, Usage[]>(Object.keys(all).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    stage.populate(1);
    for (const [name, { command, mayFail }] of Object.entries(all)) {
      usages.get(name)?.push(await (mayFail === true ? measure(command) : measureWell(command)));
    }
  }
  const of = (name: string, key: 'cpuMs' | 'peakBytes' | 'wallMs') => (usages.get(name) ?? []).map((used) => used[key]);
  const empty = 'empty Node process';
  const figures = Object.fromEntries(
    [...usages.keys()].map((name) => [
      name,
      {
        cpuMs: spread(of(name, 'cpuMs')),
        cpuTimesEmpty: ratios(of(name, 'cpuMs'), of(empty, 'cpuMs')),
        peakBytes: spread(of(name, 'peakBytes')),
        peakTimesEmpty: ratios(of(name, 'peakBytes'), of(empty, 'peakBytes')),
        wallMs: spread(of(name, 'wallMs')),
      },
    ]),
  );
  const rows = Object.entries(figures).map(([name, { cpuMs, cpuTimesEmpty, peakBytes, peakTimesEmpty, wallMs }]) => [
    name,
    milliseconds(cpuMs.median),
    times(cpuTimesEmpty),
    mebibytes(peakBytes.median),
    times(peakTimesEmpty),
    milliseconds(wallMs.median),
  ]);
  const markdown = [
    table([['program', 'CPU', 'CPU ÷ empty', 'peak memory', 'memory ÷ empty', 'wall'], ...rows]),
    '',
    'Where the job spends it:',
    '',
    table([['step', 'wall', 'CPU'], ...(await steps(stage))]),
  ].join('\n');
  return { markdown, figures };
}

/** Each step ends with the first mark of that name. */
const stepsOfJob: readonly (readonly [step: string, endsWith: string])[] = [
  ['Node itself', 'node'],
  ["Node's cryptography; reads the bundle and its code cache", 'compiled'],
  ['evaluates the modules, reads the configuration', 'evaluated'],
  ["Node's TLS; loads what asks ECR; signs, asks it", 'start ecr'],
  ['agrees on TLS with the API server, asks it', 'start GET kubernetes'],
  ['has both answers', 'start PATCH kubernetes'],
  ['has applied', 'finish PATCH kubernetes'],
  ['tells and ends', 'exit'],
];

function fail(why: string): never {
  throw new Error(why);
}

async function steps(stage: Stage): Promise<string[][]> {
  const traces: Mark[][] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    stage.populate(1);
    traces.push((await measureWell(stage.program([], { BENCH_TRACE: '1' }))).marks);
  }
  const at = (name: string, of: 'wallMs' | 'cpuMs'): number => {
    const all = traces.map((marks) => marks.find((mark) => mark.name === name)?.[of]);
    return median(all.map((ms) => ms ?? fail(`a start has no step that ends with ${name}`)));
  };
  return stepsOfJob.map(([step, name], index) => {
    const before = stepsOfJob[index - 1]?.[1];
    const since = (of: 'wallMs' | 'cpuMs') => at(name, of) - (before === undefined ? 0 : at(before, of));
    return [step, milliseconds(since('wallMs')), milliseconds(since('cpuMs'))];
  });
}

import { measure, measureWell, type Command, type Mark, type Usage } from './measure.ts';
import type { Stage } from './stage.ts';
import { mebibytes, median, milliseconds, table, times } from './statistics.ts';

/**
 * What a run costs against an empty Node process, and where the time of the job goes. The programs take turns, so that
 * whatever else the machine does meets all of them.
 */
export async function startup(stage: Stage, isQuick: boolean): Promise<string> {
  const rounds = isQuick ? 5 : 21;
  stage.populate(1);
  const programs: Record<string, Command> = {
    'empty Node process': stage.empty,
    'the job, one namespace': stage.program(),
    'the job, with a kubeconfig': stage.program([], { KUBECONFIG: stage.kubeconfig }),
    '`--version`': stage.program(['--version']),
    '`--help`': stage.program(['--help']),
    '`status`': stage.program(['status']),
    '`prune --dry-run`': stage.program(['prune', '--dry-run']),
    '`doctor`': stage.program(['doctor']),
  };
  const usages = new Map<string, Usage[]>(Object.keys(programs).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    stage.populate(1);
    for (const [name, command] of Object.entries(programs)) {
      // What doctor finds wrong in a cluster of emulators is no matter here.
      usages.get(name)?.push(await (name === '`doctor`' ? measure(command) : measureWell(command)));
    }
  }
  const empty = middle(usages.get('empty Node process') ?? []);
  const rows = [...usages].map(([name, used]) => {
    const { cpuMs, peakBytes, wallMs } = middle(used);
    const cpu = [milliseconds(cpuMs), times(cpuMs, empty.cpuMs)];
    return [name, ...cpu, mebibytes(peakBytes), times(peakBytes, empty.peakBytes), milliseconds(wallMs)];
  });
  return [
    table([['program', 'CPU', 'CPU ÷ empty', 'peak memory', 'memory ÷ empty', 'wall'], ...rows]),
    '',
    'Where the job spends it:',
    '',
    table([['step', 'wall', 'CPU'], ...(await steps(stage, rounds))]),
  ].join('\n');
}

function middle(usages: readonly Usage[]): Pick<Usage, 'cpuMs' | 'peakBytes' | 'wallMs'> {
  return {
    cpuMs: median(usages.map(({ cpuMs }) => cpuMs)),
    peakBytes: median(usages.map(({ peakBytes }) => peakBytes)),
    wallMs: median(usages.map(({ wallMs }) => wallMs)),
  };
}

/** Each step ends with the first mark of that name. */
const stepsOfJob: readonly (readonly [step: string, endsWith: string])[] = [
  ['Node itself', 'node'],
  ['reads the bundle and its code cache', 'compiled'],
  ['evaluates the modules, reads the configuration', 'evaluated'],
  ['asks the API server', 'start GET kubernetes'],
  ['loads credentials, signs, asks ECR', 'start ecr'],
  ['has both answers', 'start PATCH kubernetes'],
  ['has applied', 'finish PATCH kubernetes'],
  ['tells and ends', 'exit'],
];

async function steps(stage: Stage, rounds: number): Promise<string[][]> {
  const traces: Mark[][] = [];
  for (let round = 0; round < rounds; round += 1) {
    stage.populate(1);
    traces.push((await measureWell(stage.program([], { BENCH_TRACE: '1' }))).marks);
  }
  const at = (name: string, of: 'wallMs' | 'cpuMs'): number =>
    median(traces.map((marks) => marks.find((mark) => mark.name === name)?.[of] ?? Number.NaN));
  return stepsOfJob.map(([step, name], index) => {
    const before = stepsOfJob[index - 1]?.[1];
    const since = (of: 'wallMs' | 'cpuMs') => at(name, of) - (before === undefined ? 0 : at(before, of));
    return [step, milliseconds(since('wallMs')), milliseconds(since('cpuMs'))];
  });
}

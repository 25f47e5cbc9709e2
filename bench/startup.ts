import { measure, measureWell, type Command, type Mark, type Usage } from './measure.ts';
import type { Stage } from './stage.ts';
import { mebibytes, median, milliseconds, table, times } from './statistics.ts';

/** A command, and how many times the CPU of an empty process it may take before the bench calls it too much. */
type Program = { command: Command; bound: number; mayFail?: boolean };

/**
 * What a run costs against an empty Node process, and where the time of the job goes. The programs take turns, so that
 * whatever else the machine does meets all of them.
 */
export async function startup(stage: Stage, isQuick: boolean, missed: string[]): Promise<string> {
  const rounds = isQuick ? 5 : 21;
  stage.populate(1);
  const laptop = { KUBECONFIG: stage.kubeconfig };
  const programs: Record<string, Program> = {
    'empty Node process': { command: stage.empty, bound: 1 },
    'the job, one namespace': { command: stage.program(), bound: 5 },
    'the job, with a kubeconfig': { command: stage.program([], laptop), bound: 6 },
    '`--version`': { command: stage.program(['--version']), bound: 2.5 },
    '`--help`': { command: stage.program(['--help']), bound: 2.5 },
    '`completion bash`': { command: stage.program(['completion', 'bash']), bound: 2.5 },
    'Tab, for a flag': { command: stage.program(['complete', '--', 'status', '--']), bound: 3 },
    'Tab, for a namespace of the kubeconfig': {
      command: stage.program(['complete', '--', 'status', '-n', ''], laptop),
      bound: 6,
    },
    '`status`': { command: stage.program(['status']), bound: 4 },
    '`prune --dry-run`': { command: stage.program(['prune', '--dry-run']), bound: 4 },
    // What they find wrong in a cluster of emulators is no matter here.
    '`explain`': { command: stage.program(['explain', 'none']), bound: 9, mayFail: true },
    '`doctor`': { command: stage.program(['doctor']), bound: 12, mayFail: true },
  };
  const usages = new Map<string, Usage[]>(Object.keys(programs).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    stage.populate(1);
    for (const [name, { command, mayFail }] of Object.entries(programs)) {
      usages.get(name)?.push(await (mayFail === true ? measure(command) : measureWell(command)));
    }
  }
  const empty = middle(usages.get('empty Node process') ?? []);
  const rows = [...usages].map(([name, used]) => {
    const { cpuMs, peakBytes, wallMs } = middle(used);
    const bound = programs[name]?.bound ?? 1;
    if (cpuMs > bound * empty.cpuMs)
      missed.push(`${name}: ${times(cpuMs, empty.cpuMs)} of an empty process, bound ${bound}×`);
    const cpu = [milliseconds(cpuMs), times(cpuMs, empty.cpuMs), name.startsWith('empty') ? '' : `${bound}×`];
    return [name, ...cpu, mebibytes(peakBytes), times(peakBytes, empty.peakBytes), milliseconds(wallMs)];
  });
  return [
    table([['program', 'CPU', 'CPU ÷ empty', 'bound', 'peak memory', 'memory ÷ empty', 'wall'], ...rows]),
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

import { openCgroup, type Cgroup, type Limits } from './cgroup.ts';
import { measure, measureWell, type Command } from './measure.ts';
import type { Stage } from './stage.ts';
import { milliseconds, spread, table, type Part, type Spread } from './statistics.ts';

const podLimits: Limits = { cpus: 0.1, memoryMiB: 64 };
const ROUNDS = 11;
const MANY = 10_000;

/** Wall time under the limits of the shipped CronJob, and whether many namespaces pass in its memory. */
export async function limits(stage: Stage): Promise<Part> {
  const pod = await openCgroup(podLimits);
  if (!pod.ok) return notMeasured(pod.why);
  const memory = await openCgroup({ memoryMiB: 64 });
  if (!memory.ok) {
    await pod.value.close();
    return notMeasured(memory.why);
  }
  try {
    const wallMs = await underBoth(stage, pod.value);
    const served = await passIn(stage, memory.value, MANY);
    const rows = Object.entries(wallMs).map(([name, { median, low, high }]) => [
      name,
      `${milliseconds(median)} (${[low, high].map(milliseconds).join(' to ')})`,
    ]);
    return {
      markdown: [table([['with 100m CPU and 64 MiB', 'wall'], ...rows]), '', served].join('\n'),
      figures: { wallMs, served },
    };
  } finally {
    await pod.value.close();
    await memory.value.close();
  }
}

function notMeasured(why: string): Part {
  const markdown = `Not measured: no control group that the kernel enforces could be made (${why}).`;
  return { markdown, figures: { notMeasured: why } };
}

async function underBoth(stage: Stage, { enter }: Cgroup): Promise<Record<string, Spread>> {
  const programs: Record<string, Command> = {
    'empty Node process': stage.empty,
    '`--version`': stage.program(['--version']),
    'the job, one namespace': stage.program(),
  };
  const wallMs = new Map<string, number[]>(Object.keys(programs).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    stage.populate(1);
    for (const [name, command] of Object.entries(programs)) {
      wallMs.get(name)?.push((await measureWell({ ...command, enter })).wallMs);
    }
  }
  return Object.fromEntries([...wallMs].map(([name, values]) => [name, spread(values)]));
}

async function passIn(stage: Stage, { enter }: Cgroup, count: number): Promise<string> {
  const names = stage.populate(count);
  const { code } = await measure({ ...stage.program(), enter });
  const served = names.filter((name) => stage.kubernetes.getSecret(name, 'ecr-creds') !== undefined).length;
  return `A pass over ${count} namespaces in 64 MiB ended with exit code ${code ?? 'none (killed)'}; ${served} have their secret.`;
}

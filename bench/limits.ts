import { openCgroup, type Cgroup, type Limits } from './cgroup.ts';
import { measure, measureWell, type Command } from './measure.ts';
import type { Stage } from './stage.ts';
import { median, milliseconds, table } from './statistics.ts';

const podLimits: Limits = { cpus: 0.1, memoryMiB: 64 };

/** Wall time under the limits of the shipped CronJob, and whether many namespaces pass in its memory. */
export async function limits(stage: Stage, isQuick: boolean): Promise<string> {
  const rounds = isQuick ? 3 : 9;
  const many = isQuick ? 1000 : 10_000;
  const pod = await openCgroup(podLimits);
  if (!pod.ok) return `Not measured: no control group that the kernel enforces could be made (${pod.why}).`;
  const memory = await openCgroup({ memoryMiB: 64 });
  if (!memory.ok) {
    await pod.value.close();
    return `Not measured: no control group that the kernel enforces could be made (${memory.why}).`;
  }
  try {
    const rows = await underBoth(stage, pod.value, rounds);
    const served = await passIn(stage, memory.value, many);
    return [table([['with 100m CPU and 64 MiB', 'wall'], ...rows]), '', served].join('\n');
  } finally {
    await pod.value.close();
    await memory.value.close();
  }
}

async function underBoth(stage: Stage, { enter }: Cgroup, rounds: number): Promise<string[][]> {
  const programs: Record<string, Command> = {
    'empty Node process': stage.empty,
    '`--version`': stage.program(['--version']),
    'the job, one namespace': stage.program(),
  };
  const wallMs = new Map<string, number[]>(Object.keys(programs).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    stage.populate(1);
    for (const [name, command] of Object.entries(programs)) {
      wallMs.get(name)?.push((await measureWell({ ...command, enter })).wallMs);
    }
  }
  return [...wallMs].map(([name, values]) => [name, milliseconds(median(values))]);
}

async function passIn(stage: Stage, { enter }: Cgroup, count: number): Promise<string> {
  const names = stage.populate(count);
  const { code } = await measure({ ...stage.program(), enter });
  const served = names.filter((name) => stage.kubernetes.getSecret(name, 'ecr-creds') !== undefined).length;
  return `A pass over ${count} namespaces in 64 MiB ended with exit code ${code ?? 'none (killed)'}; ${served} have their secret.`;
}

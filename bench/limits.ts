import { starting, withController } from './controlled.ts';
import { openCgroup, type Cgroup, type Limits } from './cgroup.ts';
import { measure, measureWell, type Command } from './measure.ts';
import { podMebibytes, type Stage } from './stage.ts';
import { milliseconds, spread, table, type Part, type Spread } from './statistics.ts';
import { listenToWrites } from './writes.ts';

const podLimits: Limits = { cpus: 0.1, memoryMiB: podMebibytes.job };
const ROUNDS = 11;
const MANY = 10_000;
const FAR_TOO_MANY = 100_000;

/** Wall time under the limits of the shipped CronJob, and whether many namespaces pass in its memory. */
export async function limits(stage: Stage): Promise<Part> {
  const pod = await openCgroup(podLimits);
  if (!pod.ok) return notMeasured(pod.why);
  const [memory, more] = [
    await openCgroup({ memoryMiB: podMebibytes.job }),
    await openCgroup({ memoryMiB: podMebibytes.controller }),
  ];
  try {
    if (!memory.ok) return notMeasured(memory.why);
    if (!more.ok) return notMeasured(more.why);
    const wallMs = await underBoth(stage, pod.value);
    const served = `${await passIn(stage, memory.value, MANY)}\n${await keptIn(stage, more.value, FAR_TOO_MANY)}`;
    const rows = Object.entries(wallMs).map(([name, { median, low, high }]) => [
      name,
      `${milliseconds(median)} (${[low, high].map(milliseconds).join(' to ')})`,
    ]);
    return {
      markdown: [table([['with 100m CPU and 64 MiB', 'wall'], ...rows]), '', served].join('\n'),
      figures: { wallMs, served },
    };
  } finally {
    for (const group of [pod, memory, more]) if (group.ok) await group.value.close();
  }
}

function notMeasured(why: string): Part {
  const markdown = `Not measured: no control group that the kernel enforces could be made (${why}).`;
  return { markdown, figures: { notMeasured: why } };
}

async function underBoth(stage: Stage, { enter }: Cgroup): Promise<Record<string, Spread>> {
  const programs: Record<string, Command> = {
    'empty Node process': stage.empty,
    '`--version`': stage.limited(['--version']),
    'the job, one namespace': stage.limited(),
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

/** A controller to which so many namespaces come at once. */
async function keptIn(stage: Stage, { enter }: Cgroup, count: number): Promise<string> {
  stage.populate(0);
  const writes = listenToWrites(stage);
  const command = { ...stage.limited(starting), enter };
  const served = await withController(
    stage,
    async () => {
      stage.populate(count);
      await writes.until(count).catch(() => undefined);
      return writes.atMs.length;
    },
    command,
  );
  stage.populate(0);
  return `A controller in ${podMebibytes.controller} MiB, to which ${count} namespaces came at once, served ${served}.`;
}

async function passIn(stage: Stage, { enter }: Cgroup, count: number): Promise<string> {
  const names = stage.populate(count);
  const { code } = await measure({ ...stage.limited(), enter });
  const served = names.filter((name) => stage.kubernetes.getSecret(name, 'ecr-creds') !== undefined).length;
  return `A pass over ${count} namespaces in 64 MiB ended with exit code ${code ?? 'none (killed)'}; ${served} have their secret.`;
}

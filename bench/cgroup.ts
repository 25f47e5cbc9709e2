import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { measure } from './measure.ts';

export type Limits = {
  /** `0.1` is `100m` in a pod's limits. */
  cpus?: number;
  memoryMiB?: number;
};

export type Cgroup = {
  /** A process that writes its id into these is under the limits. */
  enter: readonly string[];
  close(): Promise<void>;
};

const mount = '/sys/fs/cgroup';
const periodUs = 100_000;

/**
 * Makes a control group with these limits and proves on processes of its own that the kernel enforces them.
 * @returns why there is none, where it cannot be made or is not enforced.
 */
export async function openCgroup(limits: Limits): Promise<{ ok: true; value: Cgroup } | { ok: false; why: string }> {
  const folders: string[] = [];
  const close = async () => {
    for (const folder of folders) await rmdir(folder).catch(() => undefined);
  };
  try {
    await limited(limits, folders);
    const cgroup = { enter: folders.map((folder) => join(folder, 'cgroup.procs')), close };
    const why = await whyNotEnforced(limits, cgroup);
    if (why === undefined) return { ok: true, value: cgroup };
    await close();
    return { ok: false, why };
  } catch (error) {
    await close();
    return { ok: false, why: error instanceof Error ? error.message : String(error) };
  }
}

/** Adds the folders to `folders` as it makes them. */
async function limited({ cpus, memoryMiB }: Limits, folders: string[]): Promise<void> {
  const quotaUs = cpus === undefined ? undefined : String(Math.round(cpus * periodUs));
  const bytes = memoryMiB === undefined ? undefined : String(memoryMiB * 1024 * 1024);
  if (existsSync(join(mount, 'cgroup.controllers')) && !existsSync(join(mount, 'memory'))) {
    const folder = await made(mount, folders);
    if (quotaUs !== undefined) await writeFile(join(folder, 'cpu.max'), `${quotaUs} ${periodUs}`);
    if (bytes !== undefined) await writeFile(join(folder, 'memory.max'), bytes);
    if (bytes !== undefined) await writeFile(join(folder, 'memory.swap.max'), '0').catch(() => undefined);
    return;
  }
  if (quotaUs !== undefined) {
    const folder = await made(join(mount, 'cpu', await ownGroup('cpu')), folders);
    await writeFile(join(folder, 'cpu.cfs_period_us'), String(periodUs));
    await writeFile(join(folder, 'cpu.cfs_quota_us'), quotaUs);
  }
  if (bytes !== undefined) {
    const folder = await made(join(mount, 'memory', await ownGroup('memory')), folders);
    await writeFile(join(folder, 'memory.limit_in_bytes'), bytes);
    await writeFile(join(folder, 'memory.memsw.limit_in_bytes'), bytes).catch(() => undefined);
  }
}

async function made(parent: string, folders: string[]): Promise<string> {
  const folder = join(parent, `ecr-cred-helper-bench-${randomUUID()}`);
  await mkdir(folder);
  folders.push(folder);
  return folder;
}

/** The group of this process in a version 1 hierarchy. */
async function ownGroup(controller: string): Promise<string> {
  const lines = (await readFile('/proc/self/cgroup', 'utf8')).split('\n').map((line) => line.split(':'));
  return lines.find(([, controllers]) => controllers?.split(',').includes(controller))?.[2] ?? '/';
}

const spinMs = 200;
const spin = `while (process.cpuUsage().user < ${spinMs * 1000});`;
const swell = (bytes: number) => `Buffer.alloc(${bytes}, 1)`;

async function whyNotEnforced({ cpus, memoryMiB }: Limits, { enter }: Cgroup): Promise<string | undefined> {
  const env = {};
  if (memoryMiB !== undefined) {
    const args = ['-e', swell(2 * memoryMiB * 1024 * 1024)];
    if ((await measure({ args, env, enter })).code === 0) return `a process with ${2 * memoryMiB} MiB was let live`;
  }
  if (cpus !== undefined) {
    const { wallMs } = await measure({ args: ['-e', spin], env, enter });
    const leastMs = (0.7 * spinMs) / cpus;
    if (wallMs < leastMs)
      return `${spinMs} ms of CPU took ${Math.round(wallMs)} ms, not ${Math.round(leastMs)} ms or more`;
  }
  return undefined;
}

import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bake } from '../../build/bake.ts';
import { bundle } from '../../build/bundle.ts';
import { installLoader } from '../../build/install-loader.ts';
import { sameMutant } from '../mutants/lent.ts';
import { until } from './until.ts';

const root = join(import.meta.dirname, '../..');

/** A command and its arguments, to which those of the program are added. */
export type Command = readonly [string, ...string[]];

export type ShippedProgram = {
  /** The file that starts it. */
  path: string;
  /** Without a limit of memory. */
  command: Command;
  /** In a cgroup of so much memory; a machine without any has no other limit to give, and there `peakOf` is what tells. */
  within(memoryMiB: number): Command;
  close(): Promise<void>;
};

/** The program as the image starts it: built, with its code cache, and with the flags of the Dockerfile. */
export async function shippedProgram(): Promise<ShippedProgram> {
  const { folder, isShared } = await built();
  const path = join(folder, 'ecr-cred-helper.cjs');
  const plain: Command = [process.execPath, ...(await flags()), path];
  const groups: string[] = [];
  return {
    path,
    command: plain,
    within(memoryMiB) {
      const procs = newGroup(memoryMiB, groups);
      return procs === undefined ? plain : ['sh', '-c', `echo $$ >"${procs}"; exec "$@"`, 'sh', ...plain];
    },
    async close() {
      for (const group of groups) rmdirSync(group);
      if (!isShared) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The name of the variable that says where all files of a run share one; the first that needs it builds it. */
export const SHARED_PROGRAM = 'SHARED_TEST_PROGRAM';

/**
 * How a test starts the program that is content with either: built, where all files of a run share that, since it starts in a third
 * of the time; else, and for a mutant, from the source.
 */
export async function anyProgram(): Promise<Command> {
  const isWhole = process.env[SHARED_PROGRAM] !== undefined && Object.keys(sameMutant()).length === 0;
  return [process.execPath, isWhole ? join((await built()).folder, 'ecr-cred-helper.cjs') : 'src/main.ts'];
}

async function built(): Promise<{ folder: string; isShared: boolean }> {
  const shared = process.env[SHARED_PROGRAM];
  if (shared === undefined) {
    const folder = await mkdtemp(join(tmpdir(), 'ecr-cred-helper-shipped-'));
    await buildInto(folder);
    return { folder, isShared: false };
  }
  const [place, ready] = [join(shared, 'dist'), join(shared, 'ready')];
  // Whoever makes the folder builds it.
  const isFirst = await mkdir(shared).then(
    () => true,
    () => false,
  );
  if (isFirst) {
    await buildInto(place);
    await writeFile(ready, '');
  }
  await until('another test file has built the program', () => existsSync(ready));
  return { folder: place, isShared: true };
}

async function buildInto(folder: string): Promise<void> {
  await bundle('src/main.ts', folder, '0.0.0-test');
  await installLoader(folder);
  await bake(folder);
}

/**
 * The most memory of its own that a process has had so far, in MiB, looked at every few milliseconds: what the machine cannot
 * take back, as it can the pages of the file that is Node.
 */
export function peakOf(child: ChildProcess): () => number {
  let peakMiB = 0;
  const look = () => {
    try {
      const [, kibibytes] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? [];
      if (kibibytes !== undefined) peakMiB = Math.max(peakMiB, Number(kibibytes) / 1024);
    } catch {
      clearInterval(timer);
    }
  };
  const timer = setInterval(look, 5);
  child.once('exit', () => clearInterval(timer));
  return () => peakMiB;
}

async function flags(): Promise<string[]> {
  const dockerfile = await readFile(join(root, 'image/Dockerfile'), 'utf8');
  const [, entry] = /^ENTRYPOINT (\[.*\])$/m.exec(dockerfile) ?? [];
  const words: string[] = JSON.parse(entry ?? '[]');
  return words.filter((word) => word.startsWith('--'));
}

/** @returns the file that takes the processes of a new group; undefined where none can be made. */
function newGroup(memoryMiB: number, groups: string[]): string | undefined {
  const name = `ecr-cred-helper-${process.pid}-${groups.length}`;
  for (const [parent, limit] of [
    ['/sys/fs/cgroup/memory', 'memory.limit_in_bytes'],
    ['/sys/fs/cgroup', 'memory.max'],
  ] as const) {
    if (!existsSync(join(parent, 'cgroup.procs'))) continue;
    const group = join(parent, name);
    try {
      mkdirSync(group);
      groups.push(group);
      writeFileSync(join(group, limit), String(memoryMiB * 2 ** 20));
      return join(group, 'cgroup.procs');
    } catch {
      // Not ours to make, or without the controller of memory.
    }
  }
  return undefined;
}

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Finished = { code: number | null; stdout: string; stderr: string };

/** Why a test that needs a program must be skipped; `false` where the program is there. */
export function missing(program: string, debianPackage: string): string | false {
  const { error } = spawnSync(program, ['--version'], { stdio: 'ignore' });
  return error === undefined ? false : `${program} is not installed: apt-get install ${debianPackage}`;
}

/** Runs a program to its end, for at most 60 s, with `env` over the inherited environment. */
export async function run(
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Finished> {
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  await once(child, 'close');
  return { code: child.exitCode, ...output };
}

/** Calls `use` with a directory below `parent` that exists until it returns. */
export async function withDirectory<T>(use: (directory: string) => Promise<T>, parent = tmpdir()): Promise<T> {
  const directory = await mkdtemp(join(parent, 'ecr-cred-helper-'));
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

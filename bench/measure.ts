import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

const probe = join(import.meta.dirname, 'probe.cjs');
const TIMEOUT_MS = 300_000;

/** The end of a step of a start, counted from the start of the process. */
export type Mark = { name: string; wallMs: number; cpuMs: number };

/** What a process used up to its exit. `wallMs` is counted from outside: from its start until it is gone. */
export type Usage = {
  code: number | null;
  cpuMs: number;
  peakBytes: number;
  /** Of Node's own, that it loaded. */
  modules: number;
  wallMs: number;
  marks: Mark[];
  output: string;
};

export type Command = {
  /** What follows `node`. */
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  /** Files that the process writes its id to before it becomes node: a cgroup's `cgroup.procs`. */
  enter?: readonly string[];
};

/** Runs Node to its end and tells what it used. A process that was killed has used nothing that could be told. */
export async function measure(command: Command): Promise<Usage> {
  const startedMs = performance.now();
  const child = start(command);
  const texts = [child.stdout, child.stderr, child.stdio[3]].map(collect);
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
  child.once('error', reject);
  child.once('close', resolve);
  const code = await promise;
  clearTimeout(timer);
  const wallMs = performance.now() - startedMs;
  const [stdout, stderr, report] = await Promise.all(texts);
  // The probe wrote it.
  const used: Pick<Usage, 'cpuMs' | 'peakBytes' | 'modules' | 'marks'> = JSON.parse(
    report || '{"cpuMs":null,"peakBytes":null,"modules":null,"marks":[]}',
  );
  return { code, wallMs, ...used, output: `${stdout}${stderr}` };
}

/** Like `measure`. @throws Error where the process does not end well. */
export async function measureWell(command: Command): Promise<Usage> {
  const usage = await measure(command);
  if (usage.code !== 0) throw new Error(`node ${command.args.join(' ')} ended with ${usage.code}:\n${usage.output}`);
  return usage;
}

/** Starts Node with the probe. */
export function start({ args, env, enter = [] }: Command): ChildProcess {
  const node = [process.execPath, '-r', probe, ...args];
  const stdio = ['ignore', 'pipe', 'pipe', 'pipe'] as const;
  if (enter.length === 0) return spawn(process.execPath, node.slice(1), { env, stdio: [...stdio] });
  const entering = enter.map((file) => `echo $$ > '${file}' && `).join('');
  return spawn('/bin/sh', ['-c', `${entering}exec "$@"`, 'sh', ...node], { env, stdio: [...stdio] });
}

async function collect(stream: ChildProcess['stdio'][number] | undefined): Promise<string> {
  let text = '';
  // All of them are pipes out of the process.
  for await (const chunk of (stream ?? []) as Readable) text += String(chunk);
  return text;
}

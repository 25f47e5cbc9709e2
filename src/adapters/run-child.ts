import { spawn, type ChildProcess } from 'node:child_process';
import { shortened } from '../core/text/shortened.ts';

/** Who runs programs that issue credentials. */
export type ChildHost = {
  /** They inherit it. */
  env: Readonly<Record<string, string | undefined>>;
  /** Whether somebody reads what a program says as it says it, and can answer. */
  hasTerminal: boolean;
  /** Hears a line that a program wrote to its standard error. */
  readonly said: (line: string, program: string) => void;
  /** Ends a program and whatever it started. */
  readonly endChild: (child: ChildProcess) => void;
};

export type ChildRun = {
  /** How it is called in messages. */
  name: string;
  command: string;
  args?: readonly string[];
  /** Whether `command` is for a shell to read. */
  isShell?: boolean;
  /** Beside what it inherits. */
  env?: Readonly<Record<string, string>>;
  /** Whether it may read what is typed. */
  isInteractive: boolean;
  limitMs: number;
};

/** What it printed, and why that is worth nothing where it failed. */
export type ChildEnd = { stdout: string; why?: string; isMissing?: boolean };

const MOST_OUTPUT_BYTES = 1024 * 1024;
/** A question has no line break behind it. */
const UNFINISHED_LINE_MS = 300;

/** Runs a program to its end, or ends it: at its limit, or when `signal` aborts. Never rejects. */
export function runChild(run: ChildRun, host: ChildHost, signal?: AbortSignal): Promise<ChildEnd> {
  const { promise, resolve } = Promise.withResolvers<ChildEnd>();
  const child = spawn(run.command, run.args ?? [], {
    env: { ...host.env, ...run.env },
    stdio: [run.isInteractive ? 'inherit' : 'ignore', 'pipe', 'pipe'],
    shell: run.isShell === true,
  });
  const { stdout: out, stderr: error } = child;
  if (out === null || error === null) throw new Error('a child without pipes'); // never: they were asked for
  const [stdout, stderr] = [collected(out), collected(error)];
  const hush = eachLine(error, (line) => host.said(line, run.name));
  const end = (why: string) => {
    host.endChild(child);
    // `close` would wait for children of it that keep its output open.
    out.destroy();
    error.destroy();
    settle({ why: `${why}: ${inShort(stderr()) || 'it said nothing'}` });
  };
  const onAbort = () => end('did not end in time');
  const timer = setTimeout(() => end(`did not end within ${run.limitMs / 1000} s`), run.limitMs);
  signal?.addEventListener('abort', onAbort, { once: true });
  const settle = (ended: Omit<ChildEnd, 'stdout'>) => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    hush();
    resolve({ stdout: stdout(), ...ended });
  };
  child.on('error', (failure) => {
    const isMissing = 'code' in failure && failure.code === 'ENOENT';
    settle({ isMissing, why: isMissing ? 'is not installed' : `could not be run: ${failure.message}` });
  });
  child.on('close', (code, killed) => {
    if (code === 0) settle({});
    else settle({ why: `ended with ${killed ?? code}: ${inShort(stderr()) || 'it gave no reason'}` });
  });
  return promise;
}

function collected(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MOST_OUTPUT_BYTES) chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

/** Gives on each line as it comes, and what waits for its end a moment later; returns what stops it. */
function eachLine(stream: NodeJS.ReadableStream, tell: (line: string) => void): () => void {
  const decoder = new TextDecoder();
  let rest = '';
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    if (rest.trim() !== '') tell(shortened(rest.trim(), 400));
    rest = '';
  };
  stream.on('data', (chunk: Buffer) => {
    clearTimeout(timer);
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/);
    const unfinished = lines.pop() ?? '';
    for (rest of lines) flush();
    rest = unfinished.slice(0, MOST_OUTPUT_BYTES);
    timer = setTimeout(flush, UNFINISHED_LINE_MS);
  });
  return () => {
    clearTimeout(timer);
    flush();
  };
}

function inShort(value: string): string {
  const lines = value
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => shortened(line, 200));
  // A stack trace ends with what went wrong; most else begins with it.
  const shown = lines.length <= 3 ? lines : [...lines.slice(0, 2), '…', lines.at(-1)];
  return shown.join('; ');
}

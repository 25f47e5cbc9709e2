import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandsIn, endGroup } from './process-group.ts';
import { WIRE, type Told } from './wire.ts';

export type Limits = {
  /** For one test. */
  testMs: number;
  /** For one file with all its hooks. */
  fileMs: number;
};

/** How a file is run. */
export type FileRun = {
  /** Gets what the tests print. */
  output: string;
  limits: Limits;
  /** Only tests whose names match; all where absent. */
  only?: string | undefined;
  /** The first test that fails ends it. */
  untilFailure?: true;
  /** Beside what this process has; what the file starts has it, too. */
  env?: Readonly<Record<string, string>>;
};

export type FileOutcome = {
  file: string;
  passed: number;
  skipped: { test: string; why: string }[];
  failures: { test: string; error: string }[];
  tookMs: number;
};

/** A test that blocks the event loop cannot end itself; Node's own limit gets this long to do it first. */
const GRACE_MS = 2000;
const LOOK_EVERY_MS = 100;
/** What was told to end ends within this, or was left behind. */
const LEAVING_MS = 2000;

/** The name under which a file fails of which no single test does. */
export const wholeFile = 'the file as a whole';

/**
 * Runs a test file in a process group of its own, and leaves nothing of it behind.
 * @param stop ends it with what runs named; its reason says why.
 */
export async function runFile(file: string, run: FileRun, stop: AbortSignal): Promise<FileOutcome> {
  const { output, limits } = run;
  const beganMs = performance.now();
  const outcome: FileOutcome = { file, passed: 0, skipped: [], failures: [], tookMs: 0 };
  const running = new Map<string, number>();
  const begun: { last?: string } = {};
  const child = start(file, run);
  const group = child.pid ?? 0;
  const fail = (test: string, error: string) => outcome.failures.push({ test, error });
  const told = listen(child, (event) => {
    if (event.kind === 'begin') begun.last = event.test;
    note(event, outcome, running);
  });

  const over = new AbortController();
  const watch = async () => {
    while (!over.signal.aborted) {
      const why = stop.aborted ? String(stop.reason) : overdue(running, beganMs, limits);
      if (run.untilFailure === true && outcome.failures.length > 0) return endGroup(group);
      if (why !== undefined) {
        fail([...running.keys()].at(-1) ?? 'a hook, or before any test', why);
        return endGroup(group);
      }
      await sleep(LOOK_EVERY_MS);
    }
  };
  const watching = watch();
  const [code, signal] = await once(child, 'exit');
  over.abort();
  await watching;
  const left = await leftBehind(group);
  endGroup(group);
  await told;
  for (const command of left)
    fail(begun.last ?? wholeFile, `it, or a test before it, left behind a process, ended now: ${command}`);
  if (outcome.failures.length === 0 && code !== 0) {
    fail(wholeFile, `ended with ${signal ?? code}:\n${readFileSync(output, 'utf8').slice(-4000)}`);
  }
  if (outcome.failures.length === 0 && outcome.passed + outcome.skipped.length === 0) {
    fail(wholeFile, 'no test of it ran');
  }
  outcome.tookMs = performance.now() - beganMs;
  return outcome;
}

function start(file: string, { output, limits, only, env }: FileRun): ChildProcess {
  const printed = openSync(output, 'w');
  const args = [
    `--import=${join(import.meta.dirname, 'in-test-process.ts')}`,
    `--test-reporter=${join(import.meta.dirname, 'reporter.ts')}`,
    '--test-reporter-destination=stdout',
    `--test-timeout=${limits.testMs}`,
    '--test-force-exit',
    ...(only === undefined ? [] : [`--test-name-pattern=${only}`]),
    file,
  ];
  const child = spawn(process.execPath, args, {
    detached: true,
    stdio: ['ignore', printed, printed, 'pipe'],
    env: { ...process.env, ...env },
  });
  closeSync(printed);
  return child;
}

/** Resolves when all that was told has been heard. */
async function listen(child: ChildProcess, hear: (told: Told) => void): Promise<void> {
  // A pipe is what `start` asks for there.
  const lines = createInterface({ input: child.stdio[WIRE] as Readable });
  for await (const line of lines) hear(JSON.parse(line) as Told);
}

function note(told: Told, outcome: FileOutcome, running: Map<string, number>): void {
  if (told.kind === 'begin') running.set(told.test, performance.now());
  else running.delete(told.test);
  if (told.kind === 'pass') outcome.passed += 1;
  if (told.kind === 'skip') outcome.skipped.push({ test: told.test, why: told.why });
  if (told.kind === 'fail') outcome.failures.push({ test: told.test, error: told.error });
}

function overdue(
  running: ReadonlyMap<string, number>,
  beganMs: number,
  { testMs, fileMs }: Limits,
): string | undefined {
  const nowMs = performance.now();
  if (nowMs - beganMs > fileMs) return `the file took more than ${fileMs / 1000} s`;
  const isLate = [...running.values()].some((sinceMs) => nowMs - sinceMs > testMs + GRACE_MS);
  return isLate ? `it took more than ${testMs / 1000} s and could not be ended but with its process` : undefined;
}

async function leftBehind(group: number): Promise<string[]> {
  for (let waitedMs = 0; waitedMs < LEAVING_MS; waitedMs += LOOK_EVERY_MS) {
    if (commandsIn(group).length === 0) return [];
    await sleep(LOOK_EVERY_MS);
  }
  return commandsIn(group);
}

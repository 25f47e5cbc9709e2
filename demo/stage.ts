import { spawn, type StdioOptions } from 'node:child_process';
import { styleText } from 'node:util';
import { wrappedLines } from '../src/core/text/table.ts';

/** Who tells the story: prints, types commands into a shell, and leaves time to read. */
export type Stage = {
  readonly title: (text: string) => Promise<void>;
  readonly say: (text: string) => Promise<void>;
  /** Shows a command, runs it, shows what it prints. @returns its exit code. */
  readonly type: (command: string) => Promise<number>;
  /** Runs a command that is not shown. @returns what it printed on standard output. */
  readonly ask: (command: string) => Promise<string>;
  /** Waits until that is so. @returns in how many milliseconds. @throws after a minute. */
  readonly until: (what: string, condition: () => boolean) => Promise<number>;
};

export type StageOptions = {
  env: Record<string, string>;
  /** Whether there is somebody who reads it as it comes. */
  isPaced: boolean;
  /** Aborts when nobody wants to see more. */
  signal: AbortSignal;
};

const MS_A_WORD = 180;
const LONGEST_PAUSE_MS = 5000;
/** To read what kubectl prints, mostly a line, and what the program does, which is why somebody looks. */
const AFTER_A_COMMAND_MS = 1500;
const AFTER_THE_PROGRAM_MS = 5000;

export function createStage({ env, isPaced, signal }: StageOptions): Stage {
  const { isTTY, columns } = process.stdout;
  const isColoured = isTTY && process.env['NO_COLOR'] === undefined;
  const paint = (style: 'bold' | 'cyan', text: string) => (isColoured ? styleText(style, text) : text);
  const pause = (ms: number) => (isPaced ? sleep(Math.min(ms, LONGEST_PAUSE_MS), signal) : Promise.resolve());
  const say = async (text: string) => {
    print(`${wrappedLines(text, isTTY ? { columns } : {}).join('\n')}\n`);
    await pause(text.split(/\s+/).length * MS_A_WORD);
  };
  const shell = async (command: string, shown: boolean) => {
    signal.throwIfAborted();
    // On a terminal commands see it for themselves: how wide it is, and that they may use colours.
    const shownOn = isTTY ? 'inherit' : 'pipe';
    const stdio: StdioOptions = ['ignore', shown ? shownOn : 'pipe', shown ? shownOn : 'ignore'];
    const child = spawn('sh', ['-c', command], { env, stdio });
    const stop = () => child.kill('SIGTERM');
    signal.addEventListener('abort', stop);
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
        if (shown) print(text);
      });
    }
    const { promise, resolve } = Promise.withResolvers<number>();
    child.once('close', (code) => resolve(code ?? 1));
    const code = await promise;
    signal.removeEventListener('abort', stop);
    signal.throwIfAborted();
    return { code, printed };
  };
  return {
    title: (text) => say(`\n${paint('bold', text)}`),
    say,
    async type(command) {
      print(`\n${paint('cyan', `$ ${command}`)}\n`);
      await pause(1000);
      const { code } = await shell(command, true);
      await pause(command.startsWith('ecr-cred-helper') ? AFTER_THE_PROGRAM_MS : AFTER_A_COMMAND_MS);
      return code;
    },
    ask: async (command) => (await shell(command, false)).printed,
    async until(what, condition) {
      const beganMs = performance.now();
      while (!condition()) {
        if (performance.now() - beganMs > 60_000) throw new Error(`${what}: not within a minute`);
        await sleep(1, signal);
      }
      return performance.now() - beganMs;
    },
  };
}

export function print(text: string): void {
  process.stdout.write(text);
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
  clearTimeout(timer);
  signal.throwIfAborted();
}

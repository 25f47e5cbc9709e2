import { callbackify } from 'node:util';
import { externalDataInterceptor } from '@smithy/core/config';
import { runChild, type ChildHost } from '../run-child.ts';

/** What the SDK calls back with: what `exec` of Node does. */
type Callback = (error: NodeJS.ErrnoException | null, output: { stdout: string; stderr: string }) => void;

export type CredentialProcesses = {
  /** Why the one that was run last gave nothing, or that it has not ended; undefined where none was run, or it gave something. */
  trouble(): string | undefined;
  /** Ends what still runs. */
  end(): void;
};

type Running = { result: Promise<string>; trouble: string | undefined };

let current: { processes: Map<string, Running>; stop: AbortController; calls: number } | undefined;

/**
 * Has a profile's `credential_process` run here, for as long as a call lasts: the SDK runs it in each link of its chain anew,
 * without a limit, and waits for it when its call is long over. Calls at the same time share one run.
 */
export function runCredentialProcesses(host: ChildHost, limitMs: number): CredentialProcesses {
  current ??= { processes: new Map(), stop: new AbortController(), calls: 0 };
  const shared = current;
  shared.calls += 1;
  // The SDK looks for it there.
  externalDataInterceptor.getTokenRecord()['exec'] = (command: string, callback: Callback) => {
    const running = shared.processes.get(command) ?? started(command, host, limitMs, shared.stop.signal);
    shared.processes.set(command, running);
    callbackify(async () => ({ stdout: await running.result, stderr: '' }))(callback);
  };
  return {
    trouble: () => [...shared.processes.values()].find(({ trouble }) => trouble !== undefined)?.trouble,
    end() {
      shared.calls -= 1;
      if (shared.calls > 0) return;
      shared.stop.abort();
      if (current === shared) current = undefined;
    },
  };
}

function started(command: string, host: ChildHost, limitMs: number, stop: AbortSignal): Running {
  // The rest may hold a password.
  const name = `the credential_process ${/^\s*(?:"([^"]*)"|(\S*))/.exec(command)?.slice(1).find(Boolean) ?? ''}`;
  const running: Running = { result: Promise.resolve(''), trouble: `${name} did not answer in time` };
  const run = async (): Promise<string> => {
    const { stdout, why } = await runChild({ name, command, isShell: true, isInteractive: false, limitMs }, host, stop);
    running.trouble = why === undefined ? flawOf(stdout, name) : `${name} ${why}`;
    if (running.trouble !== undefined) throw new Error(running.trouble);
    return stdout;
  };
  running.result = run();
  return running;
}

/** Whether it is an object of JSON; what stands in it the SDK judges, and names. */
function flawOf(stdout: string, name: string): string | undefined {
  try {
    JSON.parse(stdout);
    return undefined;
  } catch {
    return `${name} printed no JSON`;
  }
}

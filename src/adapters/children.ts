import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';

/** The processes that this one started: plugins of kubeconfigs, and what the AWS SDK runs as `credential_process`. */
export type Children = {
  /** Ends those that still run, with whatever they started. Synchronous: it is for the end of the process. */
  end(): void;
  /** Ends one, with whatever it started. */
  readonly endOne: (child: ChildProcess) => void;
};

/** Hears of every child from now on, whoever starts it. */
export function watchChildren(kill: (pid: number, signal: 'SIGKILL') => void): Children {
  const running = new Set<ChildProcess>();
  // Node publishes each here before it runs.
  subscribe('child_process', (message) => {
    const { process: child } = message as { process: ChildProcess };
    running.add(child);
    child.once('exit', () => running.delete(child));
  });
  const endOne = ({ pid }: ChildProcess) => {
    if (pid !== undefined) for (const each of family(pid)) ended(each, kill);
  };
  return {
    end() {
      for (const child of running) endOne(child);
      running.clear();
    },
    endOne,
  };
}

/** A process and its descendants, as Linux tells them; elsewhere itself. */
function family(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
    return [pid, ...children.map(Number).flatMap(family)];
  } catch {
    return [pid];
  }
}

function ended(pid: number, kill: Parameters<typeof watchChildren>[0]): void {
  try {
    kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

import type { ChildProcess } from 'node:child_process';

/** Nobody sits before a terminal, and nobody listens to plugins. */
export const quietHost = {
  hasTerminal: false,
  said: (): void => undefined,
  endChild: (child: ChildProcess): void => void child.kill('SIGKILL'),
};

import { watchChildren } from '../../src/adapters/children.ts';

/** Nobody sits before a terminal, and nobody listens to plugins. */
export const quietHost = {
  hasTerminal: false,
  said: (): void => undefined,
  endChild: watchChildren((pid, signal) => process.kill(pid, signal)).endOne,
};

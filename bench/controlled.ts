import type { ChildProcess } from 'node:child_process';
import { start, type Command } from './measure.ts';
import type { Stage } from './stage.ts';

/** What starts the controller. */
export const starting = ['controller', '--listen', '127.0.0.1:0'];

/** Runs the controller for as long as it is used. */
export async function withController<T>(
  stage: Stage,
  use: (child: ChildProcess) => Promise<T>,
  command: Command = stage.program(starting),
): Promise<T> {
  const child = start(command);
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.stdout?.resume();
  child.stderr?.resume();
  try {
    return await use(child);
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

import { readdirSync, readFileSync } from 'node:fs';

/** Ends a process and all that it started, grandchildren too. */
export function endGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // Nobody is left.
  }
}

/** The commands that still run in a process group. Where there is no /proc, only whether any does. */
export function commandsIn(group: number): string[] {
  try {
    process.kill(-group, 0);
  } catch {
    return [];
  }
  if (process.platform !== 'linux') return ['a process'];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => commandOf(pid, group) ?? []);
}

/** A zombie is over; it waits for somebody to ask how it ended. */
function commandOf(pid: string, group: number): string | undefined {
  try {
    // After the command's name, in parentheses, which may hold anything: state, parent, group.
    const [state, , ofGroup] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    if (Number(ofGroup) !== group || state === 'Z') return undefined;
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return undefined;
  }
}

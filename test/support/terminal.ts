import { randomBytes } from 'node:crypto';
import { run } from '../emulators/tools.ts';
import { until } from './until.ts';

/** A terminal in tmux, in which somebody types. */
export type Terminal = {
  type(text: string): Promise<void>;
  /** A key by tmux's name: `Enter`, `Tab`, `C-c`. */
  press(key: string): Promise<void>;
  /** What has been shown so far, scrolled away or not, as it was printed: what the screen broke is whole. */
  shown(): Promise<string>;
  /** Waits until that fits; half a minute, where no other time is given. */
  shows(pattern: RegExp, withinMs?: number): Promise<string>;
  close(): Promise<void>;
};

/** Opens a terminal of so many columns that runs a command of a shell. */
export async function openTerminal(columns: number, command: string, env: Record<string, string>): Promise<Terminal> {
  const socket = `ecr-cred-helper-${randomBytes(6).toString('hex')}`;
  // A path below a directory that may be long; sockets may not.
  const tmux = (...args: string[]) =>
    run('tmux', ['-L', socket, '-f', '/dev/null', ...args], { ...env, TMUX_TMPDIR: '/tmp' });
  const size = ['-x', String(columns), '-y', '40'];
  const started = await tmux('new-session', '-d', '-s', 'main', ...size, `${command}; sleep 60`);
  if (started.code !== 0) throw new Error(`tmux: ${started.stderr}`);
  await tmux('set-option', '-g', 'history-limit', '20000');
  const shown = async () =>
    (await tmux('capture-pane', '-p', '-J', '-S', '-', '-t', 'main')).stdout.replaceAll(/ +$/gm, '');
  return {
    type: async (text) => void (await tmux('send-keys', '-t', 'main', '-l', text)),
    press: async (key) => void (await tmux('send-keys', '-t', 'main', key)),
    shown,
    async shows(pattern, withinMs = 30_000) {
      let last = '';
      try {
        await until(String(pattern), async () => pattern.test((last = await shown())), withinMs);
      } catch (error) {
        throw new Error(`the terminal shows\n${last}`, { cause: error });
      }
      return last;
    },
    close: async () => void (await tmux('kill-server')),
  };
}

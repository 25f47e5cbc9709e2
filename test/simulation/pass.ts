import { clusterOn } from '../../src/adapters/kubernetes/cluster.ts';
import type { Transport } from '../../src/adapters/kubernetes/requests.ts';
import { refresh } from '../../src/commands/refresh.ts';
import type { ExitCode } from '../../src/core/failures/errors.ts';
import type { TokenSource } from '../../src/ports.ts';
import { sinkOf } from '../support/sink.ts';
import type { Dice } from './dice.ts';
import { settingsOf } from './settings.ts';
import { clockOf, type Life, type VirtualTime } from './virtual-time.ts';

/** One process of the CronJob, from its start to its end or to its death. */
export type Pass = Life & {
  readonly name: string;
  readonly beganMs: number;
  exitCode: ExitCode | undefined;
  kill(): void;
};

export type PassOptions = {
  name: string;
  time: VirtualTime;
  dice: Dice;
  env: Record<string, string>;
  connect(life: Life): { transport: Transport; tokens: TokenSource };
  note: (line: string) => void;
  onEnded(pass: Pass): void;
  onBug(error: unknown): void;
};

/** Starts the job as it ships. */
export function startPass(options: PassOptions): Pass {
  const { name, time, dice, note } = options;
  const state: { isAlive: boolean } = { isAlive: true };
  const pass: Pass = {
    name,
    beganMs: time.nowMs(),
    exitCode: undefined,
    isAlive: () => state.isAlive,
    frozenUntilMs: () => 0,
    wallOffsetMs: () => 0,
    kill: () => (state.isAlive = false),
  };
  const { transport, tokens } = options.connect(pass);
  const deps = {
    cluster: clusterOn(transport),
    tokens,
    clock: clockOf(time, pass),
    random: dice.chance,
    log: (level: string, message: string, keys?: object) => {
      if (level !== 'debug') note(`${name} ${level}: ${message} ${JSON.stringify(keys ?? {})}`);
    },
    progress: { update: () => {}, end: () => {} },
    sink: sinkOf(),
    write: () => Promise.resolve(),
    isCollected: true,
    screen: {},
  };
  const run = async () => {
    try {
      pass.exitCode = await refresh(settingsOf('refresh', options.env), deps, new AbortController().signal);
    } catch (error) {
      return options.onBug(error);
    }
    if (!state.isAlive) return;
    state.isAlive = false;
    options.onEnded(pass);
  };
  void run();
  return pass;
}

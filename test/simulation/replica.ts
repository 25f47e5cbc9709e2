import { controllerCluster } from '../../src/adapters/kubernetes/controller-cluster.ts';
import type { Transport } from '../../src/adapters/kubernetes/requests.ts';
import { controller, type Controller } from '../../src/controller/controller.ts';
import type { WatchTimings } from '../../src/controller/watch-position.ts';
import type { LeaseTimings } from '../../src/core/controller/lease.ts';
import type { TokenSource } from '../../src/ports.ts';
import { settingsNote } from '../../src/core/controller/shared-settings.ts';
import { sinkOf } from '../support/sink.ts';
import type { Dice } from './dice.ts';
import { settingsOf } from './settings.ts';
import { clockOf, type Life, type VirtualTime } from './virtual-time.ts';

/** One process that runs the controller, until it is killed or told to stop. */
export type Replica = Life & {
  readonly name: string;
  readonly slot: number;
  readonly controller: Controller;
  /** No packet reaches or leaves it until then. */
  cutOffUntilMs: number;
  frozenMs: number;
  offsetMs: number;
  stoppingSinceMs: number | undefined;
  /** The process is gone from one moment to the next. */
  kill(): void;
  /** SIGTERM. */
  stop(): void;
  /** What it did lately, for the invariants. */
  readonly requests: { sinceMs: number; count: number; byNamespace: Map<string, number> };
  readonly warned: Map<string, number>;
};

export type ReplicaOptions = {
  slot: number;
  name: string;
  time: VirtualTime;
  dice: Dice;
  lease: LeaseTimings | undefined;
  watchTimings: WatchTimings;
  env: Record<string, string>;
  connect(replica: Life & { cutOffUntilMs: number }): { transport: Transport; tokens: TokenSource };
  note: (line: string) => void;
  onEnded(replica: Replica): void;
  onBug(error: unknown): void;
};

const place = { namespace: 'ecr-cred-helper', name: 'ecr-cred-helper' };
const nothing = () => {};
const meter = {
  applied: nothing,
  waited: nothing,
  ecrCalled: nothing,
  watchHeard: nothing,
  watchRestarted: nothing,
  contended: nothing,
  pruned: nothing,
  eventSent: nothing,
};

/** Starts a replica as it ships, but for timings that a scenario stretches. */
export function startReplica(options: ReplicaOptions): Replica {
  const { name, slot, time, dice, lease, watchTimings, note } = options;
  const stopping = new AbortController();
  let isAlive = true;
  const life = {
    offsetMs: 0,
    frozenMs: 0,
    cutOffUntilMs: 0,
    isAlive: () => isAlive,
    frozenUntilMs: () => life.frozenMs,
    wallOffsetMs: () => life.offsetMs,
  };
  const { transport, tokens } = options.connect(life);
  const settings = settingsOf('controller', options.env);
  const leader =
    lease === undefined ? undefined : { place, identity: name, timings: lease, note: settingsNote(settings) };
  const instance = controller(
    { ...settings, identity: name, watchTimings, leader },
    {
      cluster: controllerCluster(transport),
      tokens,
      clock: clockOf(time, life),
      random: dice.chance,
      sink: sinkOf(),
      log: (level, message, keys) => {
        if (level !== 'debug') note(`${name} ${level}: ${message} ${JSON.stringify(keys ?? {})}`);
      },
      meter,
    },
  );
  const replica: Replica = Object.assign(life, {
    name,
    slot,
    controller: instance,
    stoppingSinceMs: undefined,
    requests: { sinceMs: 0, count: 0, byNamespace: new Map<string, number>() },
    warned: new Map<string, number>(),
    kill: () => {
      isAlive = false;
    },
    stop: () => {
      if (replica.stoppingSinceMs !== undefined) return;
      replica.stoppingSinceMs = time.nowMs();
      stopping.abort('SIGTERM');
    },
  });
  const run = async () => {
    try {
      await instance.run(stopping.signal);
    } catch (error) {
      return options.onBug(error);
    }
    if (!isAlive) return;
    isAlive = false;
    options.onEnded(replica);
  };
  void run();
  return replica;
}

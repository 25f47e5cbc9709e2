import type { WatchTimings } from '../../src/controller/watch-position.ts';
import { controller, type Controller } from '../../src/controller/controller.ts';
import type { LeaseTimings } from '../../src/core/controller/lease.ts';
import type { ControllerCluster, TokenSource } from '../../src/ports.ts';
import type { Dice } from './dice.ts';
import { label, secretName } from './server.ts';
import { clockOf, type Life, type VirtualTime } from './virtual-time.ts';
import { sinkOf } from '../support/sink.ts';

/** One process that runs the controller, until it is killed or told to stop. */
export type Replica = Life & {
  readonly name: string;
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
  readonly requests: { sinceMs: number; count: number };
  readonly warned: Map<string, number>;
};

export type ReplicaOptions = {
  name: string;
  time: VirtualTime;
  dice: Dice;
  lease: LeaseTimings | undefined;
  watchTimings: WatchTimings;
  prune: boolean;
  connect(replica: Life & { cutOffUntilMs: number }): { cluster: ControllerCluster; tokens: TokenSource };
  note: (line: string) => void;
  onEnded(replica: Replica): void;
  onBug(error: unknown): void;
};

/** Starts a replica. */
export function startReplica(options: ReplicaOptions): Replica {
  const { name, time, dice, lease, watchTimings, prune, note } = options;
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
  const instance = controller(
    {
      secretName,
      labelName: label.name,
      labelValue: label.value,
      onConflict: 'refuse',
      registries: [],
      concurrency: 4,
      prune,
      identity: name,
      watchTimings,
      graceMs: 20_000,
      leader:
        lease === undefined
          ? undefined
          : { place: { namespace: 'kube-system', name: 'lease' }, identity: name, timings: lease },
    },
    {
      ...options.connect(life),
      clock: clockOf(time, life),
      random: dice.chance,
      sink: sinkOf(),
      log: (level, message, keys) => {
        if (level !== 'debug') note(`${name} ${level}: ${message} ${JSON.stringify(keys ?? {})}`);
      },
      meter: {
        applied: () => {},
        waited: () => {},
        ecrCalled: () => {},
        watchRestarted: () => {},
        contended: () => {},
        pruned: () => {},
        eventSent: () => {},
      },
    },
  );
  const replica: Replica = Object.assign(life, {
    name,
    controller: instance,
    stoppingSinceMs: undefined,
    requests: { sinceMs: 0, count: 0 },
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

import { createHash } from 'node:crypto';
import type { ApiRequest, Transport } from '../../src/adapters/kubernetes/requests.ts';
import type { TokenSource } from '../../src/ports.ts';
import type { Dice } from './dice.ts';
import { Ecr } from './model/ecr.ts';
import { Store, type Change } from './model/store.ts';
import { Broken, checkApply, checkDelete, checkEvent, checkLeaders, checkMemory, checkRate } from './invariants.ts';
import { fairWeather, network, type Fate, type Weather } from './network.ts';
import { startPass, type Pass } from './pass.ts';
import { startReplica, type Replica } from './replica.ts';
import type { Scenario } from './scenario.ts';
import { virtualTime, type Life, type VirtualTime } from './virtual-time.ts';

/** What a story has happen, besides the weather. */
export type Plot = {
  /** What a reading of a clock takes. */
  readonly readingMs?: number;
  /** What becomes of a request of this process. */
  readonly fate?: (request: ApiRequest, name: string) => Fate | undefined;
  /** Whether an event arrives at this process. */
  readonly arrives?: (change: Pick<Change, 'topic' | 'type'>, name: string) => boolean;
  /** Its replicas do not know of each other: each leads all the time. */
  readonly areApart?: true;
  /** After a write was carried out. */
  readonly onWritten?: (request: ApiRequest, name: string, world: World) => void;
};

/** One process of this program. */
export type Process = Life & {
  readonly name: string;
  /** It has seen all namespaces as they were then or later. */
  listedMs: number;
};

/** Work that goes on for longer than any needs is stuck. */
const stopsWithinMs = 60_000;

/** API servers, AWS and the processes of this program between them, in virtual time. The same dice make the same world. */
export class World {
  readonly time: VirtualTime;
  readonly store = new Store();
  readonly ecr: Ecr;
  readonly weather: Weather = { ...fairWeather };
  readonly scenario: Scenario;
  readonly dice: Dice;
  readonly replicas: Replica[] = [];
  readonly passes: Pass[] = [];
  readonly openWatches = new Set<() => void>();
  /** Namespaces whose secret another party changes back for now. */
  readonly fights = new Set<string>();
  /** Namespaces, by their uid, on which the server took a Warning. */
  readonly warned = new Set<string>();
  /** When the server was back on restored data. */
  restoredAtMs: number | undefined;
  /** A copy of etcd, and when it was made. */
  backup: { restore: () => void; atMs: number } | undefined;
  readonly story: string[] = [];
  /** The first promise that was broken. */
  failure: string | undefined;
  readonly areApart: boolean;
  readonly #digest = createHash('sha256');
  readonly #plot: Plot;
  readonly #storyLines: number;
  #started = 0;

  constructor(scenario: Scenario, dice: Dice, plot: Plot = {}, storyLines = 80) {
    this.scenario = scenario;
    this.dice = dice;
    this.time = virtualTime(plot.readingMs);
    this.#plot = plot;
    this.areApart = plot.areApart === true;
    this.#storyLines = storyLines;
    this.ecr = new Ecr(this.time, scenario.tokenLifeMs);
    this.#fight();
  }

  /** The same for the same dice. */
  digest(): string {
    return this.#digest.copy().digest('hex');
  }

  note(line: string): void {
    const told = `${(this.time.nowMs() / 1000).toFixed(3)} s  ${line}`;
    this.#digest.update(told);
    this.story.push(told);
    if (this.story.length > 2 * this.#storyLines) this.story.splice(0, this.#storyLines);
  }

  /** Notes the first promise that is broken. */
  check(holds: () => void): void {
    try {
      holds();
    } catch (error) {
      this.fail(error);
    }
  }

  fail(error: unknown): void {
    this.failure ??=
      error instanceof Broken ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
  }

  /** Starts the replica of a slot. */
  launch(slot: number): Replica {
    const { scenario, time, replicas } = this;
    const name = this.#newName(`r${slot}`);
    const replica = startReplica({
      slot,
      name,
      time,
      dice: this.dice.fork(),
      lease: scenario.lease,
      watchTimings: scenario.watchTimings,
      env: { ...this.#env(), ECR_PRUNE: String(scenario.prune), ECR_LEASE_NAMESPACE: 'ecr-cred-helper' },
      note: (line) => this.note(line),
      connect: (life) => this.#connect(name, life, () => life.cutOffUntilMs > time.nowMs()),
      onEnded: (ended) => {
        this.note(`${ended.name} has stopped`);
        this.restart(ended);
      },
      onBug: (error) => this.fail(error),
    });
    replicas.push(replica);
    return replica;
  }

  /** Another one takes the place of one that is gone. */
  restart(replica: Replica): void {
    const index = this.replicas.indexOf(replica);
    if (index === -1) return;
    this.replicas.splice(index, 1);
    this.time.plan(this.dice.between(500, 30_000), () => void this.launch(replica.slot));
  }

  /** The CronJob starts its pod. */
  startPass(): Pass {
    const name = this.#newName('job');
    const pass = startPass({
      name,
      time: this.time,
      dice: this.dice.fork(),
      env: this.#env(),
      note: (line) => this.note(line),
      connect: (life) => this.#connect(name, life, () => false),
      onEnded: (ended) => this.note(`${ended.name} has ended with ${ended.exitCode}`),
      onBug: (error) => this.fail(error),
    });
    this.passes.push(pass);
    return pass;
  }

  /** Lets time pass up to then, or to the first promise that is broken. */
  async runUntil(untilMs: number): Promise<void> {
    const goal = { isReached: false };
    this.time.plan(untilMs - this.time.nowMs(), () => (goal.isReached = true));
    while (!goal.isReached && this.failure === undefined) {
      if (!(await this.time.step())) this.failure ??= 'nothing is planned any more';
      if (this.time.steps % 64 === 0) this.#checkProcesses();
    }
  }

  async runFor(delayMs: number): Promise<void> {
    await this.runUntil(this.time.nowMs() + delayMs);
  }

  /** All processes die. */
  end(): void {
    for (const process of [...this.replicas, ...this.passes]) process.kill();
  }

  #env(): Record<string, string> {
    return { ECR_CONCURRENCY: String(this.scenario.concurrency) };
  }

  #newName(kind: string): string {
    this.#started += 1;
    return `${kind}-${this.#started}`;
  }

  #connect(name: string, life: Life, isCutOff: () => boolean): { transport: Transport; tokens: TokenSource } {
    const { time, store, scenario, openWatches } = this;
    const dice = this.dice.fork();
    const { fate, arrives, onWritten } = this.#plot;
    const process: Process = Object.assign(Object.create(life) as Life, { name, listedMs: -1 });
    const replica = () => this.replicas.find((each) => each.name === name);
    const transport = network({
      time,
      store,
      dice,
      life,
      weather: () => this.weather,
      isCutOff,
      canStream: scenario.canStream,
      bookmarkMs: scenario.bookmarkMs,
      openWatches,
      requestTimeoutMs: 15_000,
      ...(fate === undefined ? {} : { fate: (asked) => fate(asked, name) }),
      ...(arrives === undefined ? {} : { arrives: (change) => arrives(change, name) }),
      ...(onWritten === undefined ? {} : { onWritten: (asked) => onWritten(asked, name, this) }),
      onListed: (asOfMs) => (process.listedMs = Math.max(process.listedMs, asOfMs)),
      onRequest: (asked) => {
        const mine = replica();
        if (mine !== undefined) this.check(() => checkRate(this, mine, asked));
      },
      writes: {
        onApply: (namespace, body) => {
          this.note(`${name} writes ${namespace}`);
          this.check(() => checkApply(this, process, namespace, body));
        },
        onDelete: (namespace) => {
          this.note(`${name} deletes ${namespace}`);
          this.check(() => checkDelete(this, namespace));
        },
        onEvent: (namespace, body) => {
          const mine = replica();
          if (mine !== undefined) this.check(() => checkEvent(this, mine, namespace, body));
        },
      },
    });
    return { transport, tokens: this.ecr.source(dice, life) };
  }

  #checkProcesses(): void {
    this.check(() => checkLeaders(this));
    this.check(() => checkMemory(this));
    const nowMs = this.time.nowMs();
    for (const { name, stoppingSinceMs: since, frozenMs } of this.replicas) {
      if (since !== undefined && nowMs - since > stopsWithinMs && frozenMs < since)
        this.failure ??= `${name} does not stop`;
    }
    for (const pass of this.passes) {
      const lateMs = nowMs - pass.beganMs - 10 * 60_000;
      if (pass.isAlive() && lateMs > 1000) this.failure ??= `${pass.name} does not end at its deadline`;
    }
    const gone = this.passes.findIndex((pass) => pass.isAlive());
    this.passes.splice(0, gone === -1 ? this.passes.length : gone);
  }

  /** The other party of a fight: it undoes each write of ours a little later. */
  #fight(): void {
    const { store, fights } = this;
    const isOurs = (namespace: string) => store.secrets.get(namespace)?.dataOwner === 'ecr-cred-helper';
    store.listen(({ topic, type, object }) => {
      const namespace = object.metadata.namespace ?? '';
      if (topic !== 'secrets' || type === 'DELETED' || !fights.has(namespace) || !isOurs(namespace)) return;
      this.time.plan(this.dice.between(5, 500), () => {
        if (!fights.has(namespace) || !isOurs(namespace)) return;
        store.putSecret(namespace, { data: 'e30=', dataOwner: 'somebody', isApplied: false }, 'somebody');
      });
    });
  }
}

import { createHash } from 'node:crypto';
import { dice } from './dice.ts';
import { Ecr } from './ecr.ts';
import {
  Broken,
  checkAlways,
  checkDelete,
  checkEvent,
  checkRate,
  checkWell,
  checkWrite,
  isBusy,
  type Watched,
} from './invariants.ts';
import { startReplica, type Replica } from './replica.ts';
import { scenarioOf, type Scenario } from './scenario.ts';
import { Server } from './server.ts';
import { clearUp, disasters, everyday, type Stage } from './troubles.ts';
import { virtualTime } from './virtual-time.ts';
import { fairWeather, wire, type Weather } from './wire.ts';

/** A world that cheats, or a controller with wrong timings: a simulation that passes with one of these proves nothing. */
export type Sabotage = {
  scenario?: (scenario: Scenario) => Scenario;
  server?: (server: Server) => void;
  ecr?: (ecr: Ecr) => void;
};

export type Verdict = {
  seed: number;
  /** The promise that was broken; absent where all were kept. */
  broken?: string;
  /** What happened last, oldest first. */
  story: string[];
  /** The same for the same seed. */
  digest: string;
  steps: number;
  virtualMs: number;
};

/** More than any seed needs: what goes on for ever is broken, too. */
const mostSteps = 3_000_000;

/** Work that takes longer in good weather is stuck. */
const patienceS = 10;

/** Runs one seed to its end or to the first promise that is broken. */
export async function simulate(seed: number, sabotage: Sabotage = {}, storyLines = 80): Promise<Verdict> {
  const chance = dice(seed);
  const drawn = scenarioOf(chance.fork());
  const scenario = sabotage.scenario?.(drawn) ?? drawn;
  const time = virtualTime();
  const server = new Server();
  const ecr = new Ecr(time, scenario.tokenLifeMs);
  sabotage.server?.(server);
  sabotage.ecr?.(ecr);
  const weather: Weather = { ...fairWeather };
  const digest = createHash('sha256');
  const story: string[] = [];
  const run: { failure?: string; steps: number } = { steps: 0 };

  const note = (line: string) => {
    const told = `${(time.nowMs() / 1000).toFixed(3)} s  ${line}`;
    digest.update(told);
    story.push(told);
    if (story.length > 2 * storyLines) story.splice(0, storyLines);
  };
  const check = (holds: () => void) => {
    try {
      holds();
    } catch (error) {
      run.failure ??=
        error instanceof Broken ? error.message : error instanceof Error ? (error.stack ?? error.message) : 'unknown';
    }
  };

  const replicas: Replica[] = [];
  const openWatches = new Set<() => void>();
  const watched: Watched = { time, server, ecr, replicas };
  let started = 0;

  const launch = (slot: number) => {
    started += 1;
    const replicaDice = chance.fork();
    const wireDice = chance.fork();
    // The checks need the replica that the controller's first requests are made for.
    const found: { replica?: Replica } = {};
    const replica = startReplica({
      name: `r${slot}-${started}`,
      time,
      dice: replicaDice,
      lease: scenario.lease,
      watchTimings: scenario.watchTimings,
      prune: scenario.prune,
      note,
      connect: (life) => ({
        tokens: ecr.source(wireDice, life),
        cluster: wire({
          time,
          server,
          dice: wireDice,
          life,
          weather: () => weather,
          isCutOff: () => life.cutOffUntilMs > time.nowMs(),
          canStream: scenario.canStream,
          bookmarkMs: scenario.bookmarkMs,
          openWatches,
          requestTimeoutMs: 15_000,
          onRequest: () => {
            const { replica } = found;
            if (replica !== undefined) check(() => checkRate(watched, replica));
          },
          onWrite: (namespace, body) => {
            note(`${found.replica?.name} writes ${namespace}`);
            check(() => checkWrite(watched, found.replica, namespace, body));
          },
          onDelete: (namespace) => {
            note(`${found.replica?.name} deletes ${namespace}`);
            check(() => checkDelete(watched, scenario.prune, namespace));
          },
          onEvent: (namespace, body) => {
            const { replica } = found;
            if (replica !== undefined) check(() => checkEvent(watched, replica, namespace, body));
          },
        }),
      }),
      onEnded: (ended) => {
        note(`${ended.name} has stopped`);
        restart(ended);
      },
      onBug: (error) => {
        run.failure ??= error instanceof Error ? (error.stack ?? error.message) : String(error);
      },
    });
    found.replica = replica;
    replicas.push(replica);
  };
  const restart = (replica: Replica) => {
    const index = replicas.indexOf(replica);
    if (index === -1) return;
    replicas.splice(index, 1);
    const slot = Number(/^r(\d+)/.exec(replica.name)?.[1] ?? 0);
    time.plan(chance.between(500, 30_000), () => launch(slot));
  };

  const stage: Stage = {
    time,
    dice: chance,
    server,
    ecr,
    weather,
    openWatches,
    replicas: () => replicas,
    restart,
    fights: new Set(),
    note,
    stormMs: scenario.stormMs,
  };
  /** The other party of a fight: it undoes each write of ours a little later. */
  server.listen((change) => {
    const namespace = change.metadata.namespace ?? '';
    if (change.topic !== 'secrets' || change.type === 'DELETED' || !stage.fights.has(namespace)) return;
    if (server.secrets.get(namespace)?.dataOwner !== 'ecr-cred-helper') return;
    time.plan(chance.between(5, 500), () => {
      if (!stage.fights.has(namespace) || server.secrets.get(namespace)?.dataOwner !== 'ecr-cred-helper') return;
      server.putSecret(namespace, { data: 'e30=', dataOwner: 'somebody' }, 'somebody');
    });
  });

  const runUntil = async (untilMs: number) => {
    const goal = { isReached: false };
    time.plan(untilMs - time.nowMs(), () => (goal.isReached = true));
    while (!goal.isReached && run.failure === undefined) {
      if (!(await time.step())) run.failure ??= 'nothing is planned any more';
      run.steps += 1;
      check(() => checkAlways(watched));
      for (const replica of replicas) {
        const since = replica.stoppingSinceMs;
        if (since !== undefined && time.nowMs() - since > 60_000 && replica.frozenMs < since)
          run.failure ??= `${replica.name} does not stop`;
      }
      if (run.steps > mostSteps) run.failure ??= `it takes more than ${mostSteps} steps`;
    }
  };
  const expectWell = async () => {
    for (let second = 0; second < patienceS && isBusy(watched); second += 1) await runUntil(time.nowMs() + 1000);
    if (run.failure === undefined) check(() => checkWell(watched, scenario.boundMs));
  };
  const happen = (from: typeof everyday) => {
    const name = chance.pick(Object.keys(from)) ?? '';
    note(`-- ${name}`);
    from[name]?.(stage);
  };

  for (let index = 0; index < scenario.namespaces; index += 1)
    server.createNamespace(`ns-${index + 1}`, chance.happens(0.7), 0);
  for (let slot = 1; slot <= scenario.replicas; slot += 1) time.plan(chance.between(0, 5000), () => launch(slot));

  for (let round = 0; round < scenario.rounds && run.failure === undefined; round += 1) {
    const stormEndMs = time.nowMs() + scenario.stormMs;
    note('-- a storm begins');
    for (let index = 0; index < scenario.troubles; index += 1) {
      time.plan(chance.chance() * scenario.stormMs, () => {
        if (time.nowMs() < stormEndMs) happen(chance.happens(0.4) ? everyday : disasters);
      });
    }
    await runUntil(stormEndMs);
    // What a spell of bad weather still has planned ends it once more, which changes nothing.
    Object.assign(weather, fairWeather);
    clearUp(stage);
    note('-- all is well');
    await runUntil(time.nowMs() + scenario.boundMs);
    await expectWell();
    for (let index = 0; index < 6 && run.failure === undefined; index += 1) {
      happen(everyday);
      await runUntil(time.nowMs() + 60_000);
      await expectWell();
    }
  }
  for (const replica of replicas) replica.kill();
  return {
    seed,
    ...(run.failure === undefined ? {} : { broken: run.failure }),
    story: story.slice(-storyLines),
    digest: digest.digest('hex'),
    steps: run.steps,
    virtualMs: time.nowMs(),
  };
}

import { dice } from './dice.ts';
import { Broken, checkWell, isBusy, isContended } from './invariants.ts';
import { scenarioOf, type Scenario } from './scenario.ts';
import { longestWaitMs, quietMs } from './stated-times.ts';
import { clearUp, disasters, everyday } from './troubles.ts';
import { World } from './world.ts';

export type Options = {
  /** Only so many troubles come: for finding the shortest story that still fails. */
  mostTroubles?: number;
  /** Goes on for so long, at least. */
  days?: number;
  /** A world that cheats, or wrong timings: a simulation that passes with one of these proves nothing. */
  sabotage?: { scenario?: (scenario: Scenario) => Scenario; world?: (world: World) => void };
  storyLines?: number;
};

export type Verdict = {
  seed: number;
  /** The promise that was broken; absent where all were kept. */
  broken?: string;
  /** What happened last, oldest first. */
  story: string[];
  /** The same for the same seed. */
  digest: string;
  /** That came. */
  troubles: number;
  steps: number;
  virtualMs: number;
};

/** Work that takes longer in good weather is stuck. */
const patienceS = 10;

/** Runs one seed to its end or to the first promise that is broken: storms and good times, in turns. */
export async function simulate(seed: number, options: Options = {}): Promise<Verdict> {
  const { mostTroubles = Number.POSITIVE_INFINITY, days = 0, sabotage = {}, storyLines } = options;
  const chance = dice(seed);
  const drawn = scenarioOf(chance.fork());
  const scenario = sabotage.scenario?.(drawn) ?? drawn;
  const world = new World(scenario, chance, {}, storyLines);
  sabotage.world?.(world);
  let troubles = 0;
  const happen = (from: typeof everyday): void => {
    const name = chance.pick(Object.keys(from)) ?? '';
    if (troubles >= mostTroubles) return;
    troubles += 1;
    world.note(`-- ${name}`);
    from[name]?.(world);
  };
  const expectWell = async (): Promise<void> => {
    for (let second = 0; second < patienceS && isBusy(world); second += 1) await world.runFor(1000);
    const isWell = () => isContent(() => checkWell(world, scenario.boundMs));
    // Who takes it for a fight waits for longer; newer tokens of others are believed, and things are said, for ten minutes.
    if (world.failure === undefined && !isWell()) await world.runFor(isContended(world) ? longestWaitMs : quietMs);
    if (world.failure === undefined) world.check(() => checkWell(world, scenario.boundMs));
  };

  populate(world);
  for (let round = 0; round < scenario.rounds || world.time.nowMs() < days * 86_400_000; round += 1) {
    await storm(world, () => happen(chance.happens(0.4) ? everyday : disasters));
    await world.runFor(scenario.boundMs);
    await expectWell();
    for (let index = 0; index < 6 && world.failure === undefined; index += 1) {
      happen(everyday);
      await world.runFor(60_000);
      await expectWell();
    }
    if (world.failure !== undefined) break;
  }
  world.end();
  return {
    seed,
    ...(world.failure === undefined ? {} : { broken: world.failure }),
    story: world.story.slice(-(storyLines ?? 80)),
    digest: world.digest(),
    troubles,
    steps: world.time.steps,
    virtualMs: world.time.nowMs(),
  };
}

function isContent(holds: () => void): boolean {
  try {
    holds();
    return true;
  } catch (error) {
    if (error instanceof Broken) return false;
    throw error;
  }
}

/** Namespaces and replicas, as the scenario has them. */
function populate(world: World): void {
  const { store, scenario, dice: chance, time } = world;
  for (let index = 1; index <= scenario.namespaces; index += 1) {
    store.createNamespace(`ns-${index}`, chance.happens(0.7), 0);
  }
  for (let slot = 1; slot <= scenario.replicas; slot += 1) {
    time.plan(chance.between(0, 5000), () => void world.launch(slot));
  }
  if (scenario.jobEveryMs === undefined) return;
  const everyMs = scenario.jobEveryMs;
  const start = (): void => {
    world.startPass();
    time.plan(everyMs, start);
  };
  time.plan(chance.chance() * everyMs, start);
}

async function storm(world: World, happen: () => void): Promise<void> {
  const { scenario, dice: chance, time } = world;
  const endMs = time.nowMs() + scenario.stormMs;
  world.note('-- a storm begins');
  for (let index = 0; index < scenario.troubles; index += 1) {
    time.plan(chance.chance() * scenario.stormMs, () => {
      if (time.nowMs() < endMs) happen();
    });
  }
  await world.runUntil(endMs);
  // What a spell of bad weather still has planned ends it once more, which changes nothing.
  clearUp(world);
  world.note('-- all is well');
}

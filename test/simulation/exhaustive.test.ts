/** One small story, with everything that can go wrong in it once: each of those alone, wherever it may come. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkWell } from './invariants.ts';
import { named, newWorld } from './story.ts';
import type { Plot, World } from './world.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

const lease = { durationMs: 10 * minuteMs, renewDeadlineMs: 6 * minuteMs, retryMs: 2 * minuteMs };
/** A lost event is made up for by the next whole list, a Lease taken over when it has run out. */
const boundMs = 31 * minuteMs + 2 * lease.durationMs;

/** What happens anyway, in the usual rhythm but that the Lease lasts longer: some hundred requests. */
type Tale = {
  tokenLifeMs: number;
  lastsMs: number;
  happens: readonly [atMs: number, happens: (world: World) => void][];
};

const others = { dataOwner: 'somebody', isApplied: false };
const empty = Buffer.from('{"auths":{}}').toString('base64');
const leaderStops = ({ replicas }: World) => replicas.find(({ controller }) => controller.isLeading())?.stop();

const tales: Record<string, Tale> = {
  'a busy minute': {
    tokenLifeMs: 12 * hourMs,
    lastsMs: 2 * minuteMs,
    happens: [
      [15_000, (world) => void world.startPass()],
      [20_000, ({ store, time }) => store.createNamespace('late', true, time.nowMs())],
      [25_000, ({ store }) => store.deleteSecret(named(1))],
      [25_045, ({ store }) => store.deleteSecret(named(1))],
      [30_000, ({ store }) => store.putSecret(named(2), { data: empty, ...others }, 'somebody')],
      [35_000, ({ store, time }) => store.setLabel(named(3), false, time.nowMs())],
      [40_000, ({ store, time }) => store.setLabel(named(3), true, time.nowMs())],
      [50_000, ({ store }) => store.quotas.add('full')],
      [51_000, ({ store, time }) => store.createNamespace('full', true, time.nowMs())],
      [70_000, ({ store }) => store.terminate('late')],
      [75_000, ({ store }) => store.removeNamespace('late')],
      [80_000, ({ store }) => store.putSecret(named(3), { data: empty, ...others }, 'somebody')],
      [90_000, ({ store, time }) => store.setLabel(named(2), false, time.nowMs())],
    ],
  },
  'a renewal': {
    tokenLifeMs: hourMs,
    lastsMs: 35 * minuteMs,
    happens: [
      [20_000, (world) => leaderStops(world)],
      [20 * minuteMs, (world) => void world.startPass()],
    ],
  },
};

function begun({ tokenLifeMs, happens }: Tale, plot: Plot): World {
  const world: World = newWorld({ replicas: 2, namespaces: 3, prune: true, tokenLifeMs, lease }, plot);
  for (const [atMs, doing] of happens) world.time.plan(atMs, () => doing(world));
  return world;
}

/** Tells the tale, and expects all to be well a while after it. */
async function told(tale: Tale, { plot, swap = -1 }: Pick<Variant, 'plot' | 'swap'>): Promise<World> {
  const world = begun(tale, plot);
  world.time.swap(swap);
  await world.runFor(tale.lastsMs + boundMs);
  world.check(() => checkWell(world, boundMs));
  world.end();
  return world;
}

type Variant = { what: string; plot: Plot; swap?: number };

async function expectAllWell(tale: Tale, variants: readonly Variant[]): Promise<void> {
  const failed: string[] = [];
  for (const variant of variants) {
    const { failure, story } = await told(tale, variant);
    if (failure !== undefined) failed.push(`${variant.what}: ${failure}\n${story.slice(-12).join('\n')}`);
  }
  assert.equal(failed.length, 0, `${failed.length} of ${variants.length}: ${failed.slice(0, 3).join('\n\n')}`);
}

/** What the tale has, where nothing goes wrong; not what follows it. */
async function counted(tale: Tale) {
  const count = { requests: 0, writes: 0, events: 0 };
  const world = begun(tale, {
    fate: () => void (count.requests += 1),
    onWritten: () => (count.writes += 1),
    arrives: () => (count.events += 1) > 0,
  });
  await world.runFor(tale.lastsMs);
  return { ...count, steps: world.time.steps };
}

/** True the nth time it is asked, from 1. */
function nth(number: number): () => boolean {
  let count = 0;
  return () => (count += 1) === number;
}

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

/** The process is gone from one moment to the next; a replica is started again. */
function crash(world: World, name: string): void {
  for (const pass of world.passes) if (pass.name === name) pass.kill();
  const replica = world.replicas.find((each) => each.name === name);
  if (replica === undefined) return;
  replica.kill();
  world.restart(replica);
}

for (const [name, tale] of Object.entries(tales)) {
  describe(`${name} ends well and without a broken promise`, async () => {
    const { requests, writes, events, steps } = await counted(tale);
    const each = (last: number, varied: (number: number, isIt: () => boolean) => Variant) =>
      expectAllWell(
        tale,
        upTo(last).map((number) => varied(number, nth(number))),
      );

    it(`though a process crashes after a write, whichever of ${writes}`, () =>
      each(writes, (number, isIt) => ({
        what: `a crash after write ${number}`,
        plot: { onWritten: (_, process, world) => void (isIt() && crash(world, process)) },
      })));

    it(`though an event is lost, whichever of ${events}`, () =>
      each(events, (number, isIt) => ({ what: `event ${number} is lost`, plot: { arrives: () => !isIt() } })));

    for (const fate of ['lostBefore', 'lostAfter', 'hangsBefore', 'hangsAfter'] as const) {
      const done = fate.endsWith('After') ? 'with its work done' : 'before its work is done';
      const how = fate.startsWith('lost') ? 'is lost' : 'hangs';
      it(`though a request ${how} ${done}, whichever of ${requests}`, () =>
        each(requests, (number, isIt) => ({
          what: `request ${number} ${how} ${done}`,
          plot: { fate: () => (isIt() ? fate : undefined) },
        })));
    }

    it(`though two steps that follow each other are swapped, whichever of ${steps}`, () =>
      each(steps, (step) => ({ what: `step ${step} comes after the next`, plot: {}, swap: step })));
  });
}

/** The times that the documentation states are kept, whenever in the program's rhythm it happens. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { usualWatchTimings } from '../../src/controller/watch.ts';
import { usualLeaseTimings } from '../../src/core/controller/lease.ts';
import { healingMs, inWords, longestWaitMs, quietMs, statedTimes, type Happening } from './stated-times.ts';
import { calmWorld, isServed, leaderOf, named, passes, within } from './story.ts';
import type { World } from './world.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const first = named(1);
const isRight = (world: World): boolean => isServed(world) && leaderOf(world) !== undefined;

/** What happens to the world, and when it counts as right again; without, where all is served and one leads. */
type Told = (world: World, seed: number) => Promise<((world: World) => boolean) | void>;

async function away(world: World, lastsMs: number): Promise<void> {
  world.weather.serverIsDown = true;
  for (const cut of world.openWatches) cut();
  await passes(world, lastsMs);
  world.store.deleteSecret(first);
  world.store.createNamespace('made-meanwhile', true, world.time.nowMs());
  world.weather.serverIsDown = false;
}

const happenings: Record<Happening, Told> = {
  async 'A namespace gains the label'(world, seed) {
    world.store.createNamespace('fresh', seed % 2 === 0, world.time.nowMs());
    world.store.setLabel('fresh', true, world.time.nowMs());
  },
  async 'A secret is deleted or altered'({ store }, seed) {
    if (seed % 2 === 0) store.deleteSecret(first);
    else store.putSecret(first, { data: 'e30=', dataOwner: 'somebody', isApplied: false }, 'somebody');
  },
  async 'The leader is told to stop'(world) {
    const leader = leaderOf(world);
    leader?.stop();
    await passes(world, 0);
    world.store.deleteSecret(first);
    return () => leaderOf(world) !== leader && isRight(world);
  },
  async 'The leader is killed, or its node is lost'(world) {
    leaderOf(world)?.kill();
    world.store.deleteSecret(first);
  },
  'The API server was away, and is back': (world, seed) => away(world, seed * seed * 500),
  async 'etcd was restored from a backup, and the API server is back'(world, seed) {
    const restore = world.store.backup();
    await passes(world, seed * minuteMs);
    for (let index = 1; index <= 50; index += 1) world.store.createNamespace(`lost-${index}`, false, 0);
    restore();
    await away(world, seed * 1000);
  },
  async 'A watch falls silent, and what happens is not told'({ weather, store, time }) {
    weather.silence = 1;
    store.deleteSecret(first);
    store.createNamespace('fresh', true, time.nowMs());
    weather.silence = 0;
  },
  async 'A single event gets lost'({ weather, store }) {
    weather.drop = 1;
    store.deleteSecret(first);
    weather.drop = 0;
  },
};

describe('all is right again in the stated time', () => {
  for (const [what, told] of Object.entries(happenings)) {
    const statedMs = statedTimes[what as Happening];
    it(`${what}: ${inWords(statedMs)}`, async () => {
      for (let seed = 1; seed <= 20; seed += 1) {
        for (const replicas of what.includes('leader') ? [2] : [1, 2]) {
          const world = await calmWorld({ replicas }, {}, seed);
          await passes(world, 20_000 + seed * 137);
          const isOver = (await told(world, seed)) ?? isRight;
          await within(world, statedMs, `right, with seed ${seed} and ${replicas} replicas`, () => isOver(world));
        }
      }
    });
  }

  it('as docs/operations.md states it', async () => {
    const rows = [...(await page()).matchAll(/^\| ([^|]+) \| ((?:half a|\d+) (?:seconds?|minutes?)) \|$/gm)];
    const stated = Object.entries(statedTimes).map(([what, timeMs]) => [what, inWords(timeMs)]);
    assert.deepEqual(
      rows.map(([, what, time]) => [what, time]),
      stated,
    );
  });

  it('and after the worst of days when it states, by the bounds to which the simulation holds every seed', async () => {
    assert.match(await page(), /within two hours, or three where others fought over a secret\.$/m);
    const boundMs = healingMs(usualWatchTimings, usualLeaseTimings);
    assert.ok(boundMs + quietMs <= 2 * hourMs);
    assert.ok(boundMs + longestWaitMs <= 3 * hourMs);
  });
});

function page(): Promise<string> {
  return readFile(new URL('../../docs/operations.md', import.meta.url), 'utf8');
}

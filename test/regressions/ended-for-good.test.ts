/** Workers that were woken together all left the pool: after an overload nothing was written ever again, and the probes were content. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tooMany } from '../simulation/network.ts';
import { calmWorld, isServed, leaderOf, newWorld, passes, within } from '../simulation/story.ts';
import type { World } from '../simulation/world.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;

describe('an overload in which the Lease is lost', () => {
  it('ends no replica: all is served soon after it, however often it comes', async () => {
    const world = await calmWorld({ replicas: 2, namespaces: 20 });
    for (let round = 1; round <= 5; round += 1) {
      for (const name of world.store.namespaces.keys()) world.store.deleteSecret(name);
      world.weather.overload = 1;
      await within(world, minuteMs, 'nobody leads', () => leaderOf(world) === undefined);
      await passes(world, round * 20 * secondMs);
      world.weather.overload = 0;
      await within(world, minuteMs, 'served again', () => isServed(world));
    }
  });

  it('leaves no namespace of a pass uncounted', async () => {
    const isOver = () => world.time.nowMs() > 20 * secondMs;
    const fate = ({ method }: { method: string }) => (method === 'PATCH' && !isOver() ? tooMany('1') : undefined);
    const world: World = newWorld({ replicas: 0, namespaces: 100 }, { fate });
    const pass = world.startPass();
    await within(world, 10 * minuteMs, 'the pass has ended', () => !pass.isAlive());
    const [told = ''] = world.story.filter((line) => line.includes('Pass finished'));
    const counts = [...told.matchAll(/"(applied|unchanged|adopted|skipped|refused|failed|notDone)":(\d+)/g)];
    assert.equal(
      counts.reduce((sum, [, , count]) => sum + Number(count), 0),
      100,
    );
    assert.equal(pass.exitCode === 0, isServed(world));
  });
});

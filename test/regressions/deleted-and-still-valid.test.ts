/** A secret that was deleted while its watch was away, or while the answer to our write of it was on its way, counted as valid. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { calmWorld, isServed, named, newWorld, passes, within } from '../simulation/story.ts';

const secondMs = 1000;
const first = named(1);

describe('a secret that is deleted', () => {
  for (const canStream of [true, false]) {
    it(`while no watch is open, in what is forgotten by then, is back soon${canStream ? '' : ', from lists, too'}`, async () => {
      const world = await calmWorld({ canStream });
      world.weather.serverIsDown = true;
      for (const cut of world.openWatches) cut();
      await passes(world, 5 * secondMs);
      world.store.deleteSecret(first);
      world.store.compact();
      await passes(world, secondMs);
      world.weather.serverIsDown = false;
      await within(world, 10 * secondMs, 'it is back', () => isServed(world));
    });
  }

  it('while the answer to the write of it is on its way is back soon', async () => {
    let isDone = false;
    const world = newWorld(
      { namespaces: 1 },
      {
        fate: ({ method }) => (method === 'PATCH' && !isDone ? { afterMs: 3000 } : undefined),
        onWritten: ({ method }) => {
          if (method !== 'PATCH' || isDone) return;
          isDone = true;
          world.time.plan(10, () => world.store.deleteSecret(first));
        },
      },
    );
    await within(world, 10 * secondMs, 'it was written', () => isDone);
    await passes(world, 100);
    assert.equal(world.store.secrets.has(first), false);
    await within(world, 5 * secondMs, 'it is back', () => isServed(world));
  });
});

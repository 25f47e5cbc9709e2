/** What happened while the wall clock was wrong was forgotten. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { calmWorld, isServed, named, passes, within } from '../simulation/story.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const first = named(1);

describe('what happens while the wall clock is wrong', () => {
  for (const offset of [13, -13]) {
    it(`is put right soon after it is right again: ${offset} hours off`, async () => {
      const world = await calmWorld();
      const [replica] = world.replicas;
      assert.ok(replica !== undefined);
      replica.offsetMs = offset * hourMs;
      await passes(world, minuteMs);
      world.store.deleteSecret(first);
      await passes(world, 10 * minuteMs);
      replica.offsetMs = 0;
      await within(world, 15 * secondMs, 'it is back', () => isServed(world));
    });
  }
});

/** After a restore expired secrets counted as up to date for hours: the revision that we wrote was larger than all that came. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { calmWorld, isServed, passes, within } from '../simulation/story.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

describe('an etcd that is restored from a backup', () => {
  for (const canStream of [true, false]) {
    it(`has its secrets and what is made after it served within ten seconds${canStream ? '' : ', from lists, too'}`, async () => {
      const world = await calmWorld({ tokenLifeMs: hourMs, canStream });
      const { store, time } = world;
      const restore = store.backup();
      await passes(world, 2 * hourMs);
      restore();
      assert.equal(isServed(world), false, 'what the backup holds has expired');
      for (const cut of world.openWatches) cut();
      store.createNamespace('made-after', true, time.nowMs());
      await within(world, 10 * secondMs, 'all are served', () => isServed(world));
    });
  }
});

/** A standby took the Lease that a restored etcd showed it, while its holder led on. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { usualWatchTimings } from '../../src/controller/watch.ts';
import { isLeading } from '../simulation/invariants.ts';
import { calmWorld, leaderOf, passes, within } from '../simulation/story.ts';

const secondMs = 1000;

describe('a standby that has not seen the last renewals of a Lease, and finds the same old record in a restored etcd', () => {
  const rows = { 'knows that etcd was restored': 0, 'could not look while the API server was away': 500 };
  for (const [what, downMs] of Object.entries(rows)) {
    it(`does not lead beside its holder where it ${what}`, async () => {
      const deaf = { name: '' };
      const arrives = ({ topic }: { topic: string }, name: string) => topic !== 'leases' || name !== deaf.name;
      // It knows by its next whole list, which comes early here.
      const watchTimings = { ...usualWatchTimings, ...(downMs === 0 ? { relistMs: 1.5 * secondMs } : {}) };
      const world = await calmWorld({ replicas: 2, watchTimings }, { arrives });
      const { store, weather, openWatches, replicas } = world;
      const isRenewed = () => store.lease?.metadata.resourceVersion !== renewal;
      const renewal = store.lease?.metadata.resourceVersion;
      await within(world, 5 * secondMs, 'the Lease is renewed', isRenewed);
      await passes(world, 100);
      const leader = leaderOf(world);
      assert.ok(leader !== undefined);
      deaf.name = replicas.find((replica) => replica !== leader)?.name ?? '';
      const restore = store.backup();
      await passes(world, 10 * secondMs);
      if (downMs === 0) store.createNamespace('lost', true, world.time.nowMs());
      await passes(world, 4.2 * secondMs);
      restore();
      // Its term lasts for some seconds yet, and it cannot renew the Lease.
      leader.cutOffUntilMs = world.time.nowMs() + 8 * secondMs;
      weather.serverIsDown = downMs > 0;
      for (const cut of openWatches) cut();
      world.time.plan(downMs, () => (weather.serverIsDown = false));
      for (let step = 0; step < 1000; step += 1) {
        await passes(world, 20);
        assert.ok(replicas.filter(isLeading).length <= 1, `two lead\n${world.story.slice(-12).join('\n')}`);
      }
      assert.ok(leaderOf(world) !== undefined);
    });
  }
});

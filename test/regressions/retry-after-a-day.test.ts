/** `Retry-After: 86400` silenced a watch for a day, and from 2,147,484 s on the timer overflowed: 859 requests a second. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tooMany } from '../simulation/network.ts';
import { calmWorld, isServed, named, newWorld, passes, within } from '../simulation/story.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;

describe('a server that asks for more patience than anybody has', () => {
  for (const seconds of ['86400', '2147484', '999999999']) {
    it(`of a watch is asked again within about a minute, and not in a loop: ${seconds} s`, async () => {
      const came = { refused: 0, isBusy: false };
      const fate = ({ path }: { path: string }) => {
        if (!came.isBusy || !path.includes('watch=true') || path.includes('leases')) return undefined;
        came.refused += 1;
        return tooMany(seconds);
      };
      const world = await calmWorld({}, { fate });
      came.isBusy = true;
      for (const cut of world.openWatches) cut();
      await passes(world, 10 * minuteMs);
      assert.ok(came.refused >= 2 * 7 && came.refused <= 2 * 12, `${came.refused} requests in ten minutes`);
      came.isBusy = false;
      world.store.deleteSecret(named(1));
      await within(world, 75 * secondMs, 'what was missed is put right', () => isServed(world));
    });

    it(`of a write is asked again within about a minute: ${seconds} s`, async () => {
      const came = { writes: 0 };
      const fate = ({ method }: { method: string }) => {
        if (method !== 'PATCH') return undefined;
        came.writes += 1;
        return came.writes === 1 ? tooMany(seconds) : undefined;
      };
      const world = newWorld({ namespaces: 1 }, { fate });
      await within(world, 75 * secondMs, 'it is served', () => isServed(world));
      assert.equal(came.writes, 2);
    });
  }
});

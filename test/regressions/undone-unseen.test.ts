/** A fight whose answers got lost was fought at full speed, since nobody could tell that it was one. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isServed, named, newWorld, passes, within } from '../simulation/story.ts';
import type { World } from '../simulation/world.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const first = named(1);

describe('another party that undoes each write, while answers get lost', () => {
  it('costs less and less, though nobody can tell that it is a fight', async () => {
    const came = { since: Number.POSITIVE_INFINITY, requests: 0 };
    const world: World = newWorld(
      {},
      {
        fate: ({ method, path }) => {
          if (!path.includes(`/namespaces/${first}/`)) return undefined;
          if (world.time.nowMs() > came.since) came.requests += 1;
          return method === 'PATCH' && world.dice.happens(0.7) ? 'lostAfter' : undefined;
        },
      },
    );
    await within(world, minuteMs, 'all are served', () => isServed(world));
    world.fights.add(first);
    world.store.deleteSecret(first);
    came.since = world.time.nowMs() + 15 * minuteMs;
    await passes(world, 35 * minuteMs);
    assert.ok(came.requests < 200, `${came.requests} requests in twenty minutes`);
  });
});

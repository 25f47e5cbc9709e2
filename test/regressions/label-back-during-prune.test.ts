/** A label that came back while the secret was being removed was forgotten, and so was the login that followed it. */
import { describe, it } from 'node:test';
import { holdsToken, isServed, named, newWorld, within } from '../simulation/story.ts';
import type { World } from '../simulation/world.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const first = named(1);

describe('a label that comes back while the secret is being removed', () => {
  it('is not forgotten: taken off again, it leaves no login behind', async () => {
    const came = { deletes: 0 };
    const world: World = newWorld(
      { namespaces: 1, prune: true },
      {
        fate: ({ method }) => {
          if (method !== 'DELETE') return undefined;
          came.deletes += 1;
          if (came.deletes === 1) world.time.plan(200, () => world.store.setLabel(first, true, world.time.nowMs()));
          return { afterMs: 1000 };
        },
      },
    );
    await within(world, minuteMs, 'it is served', () => isServed(world));
    world.store.setLabel(first, false, world.time.nowMs());
    await within(world, 10 * secondMs, 'the label is back', () => came.deletes === 1);
    await within(world, 10 * secondMs, 'it is served again', () => holdsToken(world, first));
    world.store.setLabel(first, false, world.time.nowMs());
    await within(world, 10 * secondMs, 'the secret is gone', () => !world.store.secrets.has(first));
  });
});

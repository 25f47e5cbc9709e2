/** With --prune a label that was taken off while the create was on its way left a live login for good. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { named, newWorld, passes, within } from '../simulation/story.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const first = named(1);

describe('a label that is taken off while the secret is being made', () => {
  it('leaves no login behind with --prune, though no event tells of the secret', async () => {
    const world = newWorld(
      { namespaces: 1, prune: true },
      {
        arrives: ({ topic }) => topic !== 'secrets',
        fate: ({ method }) => {
          if (method !== 'PATCH') return undefined;
          world.store.setLabel(first, false, world.time.nowMs());
          return { afterMs: 3000 };
        },
      },
    );
    await within(world, 10 * secondMs, 'it is made', () => world.store.secrets.has(first));
    await within(world, 10 * secondMs, 'it is gone', () => !world.store.secrets.has(first));
    await passes(world, minuteMs);
    assert.equal(world.store.secrets.has(first), false);
  });
});

/** Two installations that did not know of each other fought: 1,344 writes a day where 80 do. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { calmWorld, isServed, passes } from '../simulation/story.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

describe('two installations that do not know of each other', () => {
  it('do not fight: each writes its tokens when it renews them', async () => {
    const came = { writes: 0 };
    const world = await calmWorld(
      { replicas: 2, namespaces: 10, lease: undefined },
      {
        areApart: true,
        onWritten: ({ method, path }) => method === 'PATCH' && path.includes('/secrets/') && came.writes++,
      },
    );
    await passes(world, 24 * hourMs);
    assert.ok(isServed(world));
    // Twice ten namespaces, at the start and about every six hours.
    assert.ok(came.writes <= 2 * 10 * 6, `${came.writes} writes`);
  });
});

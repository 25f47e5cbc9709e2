/** Two readings of the clock for one decision: what became due in between was slept through. */
import { describe, it } from 'node:test';
import { status } from '../simulation/model/api.ts';
import { isServed, newWorld, within } from '../simulation/story.ts';

const secondMs = 1000;

describe('a first retry', () => {
  it('is made, whenever it becomes due', async () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const failed = new Set<string>();
      const fate = ({ method, path }: { method: string; path: string }) => {
        if (method !== 'PATCH' || failed.has(path)) return undefined;
        failed.add(path);
        return status(500, 'InternalError', 'etcdserver: leader changed');
      };
      const world = newWorld({ namespaces: 10 }, { fate, readingMs: seed % 2 === 0 ? 2 : 0.02 }, seed);
      await within(world, 20 * secondMs, `served, with seed ${seed}`, () => isServed(world));
    }
  });
});

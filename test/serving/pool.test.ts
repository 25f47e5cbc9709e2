import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { forEachPaced } from '../../src/serving/pool.ts';

describe('a pool of workers', () => {
  it('serves every item, though several workers find at the same moment that they are too many', async () => {
    const items = Array.from({ length: 50 }, (_, index) => index);
    const served: number[] = [];
    let wake = Promise.withResolvers<void>();
    await forEachPaced(values(items), 8, async (item, pace) => {
      pace.faster();
      pace.faster();
      setImmediate(() => wake.resolve());
      const { promise } = wake;
      await promise;
      wake = Promise.withResolvers<void>();
      pace.slower();
      pace.slower();
      pace.slower();
      served.push(item);
    });
    assert.deepEqual(
      served.sort((a, b) => a - b),
      items,
    );
  });

  it('never has more at work than allowed', async () => {
    let working = 0;
    let most = 0;
    await forEachPaced(values([1, 2, 3, 4, 5, 6, 7, 8, 9]), 3, async (_, pace) => {
      working += 1;
      most = Math.max(most, working);
      pace.faster();
      await new Promise((resolve) => setImmediate(resolve));
      working -= 1;
    });
    assert.equal(most, 3);
  });

  it('ends with the failure of its work where that throws', async () => {
    await assert.rejects(
      forEachPaced(values([1, 2, 3]), 2, () => Promise.reject(new Error('a bug'))),
      /a bug/,
    );
  });
});

/** An iterator whose answers are never there at once. */
function values<Item>(items: readonly Item[]): AsyncIterator<Item, void> {
  const left = [...items];
  return {
    next: () => {
      const [value] = left.splice(0, 1);
      return Promise.resolve(value === undefined ? { done: true, value: undefined } : { done: false, value });
    },
  };
}

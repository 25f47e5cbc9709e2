import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { median, percentile, ratios, spread, times } from '../../bench/statistics.ts';

describe('what rounds came to', () => {
  it('is the middle, and the least and the most', () => {
    assert.deepEqual(spread([3, 1, 2]), { median: 2, low: 1, high: 3 });
  });
  it('is the lower one of two middles', () => assert.equal(median([4, 1, 3, 2]), 2));
  it('is a value that was measured, and no more of them are larger than is said', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    assert.deepEqual(
      [50, 99, 100].map((share) => percentile(values, share)),
      [50, 99, 100],
    );
  });
  it('is compared round by round: a machine that is slow for a while is slow for both', () => {
    const ratio = ratios([20, 200, 22], [10, 100, 10]);
    assert.deepEqual(ratio, { median: 2, low: 2, high: 2.2 });
    assert.equal(times(ratio), '2.00× (2.00–2.20)');
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createHorizon } from '../../../src/core/controller/horizon.ts';

function watched() {
  const horizon = createHorizon();
  let restores = 0;
  horizon.onRestored(() => (restores += 1));
  return { horizon, restores: () => restores };
}

describe('how far the data of the server have come', () => {
  it('is the newest revision that was seen, in whatever order', () => {
    const { horizon } = watched();
    for (const revision of ['9', '12', '10']) horizon.saw(revision);
    assert.equal(horizon.newest(), '12');
  });

  it('an answer older than what was seen before it was asked for means that they were restored', () => {
    const { horizon, restores } = watched();
    horizon.saw('120');
    assert.equal(horizon.answered('99', horizon.newest()), true);
    assert.deepEqual([restores(), horizon.newest()], [1, '99'], 'and that is how far they have come now');
    assert.equal(horizon.answered('100', horizon.newest()), false);
    assert.equal(restores(), 1);
  });

  it('is told once of several answers that were under way when they were restored', () => {
    const { horizon, restores } = watched();
    horizon.saw('120');
    const [one, other] = [horizon.newest(), horizon.newest()];
    assert.equal(horizon.answered('99', one), true);
    assert.equal(horizon.answered('101', other), true);
    assert.deepEqual([restores(), horizon.newest()], [1, '101']);
    horizon.saw('130');
    assert.equal(horizon.answered('90', horizon.newest()), true);
    assert.equal(restores(), 2, 'another time is told again');
  });

  it('an answer older than what came while it was under way means nothing', () => {
    const { horizon, restores } = watched();
    horizon.saw('50');
    const since = horizon.newest();
    horizon.saw('60');
    assert.equal(horizon.answered('55', since), false);
    assert.deepEqual([restores(), horizon.newest()], [0, '60']);
  });

  it('nothing was seen before the first answer, and what is no number is never called old', () => {
    const { horizon, restores } = watched();
    assert.equal(horizon.answered('5', horizon.newest()), false);
    assert.equal(horizon.answered('opaque', '5'), false);
    assert.equal(horizon.answered('', '5'), false);
    assert.equal(restores(), 0);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTurns } from '../../../src/adapters/kubernetes/turns.ts';

describe('turns', () => {
  const two = () => {
    const { wait } = createTurns(2);
    const going: string[] = [];
    const enter = (name: string) => wait(() => going.push(name));
    return { going, enter };
  };

  it('are given at once as long as there are few', () => {
    const { going, enter } = two();
    for (const name of ['a', 'b', 'c']) enter(name);
    assert.deepEqual(going, ['a', 'b']);
  });

  it('go to the first who waits when somebody is done', () => {
    const { going, enter } = two();
    const [a, b] = ['a', 'b', 'c', 'd', 'e'].map(enter);
    b?.();
    a?.();
    assert.deepEqual(going, ['a', 'b', 'c', 'd']);
  });

  it('are not given twice by who is done twice', () => {
    const { going, enter } = two();
    const [a] = ['a', 'b', 'c', 'd'].map(enter);
    a?.();
    a?.();
    assert.deepEqual(going, ['a', 'b', 'c']);
  });

  it('are not given to who does not want to go on any more, nor lost on them', () => {
    const { going, enter } = two();
    const [a, , c] = ['a', 'b', 'c', 'd'].map(enter);
    c?.();
    a?.();
    assert.deepEqual(going, ['a', 'b', 'd']);
    enter('e');
    assert.deepEqual(going, ['a', 'b', 'd']);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { workQueue, type WorkQueue } from '../../../src/core/queue/work-queue.ts';

const any = { fresh: true, resumed: true };

/** Takes all that can be taken at a time, without doing it. */
function taken(queue: WorkQueue, nowMs: number, kinds = any): string[] {
  const keys: string[] = [];
  for (let next = queue.take(nowMs, kinds); next !== undefined; next = queue.take(nowMs, kinds)) keys.push(next.key);
  return keys;
}

/** Keys that were taken up and have to wait until then. */
function pausedUntil(dueMs: number, ...keys: string[]): WorkQueue {
  const queue = workQueue();
  for (const key of keys) queue.add(key, 'routine', 0);
  for (const key of taken(queue, 0)) queue.pause(key, dueMs);
  return queue;
}

describe('the work queue', () => {
  it('hands out what came first, and what is urgent before all renewals', () => {
    const queue = workQueue();
    queue.add('a', 'routine', 0);
    queue.add('b', 'routine', 0);
    queue.add('c', 'urgent', 0);
    assert.deepEqual(taken(queue, 0), ['c', 'a', 'b']);
  });

  it('has each key once, and one that becomes urgent in the urgent lane', () => {
    const queue = workQueue();
    queue.add('a', 'routine', 0);
    queue.add('b', 'routine', 0);
    queue.add('b', 'urgent', 1);
    queue.add('b', 'routine', 2);
    assert.deepEqual(taken(queue, 2), ['b', 'a']);
  });

  it('says how long a key has waited since it first came', () => {
    const queue = workQueue();
    queue.add('a', 'routine', 5);
    queue.add('a', 'urgent', 8);
    assert.deepEqual(queue.take(20, any), { key: 'a', waitedMs: 15, isResumed: false });
  });

  it('does a key in work once more afterwards, never twice at a time', () => {
    const queue = workQueue();
    queue.add('a', 'routine', 0);
    queue.take(0, any);
    queue.add('a', 'routine', 1);
    queue.add('a', 'urgent', 2);
    assert.deepEqual(taken(queue, 2), []);
    queue.add('b', 'routine', 2);
    queue.done('a', 3);
    assert.deepEqual(taken(queue, 3), ['a', 'b'], 'and it is urgent by then');
  });

  it('has nothing to do for a key that is done', () => {
    const queue = workQueue();
    queue.add('a', 'routine', 0);
    queue.take(0, any);
    queue.done('a', 1);
    assert.equal(queue.depth, 0);
    assert.deepEqual(taken(queue, 1), []);
  });

  it('holds back what is for later until then', () => {
    const queue = workQueue();
    queue.addAt('a', 100);
    assert.equal(queue.nextDueMs(), 100);
    assert.equal(queue.delayed, 1);
    assert.deepEqual(taken(queue, 99), []);
    assert.deepEqual(taken(queue, 100), ['a']);
    assert.equal(queue.delayed, 0);
  });

  it('does not put off what is due earlier, or waits already', () => {
    const queue = workQueue();
    queue.addAt('a', 100);
    queue.addAt('a', 200);
    queue.add('b', 'routine', 0);
    queue.addAt('b', 50);
    assert.equal(queue.nextDueMs(), 100);
    queue.addAt('a', 30);
    assert.equal(queue.nextDueMs(), 30);
    assert.equal(queue.delayed, 1);
  });

  it('does at once what was for later and is wanted now, and not again then', () => {
    const queue = workQueue();
    queue.addAt('a', 100);
    queue.add('a', 'urgent', 1);
    assert.deepEqual(taken(queue, 1), ['a']);
    queue.done('a', 2);
    assert.deepEqual(taken(queue, 200), []);
  });

  it('does once what was put off while it was in work, and is wanted again', () => {
    const queue = workQueue();
    queue.add('a', 'routine', 0);
    queue.take(0, any);
    queue.add('a', 'routine', 0);
    queue.addAt('a', 50);
    queue.done('a', 1);
    assert.deepEqual(taken(queue, 1), ['a']);
    queue.done('a', 2);
    assert.deepEqual(taken(queue, 100), []);
  });

  it('forgets a key that is gone, also one that is in work', () => {
    const queue = workQueue();
    for (const key of ['a', 'b', 'c']) queue.add(key, 'routine', 0);
    queue.addAt('d', 10);
    queue.take(0, any);
    queue.add('a', 'urgent', 0);
    for (const key of ['a', 'b', 'd']) queue.forget(key);
    queue.done('a', 1);
    assert.deepEqual(taken(queue, 100), ['c']);
  });

  it('drops all that waits when it is cleared, but not what is in work', () => {
    const queue = workQueue();
    for (const key of ['a', 'b']) queue.add(key, 'urgent', 0);
    queue.addAt('c', 10);
    queue.take(0, any);
    queue.add('a', 'routine', 0);
    queue.clear();
    assert.equal(queue.depth, 1);
    assert.equal(queue.delayed, 0);
    queue.done('a', 1);
    assert.deepEqual(taken(queue, 100), []);
  });

  it('gives a renewal its share, however many are urgent', () => {
    const queue = workQueue();
    for (let index = 0; index < 10; index += 1) queue.add(`urgent-${index}`, 'urgent', 0);
    for (const key of ['a', 'b']) queue.add(key, 'routine', 0);
    assert.deepEqual(
      taken(queue, 0)
        .slice(0, 8)
        .filter((key) => !key.startsWith('urgent')),
      ['a', 'b'],
    );
  });

  it('gives what had to wait its share, and what is new the rest', () => {
    const queue = pausedUntil(10, 'x', 'y');
    for (let index = 0; index < 10; index += 1) queue.add(`new-${index}`, 'urgent', 10);
    const order = taken(queue, 10);
    assert.equal(order.length, 12);
    assert.equal(order.filter((key) => key === 'x' || key === 'y').length, 2);
    assert.ok(order.indexOf('x') < 6, 'it does not wait for all that is new');
  });

  it('hands out what had to wait when its time has come, and says that it was begun before', () => {
    const queue = pausedUntil(100, 'a');
    assert.equal(queue.nextDueMs(), 100);
    assert.deepEqual([queue.paused, queue.depth, queue.delayed], [1, 1, 0], 'it is still in work');
    assert.equal(queue.take(99, any), undefined);
    assert.deepEqual(queue.take(103, any), { key: 'a', waitedMs: 0, isResumed: true });
    assert.equal(queue.isInWork('a'), true);
  });

  it('is asked for one kind alone where there is no room for the other', () => {
    const queue = pausedUntil(10, 'x');
    queue.add('a', 'urgent', 0);
    assert.deepEqual(taken(queue, 10, { fresh: true, resumed: false }), ['a']);
    queue.add('b', 'routine', 10);
    assert.deepEqual(taken(queue, 10, { fresh: false, resumed: true }), ['x']);
  });

  it('has nothing left of work that is ended while it waits', () => {
    for (const atMs of [0, 10]) {
      const queue = pausedUntil(10, 'x');
      queue.take(atMs, { fresh: true, resumed: false });
      queue.done('x', atMs);
      assert.equal(queue.depth, 0);
      assert.deepEqual(taken(queue, 100), []);
    }
  });

  it('does once more what was wanted while it waited, once it is done', () => {
    const queue = pausedUntil(10, 'x');
    queue.add('x', 'urgent', 5);
    assert.deepEqual(taken(queue, 5), []);
    assert.deepEqual(taken(queue, 10), ['x']);
    queue.done('x', 11);
    assert.deepEqual(taken(queue, 11), ['x']);
  });
});

describe('what becomes due', () => {
  it('comes in the order of its time, however it was put in', () => {
    const queue = workQueue();
    const times = Array.from({ length: 200 }, (_, index) => (index * 7919) % 200);
    for (const time of times) queue.addAt(`${time}`, time);
    const came: number[] = [];
    for (let now = 0; now < 200; now += 1) came.push(...taken(queue, now).map(Number));
    assert.deepEqual(
      came,
      times.toSorted((a, b) => a - b),
    );
  });
  it('does not come at a time that was replaced by an earlier one', () => {
    const queue = workQueue();
    queue.addAt('a', 50);
    queue.addAt('a', 20);
    assert.deepEqual(taken(queue, 20), ['a']);
    queue.done('a', 20);
    queue.addAt('a', 90);
    assert.deepEqual(taken(queue, 50), [], 'the first time is still in the heap');
    assert.equal(queue.nextDueMs(), 90);
    assert.deepEqual(taken(queue, 90), ['a']);
  });
});

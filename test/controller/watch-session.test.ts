import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { unwatched, type Watching } from '../../src/controller/watch-position.ts';
import { openSession } from '../../src/controller/watch-session.ts';
import { usualWatchTimings } from '../../src/controller/watch.ts';
import { createHorizon } from '../../src/core/controller/horizon.ts';
import { standingTime } from '../support/standing-time.ts';

const minute = 60_000;
const object = (resourceVersion: string, annotations = {}) => ({
  metadata: { name: 'a', resourceVersion, annotations },
});
const bookmark = (resourceVersion: string) => ({ type: 'BOOKMARK', object: object(resourceVersion) });
const whole = (resourceVersion: string) => ({
  type: 'BOOKMARK',
  object: object(resourceVersion, { 'k8s.io/initial-events-end': 'true' }),
});

/** A watch that goes on from revision 5, or begins with a list where it is told to. */
function stage({ isListing = false } = {}) {
  const { clock, at, until } = standingTime();
  const told: string[] = [];
  const position = { ...unwatched(), resourceVersion: isListing ? undefined : '5', relistAtMs: 30 * minute };
  const watching: Watching = {
    topic: { kind: 'namespaces', labelSelector: 'l=v' },
    handler: {
      keyOf: ({ name }) => name,
      put: ({ name }) => void told.push(`puts ${name}`),
      gone: ({ name }) => void told.push(`${name} is gone`),
      listed: (present) => void told.push(`has listed ${[...present].join()}`),
    },
    timings: usualWatchTimings,
    position,
    clock,
    random: () => 0,
    horizon: createHorizon(),
    onSense: () => {},
    watchdogBeat: () => {},
  };
  const stop = new AbortController();
  const session = openSession(watching, stop.signal);
  return { session, position, told, at, until, stop };
}

describe('a watch that is open', () => {
  it('is ended where nothing comes for two and a half minutes', async () => {
    const { session, until } = stage();
    await until(150_000 - 1);
    assert.equal(session.why(), undefined);
    await until(150_000);
    assert.deepEqual([session.why(), session.signal.aborted], ['Silent', true]);
  });
  it('is not, while something comes now and then', async () => {
    const { session, at, until } = stage();
    for (let time = 1; time <= 20; time += 1) at(time * minute, () => session.onEvent(bookmark(`${5 + time}`)));
    await until(21 * minute);
    assert.equal(session.why(), undefined);
  });
  it('is ended after half an hour, to have all listed anew', async () => {
    const { session, position, at, until } = stage();
    for (let time = 1; time <= 40; time += 1) at(time * minute, () => session.onEvent(bookmark(`${5 + time}`)));
    await until(30 * minute - 1);
    assert.equal(session.why(), undefined);
    await until(30 * minute + 1);
    assert.deepEqual([session.why(), position.resourceVersion], ['Resync', undefined]);
  });
  it('goes on from what it has shown last', () => {
    const { session, position, told } = stage();
    session.onEvent({ type: 'ADDED', object: object('7') });
    session.onEvent(bookmark('9'));
    assert.deepEqual([told, position.resourceVersion], [['puts a'], '9']);
  });
  it('is no place to go on from before all that there is has been shown', () => {
    const { session, position, told } = stage({ isListing: true });
    session.onEvent({ type: 'ADDED', object: object('7') });
    assert.deepEqual([session.isListing(), position.resourceVersion], [true, undefined]);
    session.onEvent(whole('8'));
    assert.deepEqual([session.isListing(), position.resourceVersion, told], [false, '8', ['puts a', 'has listed a']]);
  });
  it('has not listed what went while it listed', () => {
    const { session, told } = stage({ isListing: true });
    session.onEvent({ type: 'ADDED', object: object('7') });
    session.onEvent({ type: 'DELETED', object: object('8') });
    session.onEvent(whole('8'));
    assert.equal(told.at(-1), 'has listed ');
  });
  it('shows nothing more once it has ended', () => {
    const { session, told, stop } = stage();
    stop.abort('SIGTERM');
    session.onEvent({ type: 'ADDED', object: object('7') });
    assert.deepEqual([session.why(), told], ['Stopped', []]);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApiReply, BrokenCause } from '../../../src/core/api/reply.ts';
import { isOverload, isTooLarge, isTransient, retryDelayMs, smallerPage } from '../../../src/core/api/retry.ts';

const answer = (status: number): ApiReply => ({ kind: 'answer', status, body: '' });
const broken = (cause: BrokenCause): ApiReply => ({ kind: 'broken', cause, message: '' });

describe('what is asked again', () => {
  const cases: Record<string, [reply: ApiReply, again: boolean, overload: boolean]> = {
    'what an overloaded server put off: 429': [answer(429), true, true],
    'what an overloaded server put off: 503': [answer(503), true, true],
    'what broke in the server: 500': [answer(500), true, false],
    'what broke behind a proxy: 502': [answer(502), true, false],
    'not what a server cannot do at all: 501': [answer(501), false, false],
    'not what was done: 200': [answer(200), false, false],
    'not what was refused: 403': [answer(403), false, false],
    'not what met a conflict: 409': [answer(409), false, false],
    'what did not reach the server': [broken('Unreachable'), true, false],
    'what was not answered in time': [broken('TimedOut'), true, true],
    'what was answered in part': [broken('Interrupted'), true, false],
    'not where the certificate is not trusted': [broken('TlsUntrusted'), false, false],
    'not what is too large': [broken('TooLarge'), false, false],
    'not what leads nowhere': [broken('Endless'), false, false],
    'not what cannot be sent': [broken('Unsendable'), false, false],
    'not what was given up from here': [broken('Aborted'), false, false],
    'not what lacks credentials': [broken('CredentialsFailed'), false, false],
  };
  for (const [title, [reply, again, overload]] of Object.entries(cases)) {
    it(title, () => {
      assert.equal(isTransient(reply), again);
      assert.equal(isOverload(reply), overload, 'whether others are slowed down');
    });
  }
  it('in smaller parts, what is too large', () => {
    assert.ok(isTooLarge(broken('TooLarge')));
    assert.ok(!isTooLarge(broken('Endless')));
    assert.deepEqual([500, 125, 4, 3, 1].map(smallerPage), [125, 31, 1, 1, undefined]);
  });
});

describe('the time until the next attempt', () => {
  it('is twice as long each time, up to ten seconds', () => {
    const longest = [1, 2, 3, 4, 5, 6, 7, 60].map((attempt) => retryDelayMs(attempt, undefined, 1));
    assert.deepEqual(longest, [250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  });
  it('is anything up to that, so that many who wait do not ask in step', () => {
    assert.deepEqual(
      [0, 0.5, 0.9].map((chance) => retryDelayMs(3, undefined, chance)),
      [0, 500, 900],
    );
  });
  it('is never less than the server asks for', () => assert.equal(retryDelayMs(1, 30_000, 0), 30_000));
  it('is not a day because a server asks for one', () => {
    assert.equal(retryDelayMs(1, 86_400_000, 0), 60_000);
    assert.equal(retryDelayMs(1, 2 ** 40, 0.999) < 2 ** 31, true, 'what a timer takes');
  });
});

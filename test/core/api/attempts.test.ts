import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { persistent, untried } from '../../../src/core/api/attempts.ts';
import type { Machine } from '../../../src/core/api/machine.ts';
import type { ApiReply } from '../../../src/core/api/reply.ts';

const answer = (status: number, retryAfterMs?: number): ApiReply => ({
  kind: 'answer',
  status,
  body: '',
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

/** Asks for one thing and then for another, and ends with what it heard. */
const twoQuestions: Machine<{ heard: number[] }, string, number[]> = ({ heard }, happened) => {
  const now = happened[0] === 'go' ? heard : [...heard, happened[1].kind === 'answer' ? happened[1].status : 0];
  const job = { heard: now };
  if (happened[0] === 'answered' && now.length === 2) return ['end', now, job];
  return ['ask', now.length === 0 ? 'first' : 'second', job];
};

/** What the persistent machine wants, one reply after the other. */
function story(...replies: ApiReply[]): (string | number | readonly number[])[] {
  const machine = persistent(twoQuestions);
  const told: (string | number | readonly number[])[] = [];
  const waiting = [...replies];
  let happened: Parameters<typeof machine>[1] = ['go'];
  for (let job = untried<{ heard: number[] }>({ heard: [] }); ;) {
    const step = machine(job, happened, { wallMs: 0, steadyMs: 1000 }, 0.5);
    told.push(step[1]);
    if (step[0] === 'end') return told;
    job = step[2];
    const reply = step[0] === 'wait' ? undefined : waiting.shift();
    if (step[0] === 'ask' && reply === undefined) return told;
    happened = reply === undefined ? ['go'] : ['answered', reply];
  }
}

describe('a request that may be made more than once', () => {
  it('is not, where it goes well', () =>
    assert.deepEqual(story(answer(200), answer(201)), ['first', 'second', [200, 201]]));
  it('is made again after what passes, and later each time', () => {
    assert.deepEqual(story(answer(503), answer(503), answer(200)), ['first', 1125, 'first', 1250, 'first', 'second']);
  });
  it('is not made again after what does not pass', () => {
    assert.deepEqual(story(answer(403), answer(404)), ['first', 'second', [403, 404]]);
  });
  it('waits for as long as the server asks', () => {
    assert.deepEqual(story(answer(429, 7000)), ['first', 1000 + 7000 + 125, 'first']);
  });
  it('is made six times at most, and then the last answer counts', () => {
    const told = story(...Array.from({ length: 6 }, () => answer(503)), answer(200));
    assert.deepEqual(
      told.filter((each) => typeof each !== 'number'),
      [...Array.from({ length: 6 }, () => 'first'), 'second', [503, 200]],
    );
  });
  it('has attempts of its own, however many the one before it took', () => {
    const five = Array.from({ length: 5 }, () => answer(503));
    assert.deepEqual(story(...five, answer(200), ...five, answer(200)).at(-1), [200, 200]);
  });
});

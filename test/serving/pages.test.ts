import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApiReply } from '../../src/core/api/reply.ts';
import { judgeList, listFailure } from '../../src/core/api/pages.ts';
import { gatherListed, type PagedList } from '../../src/serving/pages.ts';

const tooLarge: ApiReply = { kind: 'broken', cause: 'TooLarge', message: 'larger' };
const failing: ApiReply = { kind: 'answer', status: 500, body: '' };
const page: ApiReply = { kind: 'answer', status: 200, body: { items: [] } };
const deps = { clock: { nowMs: () => 0, sleep: () => Promise.resolve() }, random: () => 0 };

/** Reads a page whose requests are answered in turn, the last answer for ever. */
async function gathered(...replies: ApiReply[]) {
  const asked: number[] = [];
  const list: PagedList<unknown> = {
    server: 'https://api',
    ask: (_, limit) => {
      const reply = replies[Math.min(asked.length, replies.length - 1)] ?? page;
      asked.push(limit);
      return Promise.resolve(reply);
    },
    judge: (reply) => judgeList(reply, 'https://api'),
    failure: (reply) => listFailure(reply, 'https://api'),
  };
  const { ok } = await gatherListed(list, undefined, deps, new AbortController().signal);
  return { ok, asked };
}

describe('a page of a list', () => {
  const cases: Record<string, [replies: ApiReply[], ok: boolean, asked: number[]]> = {
    'is asked for once where it comes': [[page], true, [500]],
    'is asked for with fewer objects while it is too large': [
      [tooLarge, tooLarge, tooLarge, tooLarge, page],
      true,
      [500, 125, 31, 7, 1],
    ],
    'is given up where one object is too large': [[tooLarge], false, [500, 125, 31, 7, 1]],
    'is asked for six times where the server fails': [[failing], false, [500, 500, 500, 500, 500, 500]],
    'has its six attempts beside those that were too large': [
      [tooLarge, failing, tooLarge, failing, failing, failing, failing, page],
      true,
      [500, 125, 125, 31, 31, 31, 31, 31],
    ],
  };
  for (const [title, [replies, ok, asked]] of Object.entries(cases)) {
    it(title, async () => assert.deepEqual(await gathered(...replies), { ok, asked }));
  }
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApiReply } from '../../src/core/api/reply.ts';
import { listFailure } from '../../src/core/api/pages.ts';
import { pageReader, pages, type PagedList } from '../../src/serving/pages.ts';

const tooLarge: ApiReply = { kind: 'broken', cause: 'TooLarge', message: 'larger' };
const failing: ApiReply = { kind: 'answer', status: 500, body: '' };
const page: ApiReply = { kind: 'answer', status: 200, body: { items: [] } };
const deps = { clock: { nowMs: () => 0, steadyMs: () => 0, sleep: () => Promise.resolve() }, random: () => 0 };

/** Reads a page whose requests are answered in turn, the last answer for ever. */
async function gathered(...replies: ApiReply[]) {
  const asked: number[] = [];
  const list: PagedList<unknown> = {
    server: 'https://api',
    ask: ({ limit }) => {
      const reply = replies[Math.min(asked.length, replies.length - 1)] ?? page;
      asked.push(limit);
      return Promise.resolve(reply);
    },
    itemOf: (item) => item,
    failure: (reply) => listFailure(reply, 'https://api'),
  };
  const { ok } = await pageReader(list, deps, new AbortController().signal)();
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

const tooOld: ApiReply = {
  kind: 'answer',
  status: 410,
  body: { kind: 'Status', message: 'too old', metadata: { continue: 'fresh' } },
};
const forbidden: ApiReply = { kind: 'answer', status: 403, body: { message: 'no' } };

function pageWith(names: readonly string[], continueToken?: string): ApiReply {
  const metadata = { resourceVersion: '7', ...(continueToken === undefined ? {} : { continue: continueToken }) };
  return { kind: 'answer', status: 200, body: { metadata, items: names.map((name) => ({ name })) } };
}

/** Reads a whole list whose pages stand under their tokens, and notes what is asked and used, in turn. */
async function readAll(byToken: Record<string, ApiReply[]>, first?: { items: unknown[]; continueToken?: string }) {
  const story: string[] = [];
  const list: PagedList<unknown> = {
    server: 'https://api',
    ask: ({ continueToken = '' }) => {
      story.push(`asks ${continueToken || 'first'}`);
      return Promise.resolve(byToken[continueToken]?.shift() ?? forbidden);
    },
    itemOf: ({ name }) => name,
    failure: (reply) => listFailure(reply, 'https://api'),
  };
  const read = pageReader(list, deps, new AbortController().signal);
  const given = first === undefined ? undefined : { resourceVersion: '7', ...first };
  for await (const { items } of pages(read, ({ code }) => story.push(code), given))
    story.push(`uses ${items.join(' ')}`);
  return story;
}

describe('the pages of a list', () => {
  it('are asked for one ahead of what is used', async () => {
    const list = { '': [pageWith(['a', 'b'], 'x')], x: [pageWith(['c'], 'y')], y: [pageWith(['d'])] };
    assert.deepEqual(await readAll(list), ['asks first', 'asks x', 'uses a b', 'asks y', 'uses c', 'uses d']);
  });
  it('go on from a first one that has been read', async () => {
    const list = { x: [pageWith(['c'])] };
    assert.deepEqual(await readAll(list, { items: ['a'], continueToken: 'x' }), ['asks x', 'uses a', 'uses c']);
    assert.deepEqual(await readAll({}, { items: ['a'] }), ['uses a']);
  });
  it('go on with the token that the server offers for one that grew too old', async () => {
    const list = { '': [pageWith(['a'], 'x')], x: [tooOld], fresh: [pageWith(['b'])] };
    assert.deepEqual(await readAll(list), ['asks first', 'asks x', 'asks fresh', 'uses a', 'uses b']);
  });
  it('are given up where each token that the server offers has grown too old, too', async () => {
    const list = {
      '': [pageWith(['a'], 'x')],
      x: [tooOld],
      fresh: [...Array.from({ length: 20 }, () => tooOld), page],
    };
    const story = await readAll(list);
    assert.equal(story.filter((each) => each === 'asks fresh').length, 5);
    assert.equal(story.at(-1), 'ApiListFailed');
  });
  it('end early where one cannot be had, and it is told why', async () => {
    const list = { '': [pageWith(['a'], 'x')], x: [forbidden] };
    assert.deepEqual(await readAll(list), ['asks first', 'asks x', 'uses a', 'ApiListForbidden']);
    assert.deepEqual(await readAll({}), ['asks first', 'ApiListForbidden']);
  });
});

it('the pages of a list are asked for with as many objects as went together before', async () => {
  const asked: number[] = [];
  const replies = [tooLarge, pageWith(['a'], 'x'), pageWith(['b'], 'y'), pageWith(['c'])];
  const list: PagedList<unknown> = {
    server: 'https://api',
    ask({ limit }) {
      asked.push(limit);
      return Promise.resolve(replies.shift() ?? forbidden);
    },
    itemOf: (item) => item,
    failure: (reply) => listFailure(reply, 'https://api'),
  };
  const read = pageReader(list, deps, new AbortController().signal);
  for await (const _ of pages(read, () => assert.fail())) continue;
  assert.deepEqual(asked, [500, 125, 125, 125]);
});

describe('a list without an end', () => {
  it('is given up where a page names itself as the next one', async () => {
    const list = { '': [pageWith(['a'], 'x')], x: [pageWith(['b'], 'x')] };
    assert.deepEqual(await readAll(list), ['asks first', 'asks x', 'uses a', 'ApiListFailed']);
  });

  const endless = async (itemsOf: (page: number) => string[]) => {
    let asked = 0;
    const list: PagedList<unknown> = {
      server: 'https://api',
      ask: () => Promise.resolve(pageWith(itemsOf((asked += 1)), `next-${asked}`)),
      itemOf: ({ name }) => name,
      failure: (reply) => listFailure(reply, 'https://api'),
    };
    const told: string[] = [];
    for await (const _ of pages(pageReader(list, deps, new AbortController().signal), ({ why }) => told.push(why)));
    return { asked, told };
  };

  it('is given up after twenty empty pages in a row, and not before', async () => {
    const why = 'it has answered 21 empty pages in a row, each with a next one';
    assert.deepEqual(await endless(() => []), { asked: 21, told: [why] });
    const { asked } = await endless((page) => (page === 15 ? ['a'] : []));
    assert.equal(asked, 15 + 21);
  });

  it('is given up after more pages than any cluster has', async () => {
    const { asked, told } = await endless((page) => [`n-${page}`]);
    assert.equal(asked, 10_001);
    assert.deepEqual(told, ['it has more than 10000 pages']);
  });
});

describe('a page of a list that is stopped', () => {
  const stopped = (reply: ApiReply, ...before: ApiReply[]) => {
    const stop = new AbortController();
    const replies = [...before, reply];
    const list: PagedList<unknown> = {
      server: 'https://api',
      ask: () => {
        const next = replies.shift() ?? reply;
        if (replies.length === 0) stop.abort('SIGTERM');
        return Promise.resolve(next);
      },
      itemOf: (item) => item,
      failure: (failed) => listFailure(failed, 'https://api'),
    };
    return pageReader(list, deps, stop.signal)();
  };

  it('is used where it has come', async () => assert.equal((await stopped(page)).ok, true));
  it('names who had not answered', async () => {
    const read = await stopped({ kind: 'broken', cause: 'Aborted', message: 'https://api had not answered' });
    assert.ok(!read.ok);
    assert.equal(read.failure.code, 'Interrupted');
    assert.equal(read.failure.why, 'stopped by SIGTERM, and https://api had not answered');
  });
  it('names what the attempt before had come to', async () => {
    const read = await stopped({ kind: 'broken', cause: 'Aborted', message: 'unanswered' }, failing);
    assert.ok(!read.ok);
    assert.equal(read.failure.why, 'stopped by SIGTERM, and the last attempt had failed: HTTP 500');
  });
});

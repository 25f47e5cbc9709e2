import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApiReply } from '../../src/core/api/reply.ts';
import { eachItem } from '../../src/doctor/pages.ts';

const deps = { clock: { nowMs: () => 0, steadyMs: () => 0, sleep: () => Promise.resolve() }, random: () => 0 };
const page = (count: number, more?: string): ApiReply => ({
  kind: 'answer',
  status: 200,
  body: { items: Array.from({ length: count }, () => ({})), metadata: more === undefined ? {} : { continue: more } },
});

async function looked(answer: (path: string) => ApiReply) {
  const asked: string[] = [];
  let items = 0;
  const read = (path: string) => {
    asked.push(path);
    return Promise.resolve(answer(path));
  };
  const why = await eachItem(
    { server: 'https://kube', read },
    { path: '/x?a=b' },
    deps,
    new AbortController().signal,
    () => {
      items += 1;
    },
  );
  return { asked, items, why };
}

describe('a list that doctor goes through', () => {
  it('is asked for page by page', async () => {
    const { asked, items, why } = await looked((path) => (path.includes('continue') ? page(3) : page(2, 't/1')));
    assert.deepEqual(asked, ['/x?a=b&limit=500', '/x?a=b&limit=500&continue=t%2F1']);
    assert.deepEqual([items, why], [5, undefined]);
  });
  it('is looked at up to a bound, and it is said where that cuts something off', async () => {
    let number = 0;
    const { items, why } = await looked(() => page(500, String((number += 1))));
    assert.deepEqual([items, why], [20_000, 'only the first 20000 were looked at']);
  });
  it('is not whole where it cannot be read, and why is told', async () => {
    const { why } = await looked(() => ({ kind: 'answer', status: 403, body: { message: 'no' } }));
    assert.equal(why, 'HTTP 403: no');
  });
});

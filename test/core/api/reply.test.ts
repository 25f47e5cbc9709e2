import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  apiStatus,
  isDone,
  text,
  whyNot,
  writtenRevision,
  type ApiReply,
  type BrokenCause,
} from '../../../src/core/api/reply.ts';

const answer = (status: number, body: unknown): ApiReply => ({ kind: 'answer', status, body });
const broken = (cause: BrokenCause): ApiReply => ({ kind: 'broken', cause, message: 'why' });

describe('a write', () => {
  const cases: Record<string, [reply: ApiReply, done: boolean, revision: string | undefined]> = {
    'is done where its object comes back, at a revision': [
      answer(200, { kind: 'Secret', metadata: { resourceVersion: '7' } }),
      true,
      '7',
    ],
    'is done where a Status comes back': [answer(200, { kind: 'Status' }), true, undefined],
    'is not done where a page of a proxy comes back': [answer(200, '<html>'), false, undefined],
    'is not done where nothing comes back': [answer(204, ''), false, undefined],
    'is not done where some other JSON comes back': [answer(200, { ok: true }), false, undefined],
    'left nothing at a revision that is empty': [
      answer(201, { kind: 'Secret', metadata: { resourceVersion: '' } }),
      true,
      undefined,
    ],
    'is not done where it is refused, whatever comes with that': [
      answer(409, { kind: 'Secret', metadata: { resourceVersion: '7' } }),
      false,
      undefined,
    ],
    'is not done where no answer came': [broken('TimedOut'), false, undefined],
  };
  for (const [title, [reply, done, revision]] of Object.entries(cases)) {
    it(title, () => assert.deepEqual([isDone(reply), writtenRevision(reply)], [done, revision]));
  }
});

describe('what came in place of success', () => {
  const cases: Record<string, [reply: ApiReply, words: string]> = {
    'is the way in which the connection failed': [broken('Unreachable'), 'why'],
    'is the status with what the server says': [answer(503, { message: 'too busy' }), 'HTTP 503: too busy'],
    'is the status alone where nothing is said': [answer(502, ''), 'HTTP 502'],
    'is what stands before the server, in short': [answer(502, ' <html> Bad gateway '), 'HTTP 502: <html> Bad gateway'],
    'is something else than was asked for': [answer(200, '<html>'), 'HTTP 200 with something else than was asked for'],
  };
  for (const [title, [reply, words]] of Object.entries(cases)) it(title, () => assert.equal(whyNot(reply), words));
});

describe('what a server says', () => {
  it('is its message, its reason, its causes and the token for the rest of a list', () => {
    const body = {
      message: 'm',
      reason: 'r',
      details: { causes: [{ reason: 'a', message: 'b', field: 'c', more: 1 }, null] },
      metadata: { continue: 't' },
    };
    const causes = [{ reason: 'a', message: 'b', field: 'c' }];
    assert.deepEqual(apiStatus(body), { message: 'm', reason: 'r', causes, continueToken: 't' });
  });
  it('is nothing where it says something else', () => {
    const nothing = { message: '', reason: '', causes: [] };
    for (const body of [null, 7, [], {}, { message: 7, reason: {}, details: { causes: 'x' }, metadata: [] }]) {
      assert.deepEqual(apiStatus(body), nothing);
    }
  });
  it('is bounded: its message, the number of its causes and what a proxy says', () => {
    const causes = Array.from({ length: 1000 }, () => ({ message: 'x'.repeat(10_000) }));
    const status = apiStatus({ message: 'x'.repeat(100_000), details: { causes } });
    assert.deepEqual([status.message.length, status.causes.length], [8192, 100]);
    assert.equal(status.causes[0]?.message.length, 8192);
    assert.ok(apiStatus('word '.repeat(10_000)).message.length < 250);
  });
  it('is a text that a URL can carry', () => assert.equal(text('a\uD800b'), 'a\uFFFDb'));
});

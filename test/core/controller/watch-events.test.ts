import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApiReply } from '../../../src/core/api/reply.ts';
import { factsIn, judgeEvent, judgeRefusedWatch } from '../../../src/core/controller/watch-events.ts';

const metadata = { name: 'ecr-creds', namespace: 'shop', uid: 'u', resourceVersion: '7' };
const event = (type: unknown, object: unknown = { metadata }) => judgeEvent({ type, object });
const annotated = (annotations: unknown) => event('BOOKMARK', { metadata: { resourceVersion: '9', annotations } });

describe('an event of a watch', () => {
  it('shows an object that is there, whether it came or changed', () => {
    for (const type of ['ADDED', 'MODIFIED']) {
      const [step, facts] = event(type);
      assert.ok(step === 'put');
      const { name, namespace, uid, resourceVersion, terminating } = facts;
      assert.deepEqual([name, namespace, uid, resourceVersion, terminating], ['ecr-creds', 'shop', 'u', '7', false]);
    }
  });
  it('shows that one is being deleted', () => {
    const [step, facts] = event('MODIFIED', { metadata: { ...metadata, deletionTimestamp: 'now' } });
    assert.ok(step === 'put' && facts.terminating);
  });
  it('shows that one is gone', () => assert.equal(event('DELETED')[0], 'gone'));
  it('shows how far it is, and whether that was all there is', () => {
    assert.deepEqual(annotated(undefined), ['bookmark', { resourceVersion: '9', synced: false }]);
    assert.deepEqual(annotated({ 'k8s.io/initial-events-end': 'false' }), [
      'bookmark',
      { resourceVersion: '9', synced: false },
    ]);
    assert.deepEqual(annotated({ 'k8s.io/initial-events-end': 'true' }), [
      'bookmark',
      { resourceVersion: '9', synced: true },
    ]);
  });
  it('has all listed anew where its revision was too old', () => {
    assert.deepEqual(event('ERROR', { code: 410 }), ['relist', 'RevisionTooOld']);
  });
  it('has it begun again from the same revision where the server gave up', () => {
    assert.deepEqual(event('ERROR', { code: 500 }), ['restart', 'ServerError']);
  });

  const odd: Record<string, unknown> = {
    'that is no object': 'text',
    'that is null': null,
    'without an object': { type: 'ADDED' },
    'of an object that is a list': { type: 'ADDED', object: [] },
    'of an object without a name': { type: 'ADDED', object: { metadata: {} } },
    'of an object without metadata': { type: 'DELETED', object: {} },
    'of a kind that nobody knows': { type: 'RENAMED', object: { metadata } },
    'of a kind that is no text': { type: 7, object: { metadata } },
  };
  for (const [title, each] of Object.entries(odd)) {
    it(`changes nothing where it is one ${title}`, () =>
      assert.deepEqual(judgeEvent(each), ['restart', 'EventUnreadable']));
  }
});

it('an object of a list is read by its metadata alone', () => {
  assert.equal(factsIn({ metadata })?.namespace, 'shop');
  assert.equal(factsIn({ metadata: null }), undefined);
  assert.equal(factsIn({ metadata: { uid: 'u' } }), undefined);
});

describe('a watch that is refused', () => {
  const answer = (status: number, message: string): ApiReply => ({ kind: 'answer', status, body: { message } });
  const cases: Record<string, [reply: ApiReply, step: string]> = {
    'since its revision is too old: all is listed anew': [answer(410, 'too old'), 'relist'],
    'by a server that cannot stream lists: pages are asked for': [
      answer(422, 'ListOptions is invalid: sendInitialEvents: Forbidden'),
      'cannotStream',
    ],
    'by an older one, in its words': [answer(400, 'resourceVersionMatch is forbidden for watch'), 'cannotStream'],
    'for another reason: tried again': [answer(422, 'fieldSelector: Invalid value'), 'retry'],
    'by a server that is busy, though it names that: tried again': [answer(503, 'sendInitialEvents'), 'retry'],
    'by nobody: tried again': [{ kind: 'broken', cause: 'Unreachable', message: 'sendInitialEvents' }, 'retry'],
  };
  for (const [title, [reply, step]] of Object.entries(cases)) {
    it(title, () => assert.equal(judgeRefusedWatch(reply), step));
  }
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApiReply } from '../../../src/core/api/reply.ts';
import { prune, type Pruning } from '../../../src/core/controller/pruning.ts';
import { ourSecret } from '../../support/secrets.ts';

const place = { namespace: 'shop', secretName: 'ecr-creds' };
const answer = (status: number, body: unknown = {}): ApiReply => ({ kind: 'answer', status, body });
const ours = answer(200, ourSecret());
const theirs = answer(200, { metadata: { resourceVersion: '7' }, type: 'kubernetes.io/dockerconfigjson' });
const unlabelled = answer(200, { items: [] });
const labelled = answer(200, { items: [{ metadata: { name: 'shop' } }] });
const done = answer(200, { kind: 'Status' });
const silent: ApiReply = { kind: 'broken', cause: 'TimedOut', message: 'late' };

/** What is asked and what it comes to, one reply after the other. */
function story(...replies: ApiReply[]): string[] {
  const told: string[] = [];
  let job: Pruning = { place };
  for (const happened of [['go'] as ['go'], ...replies.map((reply) => ['answered', reply] as ['answered', ApiReply])]) {
    const step = prune(job, happened, { wallMs: 0, steadyMs: 0 }, 0);
    if (step[0] === 'end') {
      const [outcome, failure] = step[1];
      return [...told, failure === undefined ? outcome : `${outcome}: ${failure.code}`];
    }
    assert.ok(step[0] === 'ask');
    const request = step[1];
    told.push(
      request.kind === 'delete' ? `delete ${request.still.uid} at ${request.still.resourceVersion}` : request.kind,
    );
    job = step[2];
  }
  return told;
}

describe('the secret of a namespace that lost its label', () => {
  const rows: Record<string, [replies: ApiReply[], story: string[]]> = {
    'is read, the label is looked for once more, and it is deleted as it was read': [
      [ours, unlabelled, done],
      ['read', 'labelled', 'delete u at 7', 'SecretPruned'],
    ],
    'stays where the label is there again': [
      [ours, labelled],
      ['read', 'labelled', 'NamespaceLabelled'],
    ],
    'stays while nobody can say whether it is': [
      [ours, answer(200, '<html>')],
      ['read', 'labelled', 'Retry: PruneFailed'],
    ],
    'stays while the server does not say whether it is': [
      [ours, silent],
      ['read', 'labelled', 'Retry: PruneFailed'],
    ],
    'stays where it is none of ours': [[theirs], ['read', 'SecretNotOurs']],
    'is gone already': [[answer(404)], ['read', 'SecretGone']],
    'was removed by somebody else meanwhile': [
      [ours, unlabelled, answer(404)],
      ['read', 'labelled', 'delete u at 7', 'SecretGone'],
    ],
    'is looked at again where it changed meanwhile': [
      [ours, unlabelled, answer(409, { message: 'conflict' })],
      ['read', 'labelled', 'delete u at 7', 'Retry: SecretChanged'],
    ],
    'is looked at again where something stands before the server': [
      [ours, unlabelled, answer(200, '<html>')],
      ['read', 'labelled', 'delete u at 7', 'Retry: PruneFailed'],
    ],
    'cannot be read without that permission': [
      [answer(403, { message: 'User "x" cannot get resource "secrets"' })],
      ['read', 'Retry: SecretForbidden'],
    ],
  };
  for (const [title, [replies, told]] of Object.entries(rows)) {
    it(title, () => assert.deepEqual(story(...replies), told));
  }
});

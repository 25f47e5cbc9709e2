import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApiReply } from '../../../src/core/api/reply.ts';
import { forbiddenVerb, judgeLeftover, pruneFailure } from '../../../src/core/secret/leftover.ts';
import { ourSecret } from '../../support/secrets.ts';

const answer = (status: number, body: unknown): ApiReply => ({ kind: 'answer', status, body });
const host = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const data = (auths: object) => ({ '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') });
const secret = (changes: object = {}, metadata: object = {}) => {
  const annotations = { 'ecr-cred-helper/registries': host };
  return answer(200, { ...ourSecret({ annotations, ...metadata }), data: data({ [host]: {} }), ...changes });
};

describe('the secret of a namespace without the label', () => {
  const cases: Record<string, [reply: ApiReply, step: unknown[]]> = {
    'is deleted where nobody but us put anything into it, as long as it is this one': [
      secret(),
      ['delete', { uid: 'u', resourceVersion: '7' }],
    ],
    'is kept where it does not carry our label': [secret({}, { labels: {} }), ['keep', 'SecretNotOurs']],
    'is kept where it is of another type': [secret({ type: 'Opaque' }), ['keep', 'SecretNotOurs']],
    'is kept where others touched it': [
      secret({}, { managedFields: [{ manager: 'ecr-cred-helper' }, { manager: 'kubectl' }] }),
      ['keep', 'SecretTouchedByOthers'],
    ],
    'is kept where nobody can tell who touched it': [
      secret({}, { managedFields: undefined }),
      ['keep', 'SecretTouchedByOthers'],
    ],
    'is kept where it has no owner at all': [secret({}, { managedFields: [] }), ['keep', 'SecretTouchedByOthers']],
    'is kept where it holds a login of others': [
      secret({ data: data({ [host]: {}, 'ghcr.io': {} }) }),
      ['keep', 'SecretHoldsOtherRegistries'],
    ],
    'is gone already': [answer(404, {}), ['keep', 'SecretGone']],
  };
  for (const [title, [reply, step]] of Object.entries(cases)) {
    it(title, () => assert.deepEqual(judgeLeftover(reply), step));
  }

  const unread: ApiReply[] = [
    answer(200, 'a page'),
    answer(403, {}),
    { kind: 'broken', cause: 'TimedOut', message: 'late' },
  ];
  for (const reply of unread) {
    it(`is asked for again where it could not be read: ${JSON.stringify(reply)}`, () =>
      assert.deepEqual(judgeLeftover(reply), ['retry', reply]));
  }
});

describe('a secret that could not be removed', () => {
  const place = { namespace: 'shop', secretName: 'ecr-creds' };
  const cases: Record<string, [reply: ApiReply, code: string]> = {
    'is a matter of permissions where a verb is forbidden': [
      answer(403, { message: 'User "x" cannot delete resource "secrets"' }),
      'SecretForbidden',
    ],
    'is none of permissions where something else says no': [
      answer(403, { message: 'a webhook says no' }),
      'PruneFailed',
    ],
    'was changed meanwhile where the condition was not met': [answer(409, { message: 'conflict' }), 'SecretChanged'],
    'is tried again where the server broke': [answer(500, 'broken'), 'PruneFailed'],
    'is tried again where no answer came': [{ kind: 'broken', cause: 'TimedOut', message: 'late' }, 'PruneFailed'],
  };
  for (const [title, [reply, code]] of Object.entries(cases)) {
    it(title, () => {
      const { code: told, where } = pruneFailure(reply, place);
      assert.deepEqual([told, where], [code, 'shop/ecr-creds']);
    });
  }
  it('names the verb that is missing', () => {
    assert.equal(forbiddenVerb(answer(403, { message: 'User "x" cannot delete resource "secrets"' })), 'delete');
    assert.equal(forbiddenVerb(answer(404, { message: 'cannot delete resource' })), undefined);
  });
});

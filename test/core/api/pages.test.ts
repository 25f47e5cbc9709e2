import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgePage, listFailure, namespaceOf, pageOf, secretsFailure } from '../../../src/core/api/pages.ts';
import type { ApiReply, BrokenCause } from '../../../src/core/api/reply.ts';

const server = 'https://kube.example';
const answer = (status: number, body: unknown): ApiReply => ({ kind: 'answer', status, body, requestId: 'audit' });
const broken = (cause: BrokenCause): ApiReply => ({ kind: 'broken', cause, message: 'why' });
const list = { itemOf: namespaceOf, failure: (reply: ApiReply) => listFailure(reply, server) };

describe('a page of a list', () => {
  it('is the objects in it, the revision of the list and the token for the rest', () => {
    const items = [{ metadata: { name: 'a' } }, { metadata: { name: 'b', deletionTimestamp: 'now' } }];
    const page = pageOf(answer(200, { items, metadata: { resourceVersion: '7', continue: 't' } }), namespaceOf);
    assert.deepEqual(page, {
      items: [
        { name: 'a', terminating: false },
        { name: 'b', terminating: true },
      ],
      resourceVersion: '7',
      continueToken: 't',
    });
  });
  it('is not spoilt by what is no object', () => {
    const page = pageOf(answer(200, { items: [null, 7, { metadata: { name: 'a' } }, []] }), namespaceOf);
    assert.deepEqual(page, { items: [{ name: 'a', terminating: false }], resourceVersion: '' });
  });
  for (const body of [{}, { items: {} }, { items: null }, 'text', null, []]) {
    it(`is none without a list of objects, and not an empty one: ${JSON.stringify(body)}`, () => {
      assert.equal(pageOf(answer(200, body), namespaceOf), undefined);
      assert.equal(judgePage(answer(200, body), list)[0], 'fail');
    });
  }

  const tooOld = answer(410, { message: 'too old', metadata: { continue: 'rest' } });
  const steps: Record<string, [reply: ApiReply, step: unknown, ofOneMoment?: true]> = {
    'goes on with the token that the server offers for one that grew too old': [tooOld, ['resume', 'rest']],
    'does not, where all must be of one moment': [tooOld, 'fail', true],
    'fails where no other token is offered': [answer(410, { message: 'too old' }), 'fail'],
    'is asked for in a smaller one where it is too large': [broken('TooLarge'), 'smaller'],
    'is asked for again where the server is busy': [answer(503, 'busy'), 'retry'],
  };
  for (const [title, [reply, step, ofOneMoment]] of Object.entries(steps)) {
    it(title, () => {
      const judged = judgePage(reply, ofOneMoment === true ? { ...list, ofOneMoment } : list);
      assert.deepEqual(typeof step === 'string' ? judged[0] : judged, step);
    });
  }
});

describe('a list that cannot be had', () => {
  const cases: Record<string, [reply: ApiReply, ofNamespaces: string, ofSecrets: string]> = {
    'since nobody is there': [broken('Unreachable'), 'ApiUnreachable', 'ApiUnreachable'],
    'since the certificate is not trusted': [broken('TlsUntrusted'), 'ApiTlsUntrusted', 'ApiTlsUntrusted'],
    'since nobody answers in time': [broken('TimedOut'), 'ApiTimedOut', 'ApiTimedOut'],
    'since there are no credentials': [broken('CredentialsFailed'), 'ApiCredentialsFailed', 'ApiCredentialsFailed'],
    'since it has no end': [broken('Endless'), 'ApiListFailed', 'ApiListFailed'],
    'since nobody knows us': [answer(401, ''), 'ApiUnauthorized', 'ApiUnauthorized'],
    'since it is forbidden': [answer(403, { message: 'no' }), 'ApiListForbidden', 'SecretListForbidden'],
    'since the server says something else': [answer(418, ''), 'ApiListFailed', 'SecretListFailed'],
  };
  for (const [title, [reply, ofNamespaces, ofSecrets]] of Object.entries(cases)) {
    it(`${title} is named`, () => {
      const failures = [listFailure(reply, server), secretsFailure(reply, server, 'ecr-creds')];
      assert.deepEqual(
        failures.map(({ code }) => code),
        [ofNamespaces, ofSecrets],
      );
      for (const { where, requestId } of failures) {
        assert.deepEqual([where, requestId], [server, reply.kind === 'answer' ? 'audit' : undefined]);
      }
    });
  }
  it('since something came that is no list says so', () => {
    assert.equal(listFailure(answer(200, '<html>'), server).why, 'it answered with something that is no list');
  });
});

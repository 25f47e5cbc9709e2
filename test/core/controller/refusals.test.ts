import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApiReply } from '../../../src/core/api/reply.ts';
import { eventFailure, isLasting, leaseFailure, watchFailure } from '../../../src/core/controller/refusals.ts';

const server = 'https://kube.example';
const answer = (status: number, message = ''): ApiReply => ({ kind: 'answer', status, body: { message } });
const away: ApiReply = { kind: 'broken', cause: 'Unreachable', message: 'refused' };
const untrusted: ApiReply = { kind: 'broken', cause: 'TlsUntrusted', message: 'self-signed' };
const namespaces = { kind: 'namespaces' } as const;
const secrets = { kind: 'secrets', secretName: 'ecr-creds' } as const;

describe('what keeps something from being watched', () => {
  const cases: Record<string, [reply: ApiReply, code: string, lasts: boolean, topic?: typeof secrets]> = {
    'a permission to watch that is missing': [
      answer(403, 'User "x" cannot watch resource "namespaces"'),
      'ApiWatchForbidden',
      true,
    ],
    'a permission to list namespaces that is missing': [
      answer(403, 'User "x" cannot list resource "namespaces"'),
      'ApiListForbidden',
      true,
    ],
    'a permission to list secrets that is missing': [
      answer(403, 'User "x" cannot list resource "secrets"'),
      'SecretListForbidden',
      true,
      secrets,
    ],
    'a permission to watch secrets that is missing': [
      answer(403, 'User "x" cannot watch resource "secrets"'),
      'ApiWatchForbidden',
      true,
      secrets,
    ],
    'a token that the server does not take': [answer(401), 'ApiUnauthorized', true],
    'a certificate that is not trusted': [untrusted, 'ApiTlsUntrusted', true],
    'a server that is away': [away, 'ApiUnreachable', false],
    'a server that is busy': [answer(503, 'busy'), 'ApiWatchFailed', false],
  };
  for (const [title, [reply, code, lasts, topic = namespaces]] of Object.entries(cases)) {
    it(`is named, and whether somebody has to mend it: ${title}`, () => {
      const failure = watchFailure(reply, topic, server);
      assert.deepEqual([failure.code, failure.where, isLasting(failure.code)], [code, server, lasts]);
    });
  }
});

describe('what keeps the Lease from being written', () => {
  const codes = [401, 403, 500, 0].map((status) => leaseFailure(status, 'why', { namespace: 'n', name: 'l' }));
  it('is named by the status of the answer', () => {
    assert.deepEqual(
      codes.map(({ code }) => code),
      ['ApiUnauthorized', 'LeaseForbidden', 'LeaseFailed', 'LeaseFailed'],
    );
    assert.equal(codes[1]?.where, 'n/l');
  });
  it('lasts where somebody has to mend it', () => {
    assert.deepEqual(
      codes.map(({ code }) => isLasting(code)),
      [true, true, false, false],
    );
  });
});

describe('what keeps an Event from being taken', () => {
  it('is named by the status of the answer, and lasts where somebody has to mend it', () => {
    const codes = [answer(401), answer(403, 'no'), answer(500), away].map((reply) => eventFailure(reply, 'n').code);
    assert.deepEqual(codes, ['ApiUnauthorized', 'EventForbidden', 'EventFailed', 'EventFailed']);
    assert.deepEqual(codes.map(isLasting), [true, true, false, false]);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApiReply } from '../../../src/core/api/reply.ts';
import { findVersion, findWho, isServiceAccount } from '../../../src/core/doctor/kubernetes.ts';

const answer = (status: number, body: unknown = ''): ApiReply => ({ kind: 'answer', status, body });
const away: ApiReply = { kind: 'broken', cause: 'Unreachable', message: 'refused' };
const reasonsOf = (findings: readonly { reason: string }[]) => findings.map(({ reason }) => reason);

describe('the version of an API server', () => {
  const cases: Record<string, [reply: ApiReply, reasons: string[]]> = {
    'is too old before 1.22': [answer(200, { gitVersion: 'v1.21.14' }), ['ApiAnswers', 'VersionTooOld']],
    'fits from 1.22': [answer(200, { gitVersion: 'v1.22.0+k3s1' }), ['ApiAnswers', 'VersionSupported']],
    'fits up to one release after the newest tested': [
      answer(200, { gitVersion: 'v1.37.1' }),
      ['ApiAnswers', 'VersionSupported'],
    ],
    'is untested from there': [answer(200, { gitVersion: 'v1.38.0' }), ['ApiAnswers', 'VersionUntested']],
    'is not known where it names none': [answer(200, {}), ['ApiAnswers', 'CouldNotLook']],
    'is not known where it may not be seen': [answer(403), ['ApiAnswers', 'CouldNotLook']],
    'is nothing where nobody answers': [away, ['ApiUnreachable']],
    'is nothing where nobody knows us': [answer(401), ['ApiUnauthorized']],
  };
  for (const [title, [reply, reasons]] of Object.entries(cases)) {
    it(title, () => assert.deepEqual(reasonsOf(findVersion('https://kube', reply)), reasons));
  }
});

describe('as whom the questions are asked', () => {
  const expected = 'system:serviceaccount:n:a';
  const review = (username: string) => answer(201, { status: { userInfo: { username } } });
  const forbidden = answer(403, { message: 'User "me" cannot impersonate resource "serviceaccounts"' });
  const cases: Record<string, [facts: Parameters<typeof findWho>[0], reasons: string[]]> = {
    'is a ServiceAccount': [{ review: review(expected), expected }, ['AskedAs']],
    'is somebody else, which says little': [{ review: review('admin'), expected }, ['AskedAsSomebodyElse']],
    'is whom --as names, where the server does not say it': [
      { review: answer(404), as: expected, account: answer(200), expected },
      ['AskedAs'],
    ],
    'is nobody for whom we may not speak': [{ review: forbidden, as: expected, expected }, ['ImpersonationForbidden']],
    'is no account that is not there': [
      { review: review(expected), as: expected, account: answer(404), expected },
      ['ServiceAccountUnknown'],
    ],
    'is not known where the server does not say it': [{ review: answer(404), expected }, ['CouldNotLook']],
    'is not known where nobody answers': [{ review: away, expected }, ['CouldNotLook']],
  };
  for (const [title, [facts, reasons]] of Object.entries(cases)) {
    it(title, () => assert.deepEqual(reasonsOf(findWho(facts)), reasons));
  }
  it('is a ServiceAccount where its name begins like one', () => {
    assert.deepEqual(['system:serviceaccount:a:b', 'system:node:a'].map(isServiceAccount), [true, false]);
  });
});

import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { ApiReply } from '../../../src/core/api/reply.ts';
import { trial, tryOut } from '../../../src/core/doctor/trial.ts';

it('a namespace is read and then tried to be written, whatever the first is answered', () => {
  const answer = (status: number): ApiReply => ({ kind: 'answer', status, body: {} });
  const now = { wallMs: 0, steadyMs: 0 };
  const begun = tryOut(trial(), ['go'], now, 0);
  assert.deepEqual([begun[0], begun[1]], ['ask', 'read']);
  const read = tryOut(begun[2], ['answered', answer(403)], now, 0);
  assert.deepEqual([read[0], read[1]], ['ask', 'write']);
  const written = tryOut(read[2], ['answered', answer(201)], now, 0);
  assert.deepEqual([written[0], written[1]], ['end', { read: answer(403), written: answer(201) }]);
});

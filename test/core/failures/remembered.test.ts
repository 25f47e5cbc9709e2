import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { failure, remembered } from '../../../src/core/failures/errors.ts';

const facts = { where: 'team/ecr-creds', namespace: 'team', secret: 'ecr-creds' };

describe('a failure that is remembered', () => {
  it('is the same where its reason is short', () => {
    const short = failure('AdmissionDenied', { ...facts, why: 'no' });
    assert.equal(remembered(short), short);
  });

  it('has the beginning of a long one, up to a word, and all else of it', () => {
    const long = failure('AdmissionDenied', { ...facts, why: 'not like this, '.repeat(500) });
    const { why, ...rest } = remembered(long);
    assert.ok(why.length <= 257 && why.startsWith('not like this, not like this') && why.endsWith('…'), why);
    assert.deepEqual({ ...rest, why: long.why }, long);
  });
});

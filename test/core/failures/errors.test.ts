import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exitCodeOf, failure, failureLine, remedy } from '../../../src/core/failures/errors.ts';

const facts = { where: 'shop/ecr-creds', why: 'no room', namespace: 'shop', secret: 'ecr-creds' };

describe('a failure', () => {
  it('is one line for people: what, where, why and what to do', () => {
    assert.match(
      failureLine(failure('QuotaExceeded', facts)),
      /^The namespace's quota leaves no room for the secret \(shop\/ecr-creds\): no room\. \S/,
    );
  });
  it('has the id under which others logged the request', () => {
    const found = failure('QuotaExceeded', { ...facts, requestId: 'audit-7' });
    assert.equal(found.requestId, 'audit-7');
    assert.match(failureLine(found), /: no room \[request audit-7\]\. /);
    assert.ok(!('requestId' in failure('QuotaExceeded', facts)));
  });
  it('ends a pass with the code of its kind: AWS, the API server, a namespace', () => {
    const codes = ['AwsAccessDenied', 'ApiListForbidden', 'QuotaExceeded', 'RegionMissing'] as const;
    assert.deepEqual(codes.map(exitCodeOf), [3, 4, 5, 2]);
  });
});

describe('a remedy', () => {
  it('has its facts filled in, and nothing that stands in them', () => {
    assert.equal(remedy('X', 'Set {name} to {host}.', { name: '{host}', host: 'a' }), 'Set {host} to a.');
  });
  it('without one of its facts is a bug', () => {
    assert.throws(() => remedy('X', 'Set {name}.', {}), /X needs a value for \{name\}/);
  });
});

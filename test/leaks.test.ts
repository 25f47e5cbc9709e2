import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leaksIn } from './support/leaks.ts';

// Put together here, so that this file does not hold what it looks for.
const secrets: Record<string, string> = {
  'an authorization token of ECR': Buffer.from(`AWS:${'p'.repeat(40)}`).toString('base64'),
  'a docker config with a password': JSON.stringify({ auths: { host: { password: 'hidden' } } }),
  'a secret access key': ['wJalr', 'XUtnFEMI/K7MDENG'].join(''),
  'a bearer token': `Bearer ${'t'.repeat(20)}`,
  'a JSON Web Token': [`eyJ${'a'.repeat(10)}`, 'b'.repeat(10), 'c'.repeat(10)].join('.'),
  "the administrator's token": `admin-${'0'.repeat(32)}`,
  'a private key': ['-----BEGIN EC PRIVATE', 'KEY-----'].join(' '),
};

for (const [what, secret] of Object.entries(secrets)) {
  test(`${what} is found in what was printed, and not repeated`, () => {
    assert.deepEqual(leaksIn(`first\n{"msg": ${secret}}`), [`line 2 shows ${what}`]);
  });
}

test('what only speaks of secrets is no leak', () => {
  assert.deepEqual(leaksIn('secretAccessKey is missing; Bearer [hidden]; {"password":"***"}; ecr-creds applied'), []);
});

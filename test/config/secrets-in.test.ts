import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { secretsIn } from '../../src/config/secrets-in.ts';

const key = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';

describe('what must never be shown of the environment and the arguments', () => {
  const rows: Record<string, [env: Record<string, string>, argv: string[], holds: string]> = {
    'is the value of a variable for a credential, however short': [{ AWS_SECRET_ACCESS_KEY: 'short' }, [], 'short'],
    'is the value of a variable that is named like a secret': [
      { MY_API_TOKEN: 'long-enough-text' },
      [],
      'long-enough-text',
    ],
    'is a password in a URL, as it is written': [{ HTTPS_PROXY: 'http://me:p%40ss-word@proxy' }, [], 'p%40ss-word'],
    'is a password in a URL, as it is meant': [{ HTTPS_PROXY: 'http://me:p%40ss-word@proxy' }, [], 'p@ss-word'],
    'is a password in a URL that holds an @': [{ HTTPS_PROXY: 'http://me:p@ss:word@proxy' }, [], 'p@ss:word'],
    'is a token in place of a user': [{ X: 'https://token-of-mine@git.example/' }, [], 'token-of-mine'],
    'is a key in the wrong variable': [{ AWS_REGION: key }, [], key],
    'is a key in the midst of a text': [{ NOTE: `use ${key} here` }, [], key],
    'is a key in the query of a URL': [{ URL: `https://x.example/?k=${key}` }, [], key],
    'is a key among the arguments': [{}, [key], key],
    'is a key behind a flag': [{}, [`--kubeconfig=${key}`], key],
  };
  for (const [title, [env, argv, holds]] of Object.entries(rows)) {
    it(title, () => assert.ok(secretsIn(env, argv).includes(holds)));
  }
  it('is nothing that is in order', () => {
    const env = { AWS_REGION: 'eu-west-1', PATH: '/usr/local/bin:/usr/bin', LOG_LEVEL: 'info', MY_TOKEN: 'short' };
    assert.deepEqual(secretsIn(env, ['refresh', '--dry-run', '--kubeconfig=/home/me/.kube/config']), []);
  });
});

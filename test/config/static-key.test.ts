import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { staticKeyIn } from '../../src/config/aws/static-key.ts';

const key = { AWS_ACCESS_KEY_ID: 'AKIAENV', AWS_SECRET_ACCESS_KEY: 'env-secret' };
const file = '[default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key = default-secret\n';
const dev = '[dev]\naws_access_key_id = ASIADEV\naws_secret_access_key = dev-secret\naws_session_token = dev-token\n';
const role = '[default]\nrole_arn = arn:r\naws_access_key_id = A\naws_secret_access_key = s\n';

describe('the static key of a configuration', () => {
  const cases: Record<string, [env: Record<string, string>, file: string, id: string | undefined]> = {
    'is that of the environment': [key, file, 'AKIAENV'],
    'is that of the file where the environment has half of one': [{ AWS_ACCESS_KEY_ID: 'A' }, file, 'AKIADEFAULT'],
    'is that of the profile that is named, though the environment has one': [
      { ...key, AWS_PROFILE: 'dev' },
      file + dev,
      'ASIADEV',
    ],
    'is none of another profile than the one that is named': [{ AWS_PROFILE: 'other' }, file, undefined],
    'is none where the profile assumes a role': [{}, role, undefined],
    'is none where there is nothing': [{}, '', undefined],
  };
  for (const [title, [env, text, id]] of Object.entries(cases)) {
    it(title, () => {
      const found = staticKeyIn(env, '/home', (path) => (path === '/home/.aws/credentials' ? text : undefined));
      assert.equal(found?.accessKeyId, id);
    });
  }
  it('has its session token, and is found in the file that is named', () => {
    const env = { AWS_PROFILE: 'dev', AWS_SHARED_CREDENTIALS_FILE: '/keys' };
    assert.deepEqual(
      staticKeyIn(env, '/home', (path) => (path === '/keys' ? dev : undefined)),
      {
        accessKeyId: 'ASIADEV',
        secretAccessKey: 'dev-secret',
        sessionToken: 'dev-token',
        feature: 'CREDENTIALS_PROFILE',
      },
    );
  });
});

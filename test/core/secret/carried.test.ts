import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { carriedFrom } from '../../../src/core/secret/carried.ts';
import { pullSecret, takeoverBody, type ExistingSecret } from '../../../src/core/secret/pull-secret.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const [here, there] = ['here.example', 'there.example'];
const token = { hosts: [here], password: 'new', issuedAtMs: 100, expiresAtMs: 1_000_000 };
const secret = pullSecret('ecr-creds', [token], { wallMs: 100, steadyMs: 0 }, [there]);

const existing = (password: string, changes: Partial<ExistingSecret> = {}): ExistingSecret => ({
  type: 'kubernetes.io/dockerconfigjson',
  immutable: false,
  resourceVersion: '15',
  registries: [here, there],
  refreshedAtMs: 50,
  expiresAtMs: 500_000,
  managedByUs: true,
  data: base64(
    JSON.stringify({
      auths: { [here]: { auth: base64('AWS:old') }, [`https://${there}`]: { auth: base64(`AWS:${password}`) } },
    }),
  ),
  ...changes,
});
const ends = (seconds: number) => base64(JSON.stringify({ payload: 'x', expiration: seconds }));

describe('a login for a registry whose region gives no token', () => {
  const cases: Record<string, [existing: ExistingSecret, nowMs: number, expiresAtMs: number | undefined]> = {
    'is kept until what is noted on the secret': [existing('old'), 499_999, 500_000],
    'is dropped then': [existing('old'), 500_000, undefined],
    'is kept until what its password says, where that says it': [existing(ends(700)), 699_999, 700_000],
    'is dropped where its password says it has ended': [existing(ends(300)), 300_000, undefined],
    'is kept where nobody knows when it ends': [existing('old', { managedByUs: false }), 600_000, 1_000_000],
    'is none where another user stands there': [
      existing('', { data: base64(JSON.stringify({ auths: { [there]: { auth: base64('me:x') } } })) }),
      0,
      undefined,
    ],
    'is none where nothing stands there': [existing('', { data: undefined }), 0, undefined],
  };
  for (const [title, [found, nowMs, expiresAtMs]] of Object.entries(cases)) {
    it(title, () =>
      assert.deepEqual(
        carriedFrom(found, secret, nowMs).map((each) => each.expiresAtMs),
        [expiresAtMs].filter((each) => each !== undefined),
      ),
    );
  }
  it('is looked for only where one is missing', () => {
    assert.deepEqual(carriedFrom(existing('old'), pullSecret('x', [token], { wallMs: 0, steadyMs: 0 }), 0), []);
  });
  it('stands beside the new ones, and the secret says when the first of all ends', () => {
    const found = existing('old');
    const body = JSON.parse(
      takeoverBody(secret, { existing: found, merge: false, carried: carriedFrom(found, secret, 200) }),
    ) as {
      metadata: { annotations: Record<string, string>; resourceVersion: string };
      data: Record<string, string>;
    };
    const config: unknown = JSON.parse(Buffer.from(body.data['.dockerconfigjson'] ?? '', 'base64').toString());
    const login = (password: string) => ({ auth: base64(`AWS:${password}`) });
    assert.deepEqual(config, { auths: { [here]: login('new'), [there]: login('old') } });
    assert.equal(body.metadata.resourceVersion, '15');
    assert.equal(body.metadata.annotations['ecr-cred-helper/registries'], `${here},${there}`);
    assert.equal(body.metadata.annotations['ecr-cred-helper/expires-at'], new Date(500_000).toISOString());
  });
});

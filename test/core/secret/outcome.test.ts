import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApiReply } from '../../../src/core/api/reply.ts';
import { judgeApply, judgeExisting, type Outcome } from '../../../src/core/secret/outcome.ts';
import { pullSecret } from '../../../src/core/secret/pull-secret.ts';

const place = { namespace: 'shop', secretName: 'ecr-creds' };
const answer = (status: number, body: unknown): ApiReply => ({ kind: 'answer', status, body, requestId: 'audit' });
const said = (status: number, message: string, ...causes: object[]) => answer(status, { message, details: { causes } });

function inWords([kind, reason]: Outcome): string {
  return `${kind}: ${typeof reason === 'object' ? reason.code : reason}`;
}

describe('an apply that is refused', () => {
  const cases: Record<string, [reply: ApiReply, outcome: string]> = {
    'skips a namespace that is being deleted': [
      said(
        403,
        'secrets "ecr-creds" is forbidden: unable to create new content in namespace shop because it is being terminated',
        {
          reason: 'NamespaceTerminating',
          message: 'namespace shop is being terminated',
          field: 'metadata.namespace',
        },
      ),
      'skipped: NamespaceTerminating',
    ],
    'skips a namespace that is gone': [said(404, 'namespaces "shop" not found'), 'skipped: NamespaceGone'],
    'names a quota that is full': [
      said(
        403,
        'secrets "ecr-creds" is forbidden: exceeded quota: few, requested: count/secrets=1, used: 1, limited: 1',
      ),
      'failed: QuotaExceeded',
    ],
    'names a permission that is missing': [
      said(
        403,
        'secrets "ecr-creds" is forbidden: User "system:serviceaccount:a:b" cannot patch resource "secrets" in API group ""',
      ),
      'failed: SecretForbidden',
    ],
    'names a webhook that says no, whatever its status is': [
      said(400, 'admission webhook "no.example" denied the request: not today'),
      'failed: AdmissionDenied',
    ],
    'names a policy that says no': [
      said(
        422,
        `secrets "ecr-creds" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: not today`,
      ),
      'failed: AdmissionDenied',
    ],
    'names our own fence, which has to agree with the settings': [
      said(
        422,
        `secrets "ecr-creds" is forbidden: ValidatingAdmissionPolicy 'a-ecr-cred-helper-fence' with binding 'b' denied request: this account may write into namespaces that carry the label, and this one does not`,
      ),
      'failed: FenceDenied',
    ],
    'does not take what a tenant writes for a policy of the cluster': [
      said(422, 'invalid: ValidatingAdmissionPolicy: it was denied'),
      'failed: SecretInvalid',
    ],
    'takes every other 403 for a policy': [said(403, 'no'), 'failed: AdmissionDenied'],
    'names a secret of another type': [
      said(422, 'Secret "ecr-creds" is invalid', { field: 'type', message: 'Invalid value: "x": field is immutable' }),
      'refused: SecretTypeDiffers',
    ],
    'names a secret that cannot be changed': [
      said(422, 'Secret "ecr-creds" is invalid', {
        field: 'data',
        message: 'Forbidden: field is immutable when `immutable` is set',
      }),
      'refused: SecretImmutable',
    ],
    'names a secret that the server finds invalid': [said(422, 'Secret "x" is invalid'), 'failed: SecretInvalid'],
    'says that nobody knows us': [said(401, 'Unauthorized'), 'failed: ApiUnauthorized'],
    'says what came, where that is anything else': [said(418, 'teapot'), 'failed: NamespaceUnserved'],
    'is none for good where the object that came is no secret': [
      answer(200, { kind: 'Status' }),
      'failed: NamespaceUnserved',
    ],
  };
  for (const [title, [reply, outcome]] of Object.entries(cases)) {
    it(title, () => {
      const [step, result] = judgeApply(reply, { place, dryRun: false, takeover: undefined, looks: 0 });
      assert.ok(step === 'settle');
      assert.equal(inWords(result), outcome);
    });
  }

  for (const status of [429, 500, 503]) {
    it(`is tried again after ${status}`, () => {
      const [step, failure] = judgeApply(said(status, 'busy'), { place, dryRun: false, takeover: undefined, looks: 0 });
      assert.ok(step === 'retry');
      assert.equal(failure.requestId, 'audit', 'with the id under which the server logged it');
    });
  }
});

describe('a secret that is looked at', () => {
  const secret = pullSecret('ecr-creds', [{ hosts: ['a.example'], password: 'p', issuedAtMs: 0, expiresAtMs: 9 }], {
    wallMs: 0,
    steadyMs: 0,
  });
  const found = (changes: object, config: object = { auths: {} }) =>
    answer(200, {
      metadata: { resourceVersion: '7' },
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': Buffer.from(JSON.stringify(config)).toString('base64') },
      ...changes,
    });
  const judged = (reply: ApiReply, onConflict: 'refuse' | 'merge' | 'overwrite' = 'refuse') => {
    const [step, result] = judgeExisting(reply, place, secret, onConflict, { wallMs: 0, steadyMs: 0 });
    if (step !== 'settle') return [step, undefined];
    return [inWords(result), typeof result[1] === 'object' ? result[1].why : undefined];
  };
  const many = Object.fromEntries(Array.from({ length: 7 }, (_, number) => [`${number}.example`, {}]));

  const cases: Record<string, [reply: ApiReply, step: string, why?: string]> = {
    'is taken over where it holds nothing of others': [found({}), 'takeOver'],
    'is refused where it cannot be changed': [
      found({ immutable: true }),
      'refused: SecretImmutable',
      'it has immutable: true',
    ],
    'is refused where it is of another type': [
      found({ type: 'Opaque' }),
      'refused: SecretTypeDiffers',
      'its type is Opaque',
    ],
    'is refused with five of the hosts that others log in to, and how many more there are': [
      found({}, { auths: many, credsStore: 'x' }),
      'refused: SecretHoldsOtherRegistries',
      'it holds logins for 0.example, 1.example, 2.example, 3.example, 4.example and 2 more and the settings credsStore',
    ],
    'is refused where it is larger than anybody reads': [
      { kind: 'broken', cause: 'TooLarge', message: 'larger than 256 KiB' },
      'refused: SecretTooLarge',
      'larger than 256 KiB',
    ],
    'is no secret where it has no type': [
      found({ type: undefined }),
      'failed: NamespaceUnserved',
      'the API server answered without a Secret',
    ],
    'may not be looked at': [
      said(403, 'User "x" cannot get resource "secrets"'),
      'failed: SecretForbidden',
      'User "x" cannot get resource "secrets"',
    ],
  };
  for (const [title, [reply, ...told]] of Object.entries(cases)) {
    it(title, () => assert.deepEqual(judged(reply), [told[0], told[1]]));
  }
  it('is not merged with what no kubelet can read, which would keep our login from being used, too', () => {
    const broken = found({}, { auths: { 'ghcr.io': { auth: 'c29tZXRva2Vu' }, 'b.example': { auth: 'dTpw' } } });
    const why = 'no kubelet can read ghcr.io';
    assert.deepEqual(judged(broken, 'merge'), ['refused: SecretUnreadable', why]);
    assert.equal(judged(broken, 'overwrite')[0], 'takeOver');
  });
});

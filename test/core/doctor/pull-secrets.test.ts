import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApiReply } from '../../../src/core/api/reply.ts';
import {
  findPullSecret,
  findWriters,
  secretFact,
  type SecretFact,
  type SecretPlace,
} from '../../../src/core/doctor/pull-secrets.ts';

const hourMs = 3_600_000;
const nowMs = Date.UTC(2026, 0, 2);
const login = { auth: Buffer.from('AWS:p').toString('base64') };
const encoded = (config: unknown) => Buffer.from(JSON.stringify(config)).toString('base64');

type Changes = {
  type?: string;
  immutable?: boolean;
  config?: unknown;
  expiresInMs?: number;
  labels?: object;
  managedFields?: object[];
};
const secret = (changes: Changes = {}): ApiReply => {
  const { type = 'kubernetes.io/dockerconfigjson', immutable, config = { auths: { 'a.example': login } } } = changes;
  const {
    expiresInMs = 6 * hourMs,
    labels = { 'app.kubernetes.io/managed-by': 'ecr-cred-helper' },
    managedFields,
  } = changes;
  const annotations = { 'ecr-cred-helper/expires-at': new Date(nowMs + expiresInMs).toISOString() };
  const metadata = { resourceVersion: '7', labels, annotations, managedFields };
  return {
    kind: 'answer',
    status: 200,
    body: { metadata, type, immutable, data: { '.dockerconfigjson': encoded(config) } },
  };
};
const place: SecretPlace = {
  namespace: 'shop',
  secretName: 'ecr-creds',
  expected: ['a.example'],
  onConflict: 'refuse',
  nowMs,
  run: 'Run it',
};
const ownEntry = (manager: string) => ({
  manager,
  time: '2026-01-01T00:00:00Z',
  fieldsV1: { 'f:data': { 'f:.dockerconfigjson': {} } },
});
const others = { auths: { 'a.example': login, 'ghcr.io': login }, credsStore: 'x' };
const tooMuch = { auths: { 'a.example': login }, more: Array.from({ length: 20_000 }, () => 0) };

describe('the state of a pull secret', () => {
  const answer = (status: number): ApiReply => ({ kind: 'answer', status, body: {} });
  const cases: Record<string, [reply: ApiReply, reason: string, place?: Partial<SecretPlace>]> = {
    'is valid': [secret(), 'PullSecretValid'],
    'is missing': [answer(404), 'PullSecretMissing'],
    'is not known where it may not be read': [answer(403), 'CouldNotLook'],
    'is not known where nobody answers': [{ kind: 'broken', cause: 'TimedOut', message: 'late' }, 'CouldNotLook'],
    'is of another type': [secret({ type: 'Opaque' }), 'SecretTypeDiffers'],
    'is that it cannot be changed': [secret({ immutable: true }), 'SecretImmutable'],
    'is too much to be looked at': [secret({ config: tooMuch }), 'SecretTooLarge'],
    'is that it would be written over all the same, where that is asked for': [
      secret({ config: tooMuch }),
      'PullSecretUnreadable',
      { onConflict: 'overwrite' },
    ],
    'is that it holds logins of others, which are not written over': [
      secret({ config: others }),
      'SecretHoldsOtherRegistries',
    ],
    'is that it lacks a registry where what it holds instead was ours alone': [
      secret({ config: { auths: { 'old.example': login } }, managedFields: [ownEntry('ecr-cred-helper')] }),
      'PullSecretLacksRegistry',
    ],
    'is that it holds logins of others where we merged them in': [
      secret({ config: others, managedFields: [ownEntry('ecr-cred-helper-merge')] }),
      'SecretHoldsOtherRegistries',
    ],
    'is that it is shared, where it may be merged': [
      secret({ config: others }),
      'PullSecretShared',
      { onConflict: 'merge' },
    ],
    'is that no kubelet can read it, where it may be merged': [
      secret({ config: { auths: { 'a.example': login, 'ghcr.io': 'x' } } }),
      'SecretUnreadable',
      { onConflict: 'merge' },
    ],
    'is that it holds no login': [secret({ config: { auths: {} } }), 'PullSecretUnreadable'],
    'is that it is no docker config': [secret({ config: 'x' }), 'PullSecretUnreadable'],
    'is expired at the end of its token': [secret({ expiresInMs: 0 }), 'PullSecretExpired'],
    'is expiring in the last quarter of its life': [secret({ expiresInMs: 3 * hourMs - 1 }), 'PullSecretExpiring'],
    'is not expiring before that': [secret({ expiresInMs: 3 * hourMs }), 'PullSecretValid'],
    'is that it lacks a registry': [secret(), 'PullSecretLacksRegistry', { expected: ['a.example', 'b.example'] }],
    'is that others wrote it': [secret({ labels: {} }), 'PullSecretOfOthers'],
    'is not that it holds logins of others where nobody knows which are ours': [
      secret({ config: others }),
      'PullSecretValid',
      { expected: [] },
    ],
  };
  for (const [title, [reply, reason, changes]] of Object.entries(cases)) {
    it(title, () => {
      const at = { ...place, ...changes };
      assert.deepEqual(
        findPullSecret(secretFact(reply, at.expected), at).map((found) => found.reason),
        [reason],
      );
    });
  }
  it('is told with the command that keeps what others have in it, where one is known', () => {
    const set = (name: string, value: string) => `kubectl set ${name}=${value}`;
    const [found] = findPullSecret(secretFact(secret({ config: others }), place.expected), { ...place, set });
    assert.match(found?.fix ?? '', / To keep it: kubectl set ECR_ON_CONFLICT=merge$/);
  });
  it('holds nothing secret', () => {
    const fact = secretFact(secret({ config: others }), ['a.example']);
    assert.doesNotMatch(JSON.stringify(fact), new RegExp(login.auth));
  });
});

describe('who else writes a pull secret', () => {
  const entry = (manager: string, ownsData = true) => ({
    manager,
    time: '2026-01-01T00:00:00Z',
    fieldsV1: ownsData ? { 'f:data': { 'f:.dockerconfigjson': {} } } : { 'f:metadata': {} },
  });
  const found = (changes: Changes | SecretFact) => {
    const fact = 'kind' in changes ? changes : secretFact(secret(changes), []);
    return findWriters(fact, 'shop', 'ecr-creds').map(({ reason }) => reason);
  };
  const cases: Record<string, [managedFields: object[], reasons: string[]]> = {
    'is nobody where we alone do': [[entry('ecr-cred-helper')], ['SecretHasOneWriter']],
    'is nobody where we merge, too': [
      [entry('ecr-cred-helper'), entry('ecr-cred-helper-merge')],
      ['SecretHasOneWriter'],
    ],
    'is nobody where others only label it': [
      [entry('ecr-cred-helper'), entry('kubectl', false)],
      ['SecretHasOneWriter'],
    ],
    'is whoever owns its data beside us': [[entry('ecr-cred-helper'), entry('helm')], ['SecretHasOtherWriters']],
  };
  for (const [title, [managedFields, reasons]] of Object.entries(cases)) {
    it(title, () => assert.deepEqual(found({ managedFields }), reasons));
  }
  it('is not asked of a secret that is none of ours, or none at all', () => {
    assert.deepEqual(found({ labels: {}, managedFields: [entry('helm')] }), []);
    assert.deepEqual(found({ kind: 'missing' }), []);
  });
});

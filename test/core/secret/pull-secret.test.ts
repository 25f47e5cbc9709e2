import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  existingSecret,
  onCondition,
  pullSecret,
  pullSecretNotes,
  takeoverBody,
  timestamp,
} from '../../../src/core/secret/pull-secret.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const token = (host: string, issuedAtMs: number, expiresAtMs: number) => ({
  hosts: [host],
  password: 'p',
  issuedAtMs,
  expiresAtMs,
});
const tokens = [token('b.example', 2000, 50_123), token('a.example', 1000, 60_000)];
const secret = pullSecret('ecr-creds', tokens, { wallMs: 2000, steadyMs: 5 });

type Body = { metadata: Record<string, unknown>; type: string; data: Record<string, string> };
const read = (body: string) => JSON.parse(body) as Body;
const configIn = ({ data }: Body) =>
  JSON.parse(Buffer.from(data['.dockerconfigjson'] ?? '', 'base64').toString()) as { auths: object };

describe('the pull secret that holds some tokens', () => {
  it('is for all of their hosts, in order, and expires with the first of them', () => {
    assert.deepEqual([secret.hosts, secret.expiresAtMs], [['a.example', 'b.example'], 50_123]);
  });
  it('is applied as a Secret of its type, with our label and with notes of what is in it', () => {
    const body = read(secret.body);
    assert.equal(body.type, 'kubernetes.io/dockerconfigjson');
    assert.deepEqual(body.metadata, {
      name: 'ecr-creds',
      labels: { 'app.kubernetes.io/managed-by': 'ecr-cred-helper' },
      annotations: {
        'ecr-cred-helper/registries': 'a.example,b.example',
        'ecr-cred-helper/refreshed-at': '1970-01-01T00:00:01Z',
        'ecr-cred-helper/expires-at': '1970-01-01T00:00:50.123Z',
        'argocd.argoproj.io/compare-options': 'IgnoreExtraneous',
        'argocd.argoproj.io/sync-options': 'Prune=false',
        'kustomize.toolkit.fluxcd.io/prune': 'disabled',
      },
    });
    assert.deepEqual(Object.keys(configIn(body).auths), ['a.example', 'b.example']);
  });
  it('is applied on the condition that it is at a revision, where one is known', () => {
    const body = onCondition(secret.body, '"17');
    assert.deepEqual(read(body), {
      ...read(secret.body),
      metadata: { ...read(secret.body).metadata, resourceVersion: '"17' },
    });
    assert.equal(onCondition(secret.body, undefined), secret.body);
  });
});

describe('taking over a secret', () => {
  const existing = {
    type: 'kubernetes.io/dockerconfigjson',
    immutable: false,
    resourceVersion: '15',
    data: base64(JSON.stringify({ auths: { 'ghcr.io': { auth: 'x' } } })),
    registries: [],
    expiresAtMs: undefined,
    refreshedAtMs: undefined,
    managedByUs: false,
  };
  it('rests on the revision that was read', () => {
    assert.equal(read(takeoverBody(secret, { existing, merge: false, carried: [] })).metadata['resourceVersion'], '15');
  });
  it('keeps the logins of others where they are merged, and drops them where they are not', () => {
    const hosts = (merge: boolean) =>
      Object.keys(configIn(read(takeoverBody(secret, { existing, merge, carried: [] }))).auths);
    assert.deepEqual(hosts(true), ['a.example', 'b.example', 'ghcr.io']);
    assert.deepEqual(hosts(false), ['a.example', 'b.example']);
  });
});

describe('what the metadata of a secret say', () => {
  const notes = (annotations: unknown, labels: unknown = {}) => pullSecretNotes({ annotations, labels });
  it('is for which hosts it is, when it was renewed and when it expires', () => {
    const said = notes({
      'ecr-cred-helper/registries': 'a.example,,b.example',
      'ecr-cred-helper/refreshed-at': '1970-01-01T00:00:01Z',
      'ecr-cred-helper/expires-at': '1970-01-01T00:00:02.500Z',
    });
    assert.deepEqual(said, {
      registries: ['a.example', 'b.example'],
      refreshedAtMs: 1000,
      expiresAtMs: 2500,
      managedByUs: false,
    });
  });
  it('is nothing where they say something else than we write', () => {
    const nothing = { registries: [], refreshedAtMs: undefined, expiresAtMs: undefined, managedByUs: false };
    assert.deepEqual(notes(null, null), nothing);
    assert.deepEqual(notes({ 'ecr-cred-helper/registries': 7, 'ecr-cred-helper/expires-at': 'soon' }), nothing);
    assert.deepEqual(notes({ 'ecr-cred-helper/registries': 'a,'.repeat(10_000) }), nothing, 'longer than any of ours');
  });
  it('is that it is ours where it carries our label with our name, and not where with another', () => {
    const ours = (value: string) => notes({}, { 'app.kubernetes.io/managed-by': value }).managedByUs;
    assert.deepEqual(['ecr-cred-helper', 'Helm'].map(ours), [true, false]);
  });
});

describe('a secret that stands there', () => {
  const whole = {
    metadata: { resourceVersion: '7' },
    type: 'Opaque',
    immutable: true,
    data: { '.dockerconfigjson': 'e30=' },
  };
  it('is read with its type, its data and whether it can be changed', () => {
    const { type, immutable, resourceVersion, data } = existingSecret(whole) ?? {};
    assert.deepEqual([type, immutable, resourceVersion, data], ['Opaque', true, '7', 'e30=']);
  });
  it('may have no data, or something else in their place', () => {
    assert.equal(existingSecret({ ...whole, data: undefined })?.data, undefined);
    assert.equal(existingSecret({ ...whole, data: { '.dockerconfigjson': 7 } })?.data, undefined);
  });
  it('is none without a revision, and nothing else is one', () => {
    for (const body of [{ ...whole, metadata: {} }, { type: 'Opaque' }, 'text', null, []]) {
      assert.equal(existingSecret(body), undefined, JSON.stringify(body));
    }
  });
});

it('a time is written in whole seconds', () => assert.equal(timestamp(1999), '1970-01-01T00:00:01Z'));

/** The fence, against writes that a real API server saw of the program's account, and against more of each kind. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { annotations, managedBy, pullSecret, pullSecretType, takeoverBody } from '../../src/core/secret/pull-secret.ts';
import { isRecord } from '../../src/core/api/reply.ts';
import { objections, type ValidatingPolicy, type Write } from './admission.ts';
import { build, buildOwn, objectsOf, root } from './manifests.ts';
import type { Manifest } from './schema.ts';

type Recorded = {
  name: string;
  should: 'allow' | 'deny';
  rbacAlone: 'allow' | 'deny';
  request?: { method?: string; path: string; body?: unknown };
  object?: object;
  oldObject?: object;
};
type Secret = {
  metadata: Record<string, unknown>;
  type?: string;
  data?: Record<string, string>;
  [field: string]: unknown;
};

const recorded: { helper: string; namespaces: Record<string, Record<string, string>>; writes: Recorded[] } = JSON.parse(
  await readFile(join(root, 'test/conformance/admission.json'), 'utf8'),
);
const shipped = objectsOf(await build('deploy/fence'));
const policy = policyIn(shipped);
const labelled = { credentialType: 'ecr' };
const gotAt = { wallMs: 0, steadyMs: 0 };
const noted = { registries: [], refreshedAtMs: undefined, expiresAtMs: undefined, managedByUs: false };

describe('the fence', () => {
  test('lets through what must go on, and nothing that is hostile, of all that a real server was asked', () => {
    const judged = recorded.writes.flatMap((write) => {
      const seen = asSeen(write);
      return seen === undefined ? [] : [{ ...write, says: objections(policy, seen).length === 0 ? 'allow' : 'deny' }];
    });
    assert.equal(judged.filter(({ should, rbacAlone }) => should === 'deny' && rbacAlone === 'allow').length, 36);
    assert.deepEqual(
      judged.filter(({ says, should }) => says !== should).map(({ name }) => name),
      [],
    );
  });

  test('is bound to the account of the program, and judges nobody else', () => {
    const hostile = write({ object: { ...honest(), type: 'Opaque' } });
    assert.notDeepEqual(objections(policy, hostile), []);
    for (const user of ['system:serviceaccount:ecr-cred-helper:default', 'jane', 'system:admin', '']) {
      assert.deepEqual(objections(policy, { ...hostile, user }), []);
    }
    const binding = shipped.find(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding');
    assert.deepEqual(Object(binding).spec, { policyName: 'ecr-cred-helper-fence', validationActions: ['Deny'] });
  });

  test('denies what it cannot judge', () => {
    assert.equal(policy.spec.failurePolicy, 'Fail');
    assert.notDeepEqual(objections(policy, write({ object: {} })), []);
  });

  test('never says what is in the secret', () => {
    // A messageExpression could.
    for (const validation of policy.spec.validations)
      assert.deepEqual(Object.keys(validation), ['expression', 'message']);
  });

  test('knows the annotations, the label and the type that the program writes', () => {
    const own = policy.spec.variables.find(({ name }) => name === 'ownAnnotations')?.expression ?? '';
    const written: Secret = honest();
    const known = [...own.matchAll(/'([^']+)'/g)].map(([, key]) => key);
    assert.deepEqual(new Set(known), new Set(Object.keys(Object(written.metadata['annotations']))));
    assert.ok(Object.values(annotations).every((key) => own.includes(key)));
    const text = JSON.stringify(policy);
    for (const word of [managedBy.label, managedBy.value, pullSecretType]) assert.ok(text.includes(`'${word}'`), word);
  });
});

describe('the fence lets through', () => {
  const old = honest('older');
  const foreign: Secret = {
    metadata: {
      name: 'ecr-creds',
      namespace: 'shop',
      labels: { team: 'a' },
      annotations: { note: 'b' },
      finalizers: ['c.example/d'],
    },
    type: pullSecretType,
    data: { '.dockerconfigjson': base64('{ "auths": {} }'), more: 'eA==' },
  };
  const allowed: Record<string, Partial<Write>> = {
    'a new secret': { object: honest() },
    'a token that replaces another': { object: honest(), oldObject: old },
    'several tokens': { object: honest('p', 'b.example', 'c.example') },
    "the takeover of another's secret, with its key, label, annotation and finalizer": {
      object: over(foreign, honest()),
      oldObject: foreign,
    },
    'a merge with logins and settings of others': {
      object: over(foreign, {
        ...honest(),
        data: merged('{"credHelpers":{"x":"y"},"auths":{"ghcr.io":{"auth":"eDp5"}}}'),
      }),
      oldObject: foreign,
    },
    'a change of the metadata alone': {
      object: {
        ...foreign,
        metadata: { ...foreign.metadata, labels: { team: 'a', [managedBy.label]: managedBy.value } },
      },
      oldObject: foreign,
    },
    'a secret that Helm says it manages': {
      object: honest(),
      oldObject: { ...old, metadata: { ...old.metadata, labels: { [managedBy.label]: 'Helm' } } },
    },
    'the removal of what it made, with the label or without': { operation: 'DELETE', oldObject: honest(), labels: {} },
  };
  for (const [what, of] of Object.entries(allowed)) {
    test(what, () => assert.deepEqual(objections(policy, write(of)), []));
  }
  // Where an `"auth":` begins decides how base64 writes it.
  for (const host of ['a.example', 'aa.example', 'aaa.example']) {
    test(`a login of ${host}`, () => assert.deepEqual(objections(policy, write({ object: honest('p', host) })), []));
  }
});

describe('the fence does not let through', () => {
  const old = honest();
  const metadata = (changes: object) => ({ object: { ...old, metadata: { ...old.metadata, ...changes } } });
  const labels = (changes: object) => metadata({ labels: { [managedBy.label]: managedBy.value, ...changes } });
  const notes = (changes: object) => metadata({ annotations: { ...Object(old.metadata['annotations']), ...changes } });
  const data = (text: string) => ({ object: { ...old, data: { '.dockerconfigjson': base64(text) } } });
  const from = (changes: object, oldChanges: object = {}) => ({
    object: { ...old, ...changes },
    oldObject: { ...old, ...oldChanges },
  });
  const others = {
    ...old.metadata,
    labels: { team: 'a' },
    annotations: { note: 'b' },
    finalizers: ['c/d'],
    ownerReferences: [{ uid: 'e' }],
  };
  const bound = { ...old.metadata, annotations: { 'kubernetes.io/service-account.name': 'default' } };
  const denied: Record<string, Partial<Write>> = {
    'another value of the label': { labels: { credentialType: 'ECR' } },
    'another label': { labels: { credentialtype: 'ecr' } },
    'a namespace without labels': { labels: {} },
    'another name': metadata({ name: 'ecr-creds2' }),
    'no type': { object: { ...old, type: undefined } },
    'a type in other letters': { object: { ...old, type: 'kubernetes.io/DockerConfigJson' } },
    'no data': { object: { ...old, data: undefined } },
    'a config without anything': data('{}'),
    'a config of white space': data(' '),
    'an empty list of logins': data('{"auths":{}}'),
    'a login without anything': data('{"auths":{"a.example":{}}}'),
    'a login that is empty': data('{"auths":{"a.example":{"auth":""}}}'),
    'a login of nobody': data('{"auths":{"a.example":{"username":"","password":"","auth":""}}}'),
    'a login where none belongs': data('{"x":{"a.example":{"auth":"QVdTOnA="}}}'),
    'a login before which there is none': data('{"auths":{},"x":{"a.example":{"auth":"QVdTOnA="}}}'),
    'no JSON': data('auths'),
    'a blank one over a full one': { ...data('{"auths":{}}'), oldObject: old },
    'a key of others taken away': from({}, { data: { ...old.data, more: 'eA==' } }),
    'a key of others changed': from({ data: { ...old.data, more: 'eQ==' } }, { data: { ...old.data, more: 'eA==' } }),
    "an owner's token": notes({ 'kubernetes.io/service-account.name': 'default' }),
    "an owner's token that was there before": from({ metadata: bound }, { metadata: bound }),
    'an annotation that has others copy it': notes({ 'reflector.v1.k8s.emberstack.com/reflection-allowed': 'true' }),
    'an annotation of others changed': from(
      { metadata: { ...others, annotations: { note: 'c' } } },
      { metadata: others },
    ),
    'an annotation of others taken away': from({ metadata: { ...others, annotations: {} } }, { metadata: others }),
    'a label of others': labels({ 'argocd.argoproj.io/secret-type': 'repository' }),
    'our label with another value': labels({ [managedBy.label]: 'Helm' }),
    'a label of others taken away': from({ metadata: { ...others, labels: undefined } }, { metadata: others }),
    'a finalizer': metadata({ finalizers: ['a/b'] }),
    'a finalizer of others taken away': from({ metadata: { ...others, finalizers: undefined } }, { metadata: others }),
    'an owner': metadata({ ownerReferences: [{ uid: 'x' }] }),
    'an owner of others taken away': from(
      { metadata: { ...others, ownerReferences: undefined } },
      { metadata: others },
    ),
    immutable: { object: { ...old, immutable: true } },
    'made immutable': from({ immutable: true }),
    "the removal of another's": {
      operation: 'DELETE',
      oldObject: { ...old, metadata: { ...old.metadata, labels: {} } },
    },
    'the removal of a secret of Helm': {
      operation: 'DELETE',
      oldObject: { ...old, metadata: { ...old.metadata, labels: { [managedBy.label]: 'Helm' } } },
    },
    'the removal of another name': { operation: 'DELETE', name: 'aws-creds', oldObject: old },
    'the removal of a collection': { operation: 'DELETE', name: '', oldObject: undefined },
  };
  for (const [what, of] of Object.entries(denied)) {
    test(what, () => assert.notDeepEqual(objections(policy, write({ object: old, ...of })), []));
  }

  // A validation that nothing needs would be one that no test sees.
  for (const { message } of policy.spec.validations) {
    test(`because of: ${message}`, () => {
      const { validations } = policy.spec;
      const without = { spec: { ...policy.spec, validations: validations.filter((each) => each.message !== message) } };
      const needed = Object.values(denied).filter(
        (of) => objections(without, write({ object: old, ...of })).length === 0,
      );
      assert.ok(needed.length > 0, 'the others see it all');
    });
  }
});

describe('an overlay with another label, name and namespace', () => {
  test('has the same fence around these', async () => {
    const page = await readFile(join(root, 'docs/security.md'), 'utf8');
    const [, overlay = ''] = /```yaml\n([^]*?)```/.exec(page) ?? [];
    const own = policyIn(objectsOf(await buildOwn(overlay)));
    const user = 'system:serviceaccount:platform:ecr-cred-helper';
    const named = { ...honest(), metadata: { ...honest().metadata, name: 'registry-login' } };
    const there = { user, name: 'registry-login', object: named, labels: { 'example.com/pulls': 'yes' } };
    assert.deepEqual(objections(own, write(there)), []);
    assert.notDeepEqual(objections(own, write({ ...there, labels: labelled })), []);
    assert.notDeepEqual(objections(own, write({ ...there, object: honest() })), []);
    assert.deepEqual(objections(own, write({ ...there, user: recorded.helper, object: {} })), []);
  });
});

function policyIn(objects: readonly Manifest[]): ValidatingPolicy {
  const [found] = objects.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy');
  return found as unknown as ValidatingPolicy; // its fields are what the schema test holds
}

/** As admission saw a recorded write; undefined for what never came so far, or is no write. */
function asSeen({ request, rbacAlone, oldObject, ...more }: Recorded): Write | undefined {
  const [, , , , namespace = '', , name = ''] = request?.path.split('?')[0]?.split('/') ?? [];
  const operation = request?.method === 'DELETE' ? 'DELETE' : oldObject === undefined ? 'CREATE' : 'UPDATE';
  const isWrite = request?.method === 'DELETE' || request?.method === 'PATCH';
  // Of a dry run the body alone was recorded, and of one the size.
  const object = more.object ?? (isRecord(request?.body) && operation === 'CREATE' ? request.body : undefined);
  if (rbacAlone === 'deny' || !isWrite || (object ?? oldObject) === undefined) return undefined;
  return { operation, name, user: recorded.helper, labels: recorded.namespaces[namespace] ?? {}, object, oldObject };
}

/** A write of the program's account into a labelled namespace. */
function write(changes: Partial<Write>): Write {
  const operation = changes.oldObject === undefined ? 'CREATE' : 'UPDATE';
  const whole: Write = { operation, name: 'ecr-creds', user: recorded.helper, labels: labelled, ...changes };
  if (whole.operation === 'DELETE') delete whole.object;
  // What is undefined does not get so far.
  return structuredClone({
    ...whole,
    ...JSON.parse(JSON.stringify({ object: whole.object, oldObject: whole.oldObject })),
  });
}

/** What the program writes. */
function honest(password = 'p', ...hosts: string[]): Secret {
  return JSON.parse(pullSecret('ecr-creds', tokensOf(password, hosts), gotAt).body);
}

function tokensOf(password: string, hosts: readonly string[]) {
  const named = hosts.length === 0 ? ['123456789012.dkr.ecr.us-east-1.amazonaws.com'] : hosts;
  return [{ hosts: named, password, issuedAtMs: 0, expiresAtMs: 1 }];
}

/** The data of a secret into which the program merged its login. */
function merged(config: string): Record<string, string> {
  const existing = { ...noted, type: pullSecretType, immutable: false, resourceVersion: '1', data: base64(config) };
  const ours = pullSecret('ecr-creds', tokensOf('p', []), gotAt);
  const secret: Secret = JSON.parse(takeoverBody(ours, { existing, merge: true, carried: [] }));
  return secret.data ?? {};
}

/** What an apply makes of a secret of others. */
function over(theirs: Secret, ours: Secret): Secret {
  const both = (name: 'labels' | 'annotations') => ({
    ...Object(theirs.metadata[name]),
    ...Object(ours.metadata[name]),
  });
  const metadata = { ...theirs.metadata, labels: both('labels'), annotations: both('annotations') };
  return { ...theirs, metadata, data: { ...theirs.data, ...ours.data } };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

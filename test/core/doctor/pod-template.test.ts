import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { podView, referencesOf, type Held } from '../../../src/core/doctor/pod-template.ts';

const held = (entries: Record<string, string>): Held => ({ kind: 'held', entries });
const ours = (container: object) => ({ containers: [{ name: 'sidecar' }, { name: 'ecr-cred-helper', ...container }] });
const view = (container: object, holders: Record<string, Held> = {}, annotations: Record<string, unknown> = {}) =>
  podView(ours(container), new Map(Object.entries(holders)), annotations);
const fromKey = (name: string, of: 'configMapKeyRef' | 'secretKeyRef', key: string, optional = false) => ({
  name,
  valueFrom: { [of]: { name: 'settings', key, optional } },
});

describe('what a pod is given', () => {
  it('is what its variables say, from wherever they come', () => {
    const { env, origins } = view(
      { env: [{ name: 'A', value: '1' }, fromKey('B', 'configMapKeyRef', 'b'), fromKey('C', 'secretKeyRef', 'c')] },
      { 'ConfigMap/settings': held({ b: '2', other: '-' }), 'Secret/settings': held({ c: '3' }) },
    );
    assert.deepEqual(env, { A: '1', B: '2', C: '3' });
    assert.deepEqual(
      ['A', 'B', 'C'].map((name) => origins.get(name)?.kind),
      ['template', 'ConfigMap', 'Secret'],
    );
  });
  it('is a whole ConfigMap, a later one over it, with its prefix, and single variables over both', () => {
    const envFrom = [
      { configMapRef: { name: 'one' } },
      { configMapRef: { name: 'two' } },
      { prefix: 'P_', secretRef: { name: 'three' } },
    ];
    const { env } = view(
      { envFrom, env: [{ name: 'C', value: 'own' }] },
      {
        'ConfigMap/one': held({ A: '1', B: '1', C: '1' }),
        'ConfigMap/two': held({ B: '2' }),
        'Secret/three': held({ A: '3' }),
      },
    );
    assert.deepEqual(env, { A: '1', B: '2', C: 'own', P_A: '3' });
  });
  it('is nothing of what is not there, cannot be read, or only the pod knows', () => {
    const { env } = view(
      {
        env: [
          fromKey('A', 'configMapKeyRef', 'a'),
          fromKey('B', 'secretKeyRef', 'b'),
          { name: 'C', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
        ],
      },
      { 'ConfigMap/settings': { kind: 'absent' }, 'Secret/settings': { kind: 'unseen', why: 'no' } },
    );
    assert.deepEqual(env, {});
  });
  it('has other variables filled in, as a kubelet does', () => {
    const { env } = view({
      env: [
        { name: 'A', value: 'eu' },
        { name: 'B', value: '$(A)-west-1 $$(A) $(NONE)' },
      ],
    });
    assert.equal(env['B'], 'eu-west-1 $(A) $(NONE)');
  });
  it('is the role that is annotated on its ServiceAccount, unless it names one itself', () => {
    const annotations = { 'eks.amazonaws.com/role-arn': 'arn:of-account' };
    assert.equal(view({}, {}, annotations).env['AWS_ROLE_ARN'], 'arn:of-account');
    assert.match(view({}, {}, annotations).env['AWS_WEB_IDENTITY_TOKEN_FILE'] ?? '', /serviceaccount\/token$/);
    const own = { env: [{ name: 'AWS_ROLE_ARN', value: 'arn:own' }] };
    assert.equal(view(own, {}, annotations).env['AWS_ROLE_ARN'], 'arn:own');
  });

  const started: Record<string, [container: object, argv: readonly string[] | undefined]> = {
    'what its image starts, where it names nothing': [{}, []],
    'its arguments': [{ args: ['controller', '--prune'] }, ['controller', '--prune']],
    'what follows the program, where it starts that by itself': [
      { command: ['node', '/app/ecr-cred-helper.cjs', 'refresh'], args: ['--dry-run'] },
      ['refresh', '--dry-run'],
    ],
    'not known, where a shell starts it': [{ command: ['sh', '-c', 'ecr-cred-helper; sleep 9'] }, undefined],
  };
  for (const [title, [container, argv]] of Object.entries(started)) {
    it(`is started with ${title}`, () => assert.deepEqual(view(container).argv, argv));
  }

  const volumes = [
    { name: 'keys', secret: { secretName: 'aws', items: [{ key: 'credentials', path: 'file' }], optional: true } },
    { name: 'whole', configMap: { name: 'cfg' } },
    { name: 'both', projected: { sources: [{ secret: { name: 'aws' } }, { configMap: { name: 'cfg' } }] } },
  ];
  const mounts = [
    { name: 'keys', mountPath: '/keys/' },
    { name: 'whole', mountPath: '/cfg' },
    { name: 'both', mountPath: '/both' },
    { name: 'whole', mountPath: '/one/config', subPath: 'config' },
    { name: 'unknown', mountPath: '/x' },
  ];
  const spec = { ...ours({ volumeMounts: mounts }), volumes };
  it('is files of what is mounted: items under their paths, all of it under its keys, one by its name', () => {
    const { readFile } = podView(
      spec,
      new Map([
        ['Secret/aws', held({ credentials: 'key' })],
        ['ConfigMap/cfg', held({ config: 'text' })],
      ]),
      {},
    );
    assert.deepEqual(
      [
        '/keys/file',
        '/keys/credentials',
        '/cfg/config',
        '/both/credentials',
        '/both/config',
        '/one/config',
        '/x/config',
      ].map(readFile),
      ['key', undefined, 'text', 'key', 'text', 'text', undefined],
    );
  });
  it('refers to each with its key and whether the pod starts without it', () => {
    assert.deepEqual(referencesOf(spec)[0], {
      kind: 'Secret',
      name: 'aws',
      optional: true,
      key: 'credentials',
      path: '/keys/file',
    });
    const [one] = referencesOf(ours({ env: [fromKey('A', 'configMapKeyRef', 'a')] }));
    assert.deepEqual(one, { kind: 'ConfigMap', name: 'settings', optional: false, key: 'a', variable: 'A' });
  });
});

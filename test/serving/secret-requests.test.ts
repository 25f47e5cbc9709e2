import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { SecretRequest } from '../../src/core/secret/serving.ts';
import type { Cluster } from '../../src/ports.ts';
import { askSecret } from '../../src/serving/secret-requests.ts';

it('each request for a secret is made as it was asked for', async () => {
  const { signal } = new AbortController();
  const told: unknown[] = [];
  const note =
    (name: string) =>
    (...facts: unknown[]) => {
      told.push([name, ...facts.filter((fact) => fact !== signal)]);
      return Promise.resolve({ kind: 'answer', status: 200, body: {} } as const);
    };
  const cluster: Cluster = {
    server: 'https://kube',
    listNamespaces: note('list'),
    applySecret: note('apply'),
    readSecret: note('read'),
    readSecretMetadata: note('readMetadata'),
  };
  const place = { namespace: 'n', secretName: 's' };
  const apply = { body: '{}', force: true, dryRun: true, fieldManager: 'm' };
  const requests: SecretRequest[] = [
    { kind: 'read', place, mostBytes: 7 },
    { kind: 'readMetadata', place },
    { kind: 'apply', place, ...apply },
  ];
  for (const request of requests) await askSecret(cluster, request, signal);
  assert.deepEqual(told, [
    ['read', 'n', 's', 7],
    ['readMetadata', 'n', 's'],
    ['apply', { ...place, ...apply }],
  ]);
});

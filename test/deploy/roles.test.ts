/** Each rule of the shipped role is needed: the program works with it, and without any part of it says which part is missing. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ClusterRole } from 'kubernetes-types/rbac/v1.js';
import { startAws, type AwsEmulator } from '../../emulators/aws/server.ts';
import { startKubernetes, type Kubernetes } from '../../emulators/kubernetes/index.ts';
import { podEnv } from '../../emulators/pod-env.ts';
import { run, withDirectory, type Finished } from '../emulators/tools.ts';
import { build, legacy, objectsOf, ofKind, root } from './manifests.ts';
import type { Manifest } from './schema.ts';

const SECRET = 'ecr-creds';
const labels = { credentialType: 'ecr' };
const cronjob = objectsOf(await build('deploy/cronjob'));
const old = objectsOf(await legacy());
let aws: AwsEmulator;
let kubernetes: Kubernetes;

before(async () => {
  aws = await startAws();
});
after(() => aws.close());

describe('the shipped role', () => {
  for (const [name, objects] of [
    ['deploy/cronjob', cronjob],
    ['deploy/legacy.yaml', old],
  ] as const) {
    test(`${name} lets the program make a secret, renew it, and look into one that others made`, async () => {
      const ended = await passUnder(objects);
      assert.equal(ended.code, 0, ended.stderr);
      assert.deepEqual(['fresh', 'ours', 'others'].map(passwordIn), [true, true, true]);
    });
  }

  const needs: [verb: string, resource: string, namespaces: string[], code: number, message: RegExp][] = [
    ['list', 'namespaces', [], 4, /ApiListForbidden.*resources \[\\"namespaces\\"\], verbs \[\\"list\\"\]/],
    ['create', 'secrets', ['fresh'], 5, /SecretForbidden.*cannot create resource \\"secrets\\"/],
    ['patch', 'secrets', ['fresh', 'ours', 'others'], 5, /SecretForbidden.*cannot patch resource \\"secrets\\"/],
    ['get', 'secrets', ['others'], 5, /SecretForbidden.*cannot get resource \\"secrets\\"/],
  ];

  test('has no rule that is not tried below', () => {
    const rules = ofKind(cronjob, 'ClusterRole').flatMap((role) => role.rules ?? []);
    const parts = rules.flatMap(({ verbs, resources }) =>
      verbs.flatMap((verb) => resources?.map((name) => [verb, name])),
    );
    assert.deepEqual(
      parts,
      needs.map(([verb, resource]) => [verb, resource]),
    );
  });

  for (const [verb, resource, failing, code, message] of needs) {
    test(`without ${verb} on ${resource} it fails and names that`, async () => {
      const ended = await passUnder(cronjob.map((object) => without(object, verb, resource)));
      assert.equal(ended.code, code, ended.stderr);
      assert.match(ended.stderr, message);
      const renewed = ['fresh', 'ours', 'others'].filter(passwordIn);
      const expected = code === 4 ? [] : ['fresh', 'ours', 'others'].filter((name) => !failing.includes(name));
      assert.deepEqual(renewed, expected);
    });
  }
});

/** One pass as the shipped ServiceAccount, where one secret is missing, one is ours and one was made by others. */
async function passUnder(objects: readonly Manifest[]): Promise<Finished> {
  kubernetes = await startKubernetes();
  try {
    kubernetes.createNamespace('ecr-cred-helper');
    kubernetes.applyManifests(objects);
    for (const name of ['fresh', 'ours', 'others']) kubernetes.createNamespace(name, labels);
    kubernetes.apply(pullSecret('ours'), 'ecr-cred-helper');
    kubernetes.apply(pullSecret('others'), 'kubectl-create');
    return await withDirectory(runProgram);
  } finally {
    await kubernetes.close();
  }
}

async function runProgram(directory: string): Promise<Finished> {
  await writeFile(join(directory, 'token'), kubernetes.serviceAccountToken('ecr-cred-helper', 'ecr-cred-helper'));
  await writeFile(join(directory, 'ca.crt'), kubernetes.caPem);
  return run(process.execPath, [join(root, 'src/main.ts')], {
    ...podEnv(aws, kubernetes),
    SERVICE_ACCOUNT_DIRECTORY: directory,
    LOG_FORMAT: 'json',
  });
}

/** An expired login for the account's own registry, as this program or an older script left it. */
function pullSecret(namespace: string): object {
  const auth = Buffer.from('AWS:expired').toString('base64');
  const auths = { [`${aws.defaults.account}.dkr.ecr.us-east-1.amazonaws.com`]: { auth } };
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: SECRET, namespace },
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') },
  };
}

/** Whether the namespace's secret holds a login that ECR takes now. */
function passwordIn(namespace: string): boolean {
  const secret = kubernetes.getSecret(namespace, SECRET);
  const data = secret?.['data'];
  if (typeof data !== 'object' || data === null || !('.dockerconfigjson' in data)) return false;
  const config = Buffer.from(String(data['.dockerconfigjson']), 'base64').toString();
  return aws.issuedTokens.some(({ password }) => {
    return config.includes(Buffer.from(`AWS:${password}`).toString('base64')) && aws.isTokenValid(password);
  });
}

function without(object: Manifest, verb: string, resource: string): Manifest {
  const [role]: (ClusterRole | undefined)[] = ofKind([object], 'ClusterRole');
  if (role === undefined) return object;
  const rules = (role.rules ?? []).map(({ apiGroups = [], resources = [], resourceNames = [], verbs }) => {
    const left = resources.includes(resource) ? verbs.filter((name) => name !== verb) : verbs;
    return { apiGroups, resources, verbs: left, ...(resourceNames.length > 0 ? { resourceNames } : {}) };
  });
  // A rule without verbs is not allowed.
  const less: Manifest & Pick<ClusterRole, 'rules'> = {
    ...object,
    rules: rules.filter(({ verbs }) => verbs.length > 0),
  };
  return less;
}

import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { startJobStage, type Run, type JobStage } from '../../support/job-stage.ts';

const host = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
const labels = { credentialType: 'ecr' };
const fast = { ECR_REQUEST_TIMEOUT: '1s' };

type Situation = {
  create(stage: JobStage): void | Promise<void>;
  env?: Record<string, string | undefined>;
  code: number;
  failure: string;
  why: RegExp;
};

/** ECR gives no token: exit 3, and every secret is as it was. */
const aws: Record<string, Situation> = {
  'an unknown access key': {
    create: () => undefined,
    env: { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7UNKNOWN' },
    code: 3,
    failure: 'AwsKeyUnknown',
    why: /^UnrecognizedClientException: The security token included in the request is invalid\./,
  },
  'a secret key that does not match': {
    create: () => undefined,
    env: { AWS_SECRET_ACCESS_KEY: 'another/Secret+Key0000000000000000000000' },
    code: 3,
    failure: 'AwsSignatureMismatch',
    why: /^InvalidSignatureException: The request signature we calculated does not match/,
  },
  'a clock that is wrong': {
    create: (stage) => stage.aws.faults.add({ effect: { skew: 'expired' } }),
    code: 3,
    failure: 'AwsClockSkewed',
    why: /Signature expired: .* is now earlier than/,
  },
  'no permission': {
    create: (stage) => stage.aws.faults.add({ effect: { error: 'AccessDeniedException' } }),
    code: 3,
    failure: 'AwsAccessDenied',
    why: /not authorized to perform: ecr:GetAuthorizationToken/,
  },
  throttling: {
    create: (stage) => stage.aws.faults.add({ effect: { error: 'ThrottlingException' } }),
    code: 3,
    failure: 'AwsThrottled',
    why: /Rate exceeded/,
  },
  'ECR down': {
    create: (stage) => stage.aws.faults.add({ effect: { error: 'ServerException' } }),
    code: 3,
    failure: 'AwsUnavailable',
    why: /^ServerException/,
  },
  'ECR hanging': {
    create: (stage) => stage.aws.faults.add({ effect: { hang: true } }),
    env: fast,
    code: 3,
    failure: 'AwsTimedOut',
    why: /Timeout/i,
  },
};

/** The API server does not let the pass begin: exit 4. */
const api: Record<string, Situation> = {
  'an API server that refuses connections': {
    create: () => undefined,
    env: { KUBERNETES_SERVICE_PORT: '1' },
    code: 4,
    failure: 'ApiUnreachable',
    why: /ECONNREFUSED/,
  },
  'HTTP 401': {
    create: (stage) => stage.kubernetes.faults.add({ match: {}, effect: { status: 401 } }),
    code: 4,
    failure: 'ApiUnauthorized',
    why: /^HTTP 401 Unauthorized$/,
  },
  'listing forbidden': {
    create: (stage) =>
      void stage.kubernetes.remove('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', '', 'ecr-cred-helper'),
    code: 4,
    failure: 'ApiListForbidden',
    why: /cannot list resource "namespaces"/,
  },
};

/** One namespace is not served, the other is: exit 5. */
const namespaces: Record<string, Situation> = {
  'a quota': {
    create: (stage) =>
      apply(stage, {
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: 'none', namespace: 'bad' },
        spec: { hard: { secrets: '0' } },
      }),
    code: 5,
    failure: 'QuotaExceeded',
    why: /exceeded quota: none, requested: secrets=1/,
  },
  'an Opaque secret of that name': {
    create: (stage) => apply(stage, { ...secret(), type: 'Opaque' }),
    code: 5,
    failure: 'SecretTypeDiffers',
    why: /Opaque|field is immutable/,
  },
  'an immutable secret': {
    create: (stage) =>
      apply(stage, {
        ...secret(),
        type: 'kubernetes.io/dockerconfigjson',
        data: { '.dockerconfigjson': 'e30=' },
        immutable: true,
      }),
    code: 5,
    failure: 'SecretImmutable',
    why: /immutable/,
  },
  'a server that keeps failing for one namespace': {
    create: (stage) => stage.kubernetes.faults.add({ match: { namespace: 'bad' }, effect: { status: 500 } }),
    code: 5,
    failure: 'NamespaceUnserved',
    why: /^HTTP 500/,
  },
};

/** Tried again until it goes well: exit 0. */
const passing: Record<string, (stage: JobStage) => void> = {
  '429 in plain text': (stage) =>
    stage.kubernetes.faults.add({ match: { verb: 'patch' }, times: 2, effect: { status: 429 } }),
  '500 once': (stage) => stage.kubernetes.faults.add({ match: {}, times: 1, effect: { status: 500 } }),
  'truncated JSON': (stage) =>
    stage.kubernetes.faults.add({ match: { verb: 'patch' }, times: 1, effect: { truncateAtByte: 40 } }),
  'a socket that breaks': (stage) =>
    stage.kubernetes.faults.add({ match: { verb: 'patch' }, times: 1, effect: { breakAfterBytes: 30 } }),
  'a socket that hangs': (stage) =>
    stage.kubernetes.faults.add({ match: { verb: 'patch' }, times: 1, effect: { hang: true } }),
  '503 in the middle of the list': (stage) => {
    stage.kubernetes.createNamespaces(600, 'many', labels);
    stage.kubernetes.faults.add({
      match: { verb: 'list', continued: true },
      times: 1,
      effect: { status: 503 },
    });
  },
};

describe('a bad day', () => {
  let stage: JobStage;

  beforeEach(async () => {
    await stage?.close();
    stage = await startJobStage();
    for (const name of ['bad', 'good']) stage.kubernetes.createNamespace(name, labels);
  });
  after(() => stage.close());

  for (const [title, situation] of Object.entries({ ...aws, ...api })) {
    it(`${title}: exit ${situation.code}, every secret as it was`, async () => {
      assert.equal((await stage.run()).code, 0);
      const before = stage.kubernetes.getSecret('good', 'ecr-creds');
      await situation.create(stage);
      const run = await stage.run([], situation.env ?? {});
      assertFailure(run, situation);
      assert.deepEqual(stage.kubernetes.getSecret('good', 'ecr-creds'), before);
    });
  }

  for (const [title, situation] of Object.entries(namespaces)) {
    it(`${title}: the others are served, exit ${situation.code}`, async () => {
      await situation.create(stage);
      const run = await stage.run([], situation.env ?? {});
      const failure = assertFailure(run, situation);
      assert.equal(failure['where'], 'bad/ecr-creds');
      assert.ok(stage.login('good').auths[host]);
    });
  }

  for (const [title, create] of Object.entries(passing)) {
    it(`${title}: tried again, exit 0`, async () => {
      create(stage);
      assert.equal((await stage.run([], fast)).code, 0);
      assert.ok(stage.login('bad').auths[host]);
      assert.ok(stage.login('good').auths[host]);
    });
  }

  it('a namespace that is terminating: skipped, exit 0', async () => {
    apply(stage, {
      ...secret('holds'),
      metadata: { name: 'holds', namespace: 'bad', finalizers: ['example.com/hold'] },
    });
    await fetchDelete(stage, 'bad');
    const { code, lines } = await stage.run();
    assert.equal(code, 0);
    assert.ok(lines.some((line) => line['reason'] === 'NamespaceTerminating'));
  });

  it('every mistake of a configuration at once: exit 2, nothing asked', async () => {
    const env = {
      DOCKER_REGISTRY: 'docker.io,ghcr.io',
      AWS_SECRET_ACCESS_KEY: undefined,
      ECR_SECRET_NAME: 'Not_A_Name',
    };
    const { code, lines } = await stage.run([], env);
    assert.equal(code, 2);
    const codes = lines.map((line) => line['code']);
    assert.deepEqual(codes.filter((each) => each === 'RegistryHostInvalid').length, 2);
    assert.ok(codes.includes('CredentialsIncomplete'));
    assert.ok(codes.includes('OptionValueInvalid'));
    assert.equal(stage.aws.stats.calls.length, 0);
  });
});

function assertFailure(run: Run, { code, failure, why }: Situation): Record<string, unknown> {
  assert.equal(run.code, code, run.stderr);
  const line = run.lines.find((each) => each['code'] === failure);
  assert.ok(line, `no ${failure} in ${run.stderr}`);
  assert.match(String(line['why']), why);
  assert.notEqual(line['fix'], '');
  return line;
}

function secret(name = 'ecr-creds') {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'bad' } };
}

function apply(stage: JobStage, object: Parameters<JobStage['kubernetes']['apply']>[0]): void {
  stage.kubernetes.apply(object);
}

async function fetchDelete(stage: JobStage, namespace: string): Promise<void> {
  const { request } = await import('node:https');
  const { promise, resolve } = Promise.withResolvers<void>();
  const url = `${stage.kubernetes.url}/api/v1/namespaces/${namespace}`;
  const headers = { authorization: `Bearer ${stage.kubernetes.adminToken}` };
  request(url, { method: 'DELETE', ca: stage.kubernetes.caPem, headers }, (response) => {
    response.resume().once('end', resolve);
  }).end();
  await promise;
}

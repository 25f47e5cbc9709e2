import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';

import { ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';

import { startAws, type AwsEmulator } from '../../../emulators/aws/server.ts';

type Key = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

let aws: AwsEmulator;

/** What the SDK's error says; fails where the call succeeds. */
async function failure(client: ECRClient): Promise<{ name: string; message: string; status: number | undefined }> {
  try {
    await client.send(new GetAuthorizationTokenCommand({}));
  } catch (error) {
    assert.ok(error instanceof Error);
    const status = '$metadata' in error ? (error.$metadata as { httpStatusCode?: number }).httpStatusCode : undefined; // the SDK's own shape
    return { name: error.name, message: error.message, status };
  }
  return assert.fail('the call succeeded');
}

function ecr(credentials: Key, region = 'eu-central-1', endpoint = aws.url): ECRClient {
  return new ECRClient({ endpoint, region, credentials, maxAttempts: 1 });
}

function user(): Key {
  return { accessKeyId: aws.defaults.accessKeyId, secretAccessKey: aws.defaults.secretAccessKey };
}

describe('ECR', () => {
  before(async () => {
    aws = await startAws();
  });
  after(() => aws.close());
  afterEach(() => {
    aws.faults.clear();
    aws.stats.reset();
  });

  it('issues a token for the registry of the caller, valid for twelve hours', async () => {
    const startMs = Date.now();
    const { authorizationData, $metadata } = await ecr(user()).send(new GetAuthorizationTokenCommand({}));
    const [data] = authorizationData ?? [];
    const [name, password = ''] = Buffer.from(data?.authorizationToken ?? '', 'base64')
      .toString()
      .split(':');
    const lifeMs = Number(data?.expiresAt) - startMs;
    assert.equal(data?.proxyEndpoint, 'https://123456789012.dkr.ecr.eu-central-1.amazonaws.com');
    assert.equal(name, 'AWS');
    assert.ok(Math.abs(lifeMs - 12 * 60 * 60_000) < 60_000, `lives ${lifeMs} ms`);
    assert.ok((data?.authorizationToken ?? '').length > 2000);
    assert.match($metadata.requestId ?? '', /^[0-9a-f-]{36}$/);
    assert.equal(aws.isTokenValid(password), true);
    assert.equal(aws.isTokenValid(password, Number(data?.expiresAt)), false);
    assert.equal(aws.stats.count('GetAuthorizationToken'), 1);
    assert.equal(aws.stats.calls[0]?.region, 'eu-central-1');
  });

  it('issues another token at each call', async () => {
    const client = ecr(user());
    const first = await client.send(new GetAuthorizationTokenCommand({}));
    const second = await client.send(new GetAuthorizationTokenCommand({}));
    assert.notEqual(
      first.authorizationData?.[0]?.authorizationToken,
      second.authorizationData?.[0]?.authorizationToken,
    );
  });

  it('issues a token for each registry that is asked for', async () => {
    const registryIds = ['111111111111', '222222222222'];
    const { authorizationData } = await ecr(user(), 'cn-north-1').send(
      new GetAuthorizationTokenCommand({ registryIds }),
    );
    assert.deepEqual(
      authorizationData?.map(({ proxyEndpoint }) => proxyEndpoint),
      registryIds.map((id) => `https://${id}.dkr.ecr.cn-north-1.amazonaws.com.cn`),
    );
  });

  it('refuses a malformed registry id', async () => {
    await assert.rejects(ecr(user()).send(new GetAuthorizationTokenCommand({ registryIds: ['12'] })), {
      name: 'InvalidParameterException',
      message:
        "Invalid parameter at 'registryId' failed to satisfy constraint: 'must satisfy regular expression '[0-9]{12}''",
    });
  });

  it('refuses a key that nobody has', async () => {
    assert.deepEqual(await failure(ecr({ ...user(), accessKeyId: 'AKIANOBODYSKEY000000' })), {
      name: 'UnrecognizedClientException',
      message: 'The security token included in the request is invalid.',
      status: 400,
    });
  });

  it('refuses a signature that another secret key made', async () => {
    assert.deepEqual(await failure(ecr({ ...user(), secretAccessKey: 'wrong' })), {
      name: 'InvalidSignatureException',
      message:
        'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access ' +
        'Key and signing method. Consult the service documentation for details.',
      status: 400,
    });
  });

  it('refuses a session token where the key is a long-lived one', async () => {
    const { name } = await failure(ecr({ ...user(), sessionToken: 'invented' }));
    assert.equal(name, 'UnrecognizedClientException');
  });

  it('refuses a principal whose policies do not allow it, naming both', async () => {
    const key = { accessKeyId: 'AKIAWITHOUTRIGHTS000', secretAccessKey: 'secret' };
    const arn = 'arn:aws:iam::123456789012:user/x';
    aws.addUser({ ...key, account: '123456789012', arn, allowed: ['s3:GetObject'] });
    assert.deepEqual(await failure(ecr(key)), {
      name: 'AccessDeniedException',
      message:
        `User: ${arn} is not authorized to perform: ecr:GetAuthorizationToken on resource: * because no ` +
        'identity-based policy allows the ecr:GetAuthorizationToken action',
      status: 400,
    });
  });

  it('refuses a request without a signature', async () => {
    const response = await fetch(aws.url, {
      method: 'POST',
      headers: { 'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken' },
      body: '{}',
    });
    assert.equal(response.status, 400);
    assert.deepEqual(await response.json(), {
      __type: 'MissingAuthenticationTokenException',
      message: 'Missing Authentication Token',
    });
  });

  it('fails as often as it is told to, where it is told to', async () => {
    aws.faults.add({ match: { region: 'eu-west-1' }, times: 1, effect: { error: 'ThrottlingException' } });
    await ecr(user(), 'eu-central-1').send(new GetAuthorizationTokenCommand({}));
    assert.deepEqual(await failure(ecr(user(), 'eu-west-1')), {
      name: 'ThrottlingException',
      message: 'Rate exceeded',
      status: 400,
    });
    await ecr(user(), 'eu-west-1').send(new GetAuthorizationTokenCommand({}));
    assert.deepEqual(
      aws.stats.calls.map(({ region, status }) => [region, status]),
      [
        ['eu-central-1', 200],
        ['eu-west-1', 400],
        ['eu-west-1', 200],
      ],
    );
  });

  it('makes tokens that were revoked invalid', async () => {
    await ecr(user()).send(new GetAuthorizationTokenCommand({}));
    const password = aws.issuedTokens.at(-1)?.password ?? '';
    assert.equal(aws.isTokenValid(password), true);
    aws.revokeTokens();
    assert.equal(aws.isTokenValid(password), false);
  });
});

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { startAws, type AwsEmulator } from '../../../emulators/aws/server.ts';
import { webIdentityToken } from '../../../emulators/aws/web-identity.ts';
import { run, withDirectory, type Finished } from '../tools.ts';

const GET_TOKEN = fileURLToPath(new URL('get-token.ts', import.meta.url));
const SUBJECT = 'system:serviceaccount:ecr-cred-helper:ecr-cred-helper';

let aws: AwsEmulator;

/** Runs the SDK's own chain in an environment that holds nothing of AWS but what is given. */
function getToken(directory: string, env: Record<string, string>): Promise<Finished> {
  return run(process.execPath, [GET_TOKEN], {
    HOME: directory,
    AWS_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL: aws.url,
    AWS_EC2_METADATA_DISABLED: 'true',
    ...env,
  });
}

async function write(directory: string, content: string): Promise<string> {
  const file = join(directory, 'token');
  await writeFile(file, content);
  return file;
}

function assertToken({ stdout, stderr, code }: Finished): void {
  assert.equal(code, 0, stderr);
  assert.equal(stdout, '{"proxyEndpoint":"https://123456789012.dkr.ecr.eu-west-1.amazonaws.com"}');
}

function actions(): string[] {
  return aws.stats.calls.map(({ service, action }) => `${service} ${action}`);
}

describe("the SDK's own chain of credentials", () => {
  before(async () => {
    aws = await startAws();
  });
  after(() => aws.close());
  beforeEach(() => aws.stats.reset());

  it('gets them for a web identity', () =>
    withDirectory(async (directory) => {
      const file = await write(directory, webIdentityToken(SUBJECT, Date.now() + 60 * 60_000));
      const env = { AWS_ROLE_ARN: aws.defaults.roleArn, AWS_WEB_IDENTITY_TOKEN_FILE: file };
      assertToken(await getToken(directory, env));
      assert.deepEqual(actions(), ['sts AssumeRoleWithWebIdentity', 'ecr GetAuthorizationToken']);
    }));

  it('gets them from the Pod Identity agent', () =>
    withDirectory(async (directory) => {
      const env = {
        AWS_CONTAINER_CREDENTIALS_FULL_URI: aws.defaults.containerCredentialsUrl,
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: await write(directory, aws.defaults.podIdentityToken),
      };
      assertToken(await getToken(directory, env));
      assert.deepEqual(actions(), ['container-credentials GetCredentials', 'ecr GetAuthorizationToken']);
    }));

  it('is refused by the Pod Identity agent with the token of another workload', () =>
    withDirectory(async (directory) => {
      const env = {
        AWS_CONTAINER_CREDENTIALS_FULL_URI: aws.defaults.containerCredentialsUrl,
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: await write(directory, 'another'),
      };
      const { code, stderr } = await getToken(directory, env);
      assert.notEqual(code, 0);
      assert.match(stderr, /CredentialsProviderError/);
      assert.equal(aws.stats.calls[0]?.status, 401);
    }));

  it('has the reach of the role that it gets', () =>
    withDirectory(async (directory) => {
      const limited = await startAws();
      limited.addRole({ arn: limited.defaults.roleArn, allowed: ['s3:GetObject'] });
      const { code, stderr } = await getToken(directory, {
        AWS_ENDPOINT_URL: limited.url,
        AWS_CONTAINER_CREDENTIALS_FULL_URI: limited.defaults.containerCredentialsUrl,
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: await write(directory, limited.defaults.podIdentityToken),
      });
      await limited.close();
      assert.notEqual(code, 0);
      assert.match(
        stderr,
        /User: arn:aws:sts::123456789012:assumed-role\/ecr-cred-helper\/eks-pod is not authorized to perform: ecr:GetAuthorizationToken on resource: \*/,
      );
    }));

  it('gets them from the instance', () =>
    withDirectory(async (directory) => {
      const env = { AWS_EC2_METADATA_SERVICE_ENDPOINT: aws.url, AWS_EC2_METADATA_DISABLED: 'false' };
      assertToken(await getToken(directory, env));
      assert.deepEqual(actions(), [
        'imds GetToken',
        'imds GetMetadata',
        'imds GetMetadata',
        'ecr GetAuthorizationToken',
      ]);
    }));
});

describe('the instance metadata service', () => {
  before(async () => {
    aws = await startAws();
  });
  after(() => aws.close());

  it('answers nobody without a session token', async () => {
    const response = await fetch(`${aws.url}/latest/meta-data/placement/region`);
    assert.equal(response.status, 401);
  });

  it('refuses a session token without a lifetime', async () => {
    const response = await fetch(`${aws.url}/latest/api/token`, { method: 'PUT' });
    assert.equal(response.status, 400);
  });
});

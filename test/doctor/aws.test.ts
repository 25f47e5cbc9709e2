import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startAws } from '../../emulators/aws/server.ts';
import { account, isGolden, servedStage, type Stage } from './stage.ts';

describe('doctor, of AWS', () => {
  let stage: Stage;
  before(async () => {
    stage = await servedStage();
  });
  after(() => stage.close());

  const noKey = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };

  it('names missing credentials once', async () => isGolden('aws-no-credentials', (more) => stage.doctor(more, noKey)));

  it('names a secret key that does not match', async () =>
    isGolden('aws-wrong-key', (more) => stage.doctor(more, { AWS_SECRET_ACCESS_KEY: 'another' })));

  it('names the action that the identity lacks, and the statement that allows it', async () => {
    stage.aws.addUser({ accessKeyId: 'AKIAPLAIN', secretAccessKey: 'plain', account: '123456789012', allowed: [] });
    const key = { AWS_ACCESS_KEY_ID: 'AKIAPLAIN', AWS_SECRET_ACCESS_KEY: 'plain' };
    await isGolden('aws-no-permission', (more) => stage.doctor(more, key));
  });

  it('goes on where STS does not answer and ECR does', async () => {
    stage.aws.faults.add({ match: { service: 'sts' }, effect: { error: 'AccessDeniedException' } });
    try {
      await isGolden('aws-no-sts', (more) => stage.doctor(more));
    } finally {
      stage.aws.faults.clear();
    }
  });

  for (const [minutes, golden] of [
    [-2, 'aws-clock-drifting'],
    [9, 'aws-clock-skewed'],
  ] as const) {
    it(`names a clock that is ${minutes} minutes off`, async () => {
      const aws = await startAws({ now: () => Date.now() - minutes * 60_000 - 500 });
      try {
        await isGolden(golden, (more) => stage.doctor(more, { AWS_ENDPOINT_URL: aws.url }));
      } finally {
        await aws.close();
      }
    });
  }

  it('tells registries of other accounts and regions', async () => {
    const hosts = ['999999999999.dkr.ecr.us-east-1.amazonaws.com', '123456789012.dkr.ecr.eu-west-1.amazonaws.com'];
    await isGolden('aws-other-registries', (more) => stage.doctor(more, { DOCKER_REGISTRY: hosts.join(',') }));
  });

  it('names a registry of a partition that the credentials are not for', async () => {
    const partition = { DOCKER_REGISTRY: '123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn' };
    await isGolden('aws-other-partition', (more) => stage.doctor(more, partition));
  });

  describe('tells which link of the credential chain answered', () => {
    it('web identity', async () => {
      const file = join(stage.directory, 'web-identity');
      await writeFile(file, 'not-a-jwt');
      stage.aws.addWebIdentity('not-a-jwt', { subject: account });
      const identity = { AWS_ROLE_ARN: stage.aws.defaults.roleArn, AWS_WEB_IDENTITY_TOKEN_FILE: file };
      await isGolden('aws-web-identity', (more) => stage.doctor(more, { ...noKey, ...identity }));
    });

    it('Pod Identity', async () => {
      const { containerCredentialsUrl, podIdentityToken } = stage.aws.defaults;
      const identity = {
        AWS_CONTAINER_CREDENTIALS_FULL_URI: containerCredentialsUrl,
        AWS_CONTAINER_AUTHORIZATION_TOKEN: podIdentityToken,
      };
      await isGolden('aws-pod-identity', (more) => stage.doctor(more, { ...noKey, ...identity }));
    });

    it('the instance', async () => {
      const metadata = { AWS_EC2_METADATA_DISABLED: undefined, AWS_EC2_METADATA_SERVICE_ENDPOINT: stage.aws.url };
      await isGolden('aws-instance', (more) => stage.doctor(more, { ...noKey, ...metadata }));
    });
  });
});

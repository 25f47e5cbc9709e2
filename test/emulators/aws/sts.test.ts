import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  STSClient,
  type Credentials,
} from '@aws-sdk/client-sts';

import { startAws, type AwsEmulator } from '../../../emulators/aws/server.ts';
import { webIdentityToken } from '../../../emulators/aws/web-identity.ts';

const SUBJECT = 'system:serviceaccount:ecr-cred-helper:ecr-cred-helper';
const HOUR_MS = 60 * 60_000;

let aws: AwsEmulator;
let nowMs = Date.now();

function key() {
  return { accessKeyId: aws.defaults.accessKeyId, secretAccessKey: aws.defaults.secretAccessKey };
}

function sts(credentials: Key = key()): STSClient {
  return new STSClient({ endpoint: aws.url, region: 'us-east-1', credentials, maxAttempts: 1 });
}

type Key = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

function keyOf(credentials: Credentials | undefined): Key {
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = credentials ?? {};
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}

function withWebIdentity(token: string, change: { RoleArn?: string; DurationSeconds?: number } = {}) {
  const input = { RoleArn: aws.defaults.roleArn, RoleSessionName: 'job', WebIdentityToken: token, ...change };
  return new AssumeRoleWithWebIdentityCommand(input);
}

describe('STS', () => {
  before(async () => {
    aws = await startAws({ now: () => nowMs });
  });
  after(() => aws.close());

  it('says who signed', async () => {
    const { Account, Arn } = await sts().send(new GetCallerIdentityCommand({}));
    assert.deepEqual([Account, Arn], ['123456789012', 'arn:aws:iam::123456789012:user/ecr-cred-helper']);
  });

  it('words a wrong key and a wrong signature in its own codes', async () => {
    await assert.rejects(
      sts({ ...key(), accessKeyId: 'AKIANOBODYSKEY000000' }).send(new GetCallerIdentityCommand({})),
      {
        name: 'InvalidClientTokenId',
        message: 'The security token included in the request is invalid.',
      },
    );
    await assert.rejects(sts({ ...key(), secretAccessKey: 'wrong' }).send(new GetCallerIdentityCommand({})), {
      name: 'SignatureDoesNotMatch',
      message: /^The request signature we calculated does not match the signature you provided\. /,
    });
  });

  it('exchanges a web identity token for credentials that sign calls to ECR', async () => {
    const answer = await sts().send(withWebIdentity(webIdentityToken(SUBJECT, nowMs + HOUR_MS)));
    const client = new ECRClient({ endpoint: aws.url, region: 'eu-west-1', credentials: keyOf(answer.Credentials) });
    const { authorizationData } = await client.send(new GetAuthorizationTokenCommand({}));
    assert.equal(answer.SubjectFromWebIdentityToken, SUBJECT);
    assert.equal(answer.AssumedRoleUser?.Arn, 'arn:aws:sts::123456789012:assumed-role/ecr-cred-helper/job');
    assert.equal(authorizationData?.[0]?.proxyEndpoint, 'https://123456789012.dkr.ecr.eu-west-1.amazonaws.com');
  });

  it('takes a registered string for a web identity token', async () => {
    aws.addWebIdentity('opaque', { subject: SUBJECT });
    const { SubjectFromWebIdentityToken } = await sts().send(withWebIdentity('opaque'));
    assert.equal(SubjectFromWebIdentityToken, SUBJECT);
  });

  it('refuses a web identity token that is none', async () => {
    await assert.rejects(sts().send(withWebIdentity('not-a-token')), {
      name: 'InvalidIdentityTokenException',
      message: 'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)',
    });
  });

  it('refuses a web identity token for another audience', async () => {
    const token = webIdentityToken(SUBJECT, nowMs + HOUR_MS, 'https://kubernetes.default.svc');
    await assert.rejects(sts().send(withWebIdentity(token)), {
      name: 'InvalidIdentityTokenException',
      message: 'Incorrect token audience',
    });
  });

  it('refuses a web identity token that expired, naming both times', async () => {
    const expiresAtMs = nowMs - HOUR_MS;
    const [now, expiry] = [nowMs, expiresAtMs].map((timeMs) => Math.floor(timeMs / 1000));
    await assert.rejects(sts().send(withWebIdentity(webIdentityToken(SUBJECT, expiresAtMs))), {
      name: 'ExpiredTokenException',
      message: `Token expired: current date/time ${now} must be before the expiration date/time${expiry}`,
    });
  });

  it('refuses a role that does not exist, and one that trusts another subject', async () => {
    const denied = { name: 'AccessDenied', message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity' };
    const token = webIdentityToken(SUBJECT, nowMs + HOUR_MS);
    const RoleArn = 'arn:aws:iam::123456789012:role/other';
    await assert.rejects(sts().send(withWebIdentity(token, { RoleArn })), denied);
    aws.addRole({ arn: RoleArn, trusts: (subject) => subject === 'system:serviceaccount:default:default' });
    await assert.rejects(sts().send(withWebIdentity(token, { RoleArn })), denied);
  });

  it('refuses a session that is too short', async () => {
    const token = webIdentityToken(SUBJECT, nowMs + HOUR_MS);
    await assert.rejects(sts().send(withWebIdentity(token, { DurationSeconds: 60 })), {
      name: 'ValidationError',
      message:
        "1 validation error detected: Value '60' at 'durationSeconds' failed to satisfy constraint: " +
        'Member must have value greater than or equal to 900',
    });
  });

  it('lets a user assume a role, with the reach of the role', async () => {
    const RoleArn = 'arn:aws:iam::210987654321:role/pull';
    aws.addRole({ arn: RoleArn, allowed: [] });
    const { Credentials } = await sts().send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'job' }));
    const client = new ECRClient({ endpoint: aws.url, region: 'eu-west-1', credentials: keyOf(Credentials) });
    await assert.rejects(client.send(new GetAuthorizationTokenCommand({})), {
      name: 'AccessDeniedException',
      message: /^User: arn:aws:sts::210987654321:assumed-role\/pull\/job is not authorized to perform: ecr:Get/,
    });
  });

  it('refuses a user whose policies do not allow a role', async () => {
    const limited = { accessKeyId: 'AKIALIMITED000000000', secretAccessKey: 'secret' };
    aws.addUser({ ...limited, account: '123456789012', allowed: ['ecr:*'] });
    const RoleArn = aws.defaults.roleArn;
    await assert.rejects(sts(limited).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'job' })), {
      name: 'AccessDenied',
      message: new RegExp(`is not authorized to perform: sts:AssumeRole on resource: ${RoleArn} `),
    });
  });

  it('ends a session when its time is over', async () => {
    const token = webIdentityToken(SUBJECT, nowMs + HOUR_MS);
    const { Credentials } = await sts().send(withWebIdentity(token, { DurationSeconds: 900 }));
    nowMs += 901_000;
    // The SDK takes its clock from the first answer that refuses it for the time, and tries again.
    const client = new ECRClient({ endpoint: aws.url, region: 'eu-west-1', credentials: keyOf(Credentials) });
    await assert.rejects(client.send(new GetAuthorizationTokenCommand({})), {
      name: 'ExpiredTokenException',
      message: 'The security token included in the request is expired',
    });
  });
});

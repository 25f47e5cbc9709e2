import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { localCertificates } from '../../../emulators/certificates.ts';
import { startAws, type AwsEmulator } from '../../../emulators/aws/server.ts';
import { missing, run, withDirectory, type Finished } from '../tools.ts';

const MAIN = fileURLToPath(new URL('../../../emulators/aws/main.ts', import.meta.url));
// Debian's own, where the path holds another one before it.
const AWS_CLI = missing('/usr/bin/aws', 'awscli') === false ? '/usr/bin/aws' : 'aws';

function awsCli(aws: AwsEmulator, args: string[], env: Record<string, string> = {}): Promise<Finished> {
  return withDirectory(async (directory) => {
    const bundle = join(directory, 'ca.pem');
    await writeFile(bundle, (await localCertificates()).ca);
    return run(AWS_CLI, ['--endpoint-url', aws.url, '--region', 'eu-central-1', ...args], {
      HOME: directory,
      AWS_ACCESS_KEY_ID: aws.defaults.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.defaults.secretAccessKey,
      AWS_CA_BUNDLE: bundle,
      NO_PROXY: '127.0.0.1',
      ...env,
    });
  });
}

describe("Debian's awscli", { skip: missing(AWS_CLI, 'awscli') }, () => {
  let aws: AwsEmulator;
  before(async () => {
    aws = await startAws({ tls: true });
  });
  after(() => aws.close());

  it('gets a login password', async () => {
    const { stdout, stderr, code } = await awsCli(aws, ['ecr', 'get-login-password']);
    assert.equal(code, 0, stderr);
    assert.equal(aws.isTokenValid(stdout.trim()), true);
  });

  it('gets a login password for ECR Public, which is in us-east-1 only', async () => {
    const args = ['ecr-public', 'get-login-password', '--region', 'us-east-1'];
    const { stdout, stderr, code } = await awsCli(aws, args);
    assert.equal(code, 0, stderr);
    assert.equal(aws.isTokenValid(stdout.trim()), true);
    const elsewhere = await awsCli(aws, ['ecr-public', 'get-login-password']);
    assert.match(elsewhere.stderr, /\(UnsupportedCommandException\)/);
  });

  it('is told that its key is wrong', async () => {
    const env = { AWS_ACCESS_KEY_ID: 'AKIANOBODYSKEY000000' };
    const { stderr, code } = await awsCli(aws, ['ecr', 'get-login-password'], env);
    assert.notEqual(code, 0);
    assert.match(
      stderr,
      /\(UnrecognizedClientException\) when calling the GetAuthorizationToken operation: The security token included in the request is invalid\./,
    );
  });

  it('knows who it is', async () => {
    const { stdout, stderr, code } = await awsCli(aws, ['sts', 'get-caller-identity', '--output', 'text']);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^123456789012\tarn:aws:iam::123456789012:user\/ecr-cred-helper\t/);
  });
});

describe('the emulator as a program', () => {
  it('prints one line when it is ready and ends with SIGTERM', async () => {
    const child = spawn(process.execPath, [MAIN], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    const [line] = await once(createInterface(child.stdout), 'line');
    const ready: unknown = JSON.parse(String(line));
    assert.ok(typeof ready === 'object' && ready !== null);
    assert.deepEqual(Object.keys(ready), ['url', 'accessKeyId', 'secretAccessKey', 'account', 'roleArn']);
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
  });

  it('explains itself', async () => {
    const { stdout, code } = await run(process.execPath, [MAIN, '--help']);
    assert.equal(code, 0);
    assert.match(stdout, /--port N/);
  });
});

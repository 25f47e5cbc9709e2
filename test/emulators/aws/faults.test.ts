import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';

import { ECRClient, GetAuthorizationTokenCommand, type AuthorizationData } from '@aws-sdk/client-ecr';

import type { Effect } from '../../../emulators/aws/faults.ts';
import { NONSENSE_NAMES } from '../../../emulators/aws/nonsense.ts';
import { startAws, type AwsEmulator } from '../../../emulators/aws/server.ts';

let aws: AwsEmulator;
let skewMs = 0;

async function call(maxAttempts = 1, abortSignal?: AbortSignal): Promise<AuthorizationData[] | undefined> {
  const credentials = { accessKeyId: aws.defaults.accessKeyId, secretAccessKey: aws.defaults.secretAccessKey };
  const client = new ECRClient({ endpoint: aws.url, region: 'us-east-1', credentials, maxAttempts });
  const options = abortSignal === undefined ? {} : { abortSignal };
  const { authorizationData } = await client.send(new GetAuthorizationTokenCommand({}), options);
  return authorizationData;
}

const REFUSALS: { when: string; effect: Effect; name: string; message: string | RegExp }[] = [
  {
    when: 'throttling',
    effect: { error: 'ThrottlingException' },
    name: 'ThrottlingException',
    message: 'Rate exceeded',
  },
  {
    when: "a fault of the service's own",
    effect: { error: 'ServerException' },
    name: 'ServerException',
    message: 'These errors are usually caused by a server-side issue.',
  },
  {
    when: 'an expired session',
    effect: { error: 'ExpiredTokenException' },
    name: 'ExpiredTokenException',
    message: 'The security token included in the request is expired',
  },
  {
    when: 'a denial, which names the caller and the action',
    effect: { error: 'AccessDeniedException' },
    name: 'AccessDeniedException',
    message:
      'User: arn:aws:iam::123456789012:user/ecr-cred-helper is not authorized to perform: ' +
      'ecr:GetAuthorizationToken on resource: * because no identity-based policy allows the ' +
      'ecr:GetAuthorizationToken action',
  },
  {
    when: 'a clock that is behind',
    effect: { skew: 'expired' },
    name: 'InvalidSignatureException',
    message: /^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 5 min\.\)$/,
  },
  {
    when: 'a clock that is ahead',
    effect: { skew: 'notYetCurrent' },
    name: 'InvalidSignatureException',
    message: /^Signature not yet current: \d{8}T\d{6}Z is still later than \d{8}T\d{6}Z \(\d{8}T\d{6}Z \+ 5 min\.\)$/,
  },
  {
    when: 'wording of one’s own',
    effect: { error: 'ServerException', message: 'boom' },
    name: 'ServerException',
    message: 'boom',
  },
];

const ENTRY_FLAWS: { name: (typeof NONSENSE_NAMES)[number]; has: Record<string, unknown> }[] = [
  { name: 'emptyToken', has: { authorizationToken: '' } },
  { name: 'tokenNotAws', has: { authorizationToken: 'cm9vdDpodW50ZXIy' } },
  { name: 'tokenWithoutPassword', has: { authorizationToken: 'QVdTOg==' } },
  { name: 'missingToken', has: { authorizationToken: undefined } },
  { name: 'missingExpiresAt', has: { expiresAt: undefined } },
  { name: 'missingProxyEndpoint', has: { proxyEndpoint: undefined } },
];

describe('faults of ECR', () => {
  before(async () => {
    aws = await startAws({ now: () => Date.now() + skewMs });
  });
  after(() => aws.close());
  afterEach(() => {
    skewMs = 0;
    aws.faults.clear();
    aws.stats.reset();
  });

  for (const { when, effect, name, message } of REFUSALS) {
    it(`words ${when}`, async () => {
      aws.faults.add({ effect });
      await assert.rejects(call(), { name, message });
    });
  }

  it('refuses signatures of more than five minutes ago and tells the time, by which the SDK corrects its clock', async () => {
    skewMs = 6 * 60_000;
    await assert.rejects(call(), {
      name: 'InvalidSignatureException',
      message: /^Signature expired: .+ \(\d{8}T\d{6}Z - 5 min\.\)$/,
    });
    assert.equal((await call(2))?.length, 1);
    assert.deepEqual(
      aws.stats.calls.map(({ status }) => status),
      [400, 400, 200],
    );
  });

  it('accepts signatures within the window', async () => {
    skewMs = -4 * 60_000;
    assert.equal((await call())?.length, 1);
  });

  it('has every nonsense answered with status 200', async () => {
    for (const name of NONSENSE_NAMES) {
      aws.faults.add({ times: 1, effect: { nonsense: name } });
      const response = await fetch(aws.url, {
        method: 'POST',
        headers: { 'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken' },
      });
      assert.equal(response.status, 200, name);
      await response.text();
    }
  });

  for (const { name, has } of ENTRY_FLAWS) {
    it(`answers with the flaw ${name}`, async () => {
      aws.faults.add({ effect: { nonsense: name } });
      const [data] = (await call()) ?? [];
      const [[field, value] = ['', '']] = Object.entries(has);
      assert.deepEqual({ ...data }[field as keyof AuthorizationData], value); // the table names fields of the entry
    });
  }

  it('answers with a token that expired a day ago', async () => {
    aws.faults.add({ effect: { nonsense: 'expired' } });
    const [data] = (await call()) ?? [];
    assert.equal(Number(data?.expiresAt) < Date.now(), true);
  });

  it('answers with half of its JSON', async () => {
    aws.faults.add({ effect: { nonsense: 'truncatedJson' } });
    await assert.rejects(call(), SyntaxError);
  });

  it('never answers where it hangs', async () => {
    aws.faults.add({ effect: { hang: true } });
    const abort = new AbortController();
    const calling = call(1, abort.signal);
    const refused = assert.rejects(calling, { name: 'AbortError' });
    while (aws.stats.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    abort.abort();
    await refused;
  });

  it('breaks the connection, before its answer or within it', async () => {
    aws.faults.add({ times: 1, effect: { reset: true } });
    await assert.rejects(call(), { code: 'ECONNRESET' });
    aws.faults.add({ times: 1, effect: { reset: 'midBody' } });
    await assert.rejects(call(), { code: 'ECONNRESET', message: /^aborted/ });
  });

  it('answers late', async () => {
    aws.faults.add({ effect: { delayMs: 30 } });
    const startMs = performance.now();
    await call();
    assert.equal(performance.now() - startMs >= 29, true);
  });

  it('ends while calls hang and wait', async () => {
    const ending = await startAws();
    ending.faults.add({ times: 1, effect: { hang: true } });
    ending.faults.add({ effect: { delayMs: 3_600_000 } });
    const open = [fetch(ending.url), fetch(ending.url)].map((answer) => assert.rejects(answer));
    while (ending.stats.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await ending.close();
    await Promise.all(open);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AwsReply, TokenRequest } from '../../src/core/secret/token.ts';
import { gatherTokens } from '../../src/serving/tokens.ts';

const clock = { nowMs: () => 0, steadyMs: () => 0, sleep: () => Promise.resolve() };
const request = (region: string): TokenRequest => ({ region, registries: [], fips: false, dualStack: false });
const issued = (region = ''): AwsReply => ({
  kind: 'answer',
  authorizationToken: Buffer.from(`AWS:${region}`).toString('base64'),
  expiresAtMs: 43_200_000,
  proxyEndpoint: `https://123456789012.dkr.ecr.${region}.amazonaws.com`,
});
const refused: AwsReply = { kind: 'error', name: 'AccessDenied', message: 'no', service: 'ecr', host: 'ecr.example' };

async function gathered(replies: Record<string, AwsReply>, reason?: string) {
  const stop = new AbortController();
  if (reason !== undefined) stop.abort(reason);
  const tokens = { issue: ({ region = '' }: TokenRequest) => Promise.resolve(replies[region] ?? issued(region)) };
  const result = await gatherTokens(['us-east-1', 'eu-west-1'].map(request), { tokens, clock }, stop.signal);
  return result.ok ? result.value.map(({ password }) => password) : `${result.failure.code}: ${result.failure.why}`;
}

describe('the tokens of a pull secret', () => {
  it('are one for each call', async () => assert.deepEqual(await gathered({}), ['us-east-1', 'eu-west-1']));
  it('are all or none: a secret without one of its logins would be worse than an old one', async () => {
    assert.equal(await gathered({ 'eu-west-1': refused }), 'AwsAccessDenied: AccessDenied: no');
  });
  it('are none where one of them is not complete', async () => {
    const empty = { ...issued(), authorizationToken: '' } as AwsReply;
    assert.equal(await gathered({ 'us-east-1': empty }), 'AwsReplyInvalid: the reply holds no authorization token');
  });
  it('name who had not answered when they were to end', async () => {
    const why = 'DeadlinePassed: the deadline passed, and ecr.example had not answered';
    assert.equal(await gathered({ 'us-east-1': refused }, 'DeadlinePassed'), why);
    assert.match((await gathered({ 'us-east-1': refused }, 'SIGTERM')) as string, /^Interrupted: stopped by SIGTERM/);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AwsReply, TokenRequest } from '../../src/core/secret/token.ts';
import { gatherEach } from '../../src/serving/tokens.ts';

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
  const result = await gatherEach(['us-east-1', 'eu-west-1'].map(request), { tokens, clock }, stop.signal);
  const why = result.refused.map(({ request, failure }) => `${request.region}: ${failure.code}: ${failure.why}`);
  return [...result.issued.map(({ password }) => password), ...why];
}

describe('the tokens of a pull secret', () => {
  it('are one for each call', async () => assert.deepEqual(await gathered({}), ['us-east-1', 'eu-west-1']));
  it('are those that came, where one region refuses', async () => {
    assert.deepEqual(await gathered({ 'us-east-1': refused }), [
      'eu-west-1',
      'us-east-1: AwsAccessDenied: AccessDenied: no',
    ]);
  });
  it('are complete', async () => {
    const empty = { ...issued(), authorizationToken: '' } as AwsReply;
    assert.deepEqual(await gathered({ 'us-east-1': empty }), [
      'eu-west-1',
      'us-east-1: AwsReplyInvalid: the reply holds no authorization token',
    ]);
  });
  it('name who had not answered when they were to end', async () => {
    const why = 'us-east-1: DeadlinePassed: the deadline passed, and ecr.example had not answered';
    assert.ok((await gathered({ 'us-east-1': refused }, 'DeadlinePassed')).includes(why));
    const told = await gathered({ 'us-east-1': refused }, 'SIGTERM');
    assert.match(told.join(), /us-east-1: Interrupted: stopped by SIGTERM/);
  });
});

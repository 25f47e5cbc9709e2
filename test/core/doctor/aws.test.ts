import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findAws, type AwsFacts, type IdentityFact } from '../../../src/core/doctor/aws.ts';
import { failure } from '../../../src/core/failures/errors.ts';
import { parseRegistryHost, type Registry } from '../../../src/core/secret/registry-host.ts';

const hourMs = 3_600_000;
const nowMs = Date.UTC(2026, 0, 2);
const account = '123456789012';
const known: IdentityFact = {
  kind: 'known',
  features: ['CREDENTIALS_ENV_VARS'],
  arn: `arn:aws:iam::${account}:user/me`,
  account,
};
const denied = failure('AwsAccessDenied', {
  where: 'us-east-1',
  why: `User: arn:aws:iam::${account}:user/me is not authorized to perform: ecr:GetAuthorizationToken on resource: arn:x`,
});
const noKey = failure('AwsCredentialsMissing', { where: 'us-east-1', why: 'nothing found' });
const registry = (host: string): Registry => parseRegistryHost(host) ?? assert.fail(host);

const found = (changes: Partial<AwsFacts>) =>
  findAws({ identity: known, tokens: [], registries: [], nowMs, ...changes });
const reasons = (changes: Partial<AwsFacts>) => found(changes).map(({ reason }) => reason);
const inOrder = ['CredentialsFound', 'IdentityKnown'];

describe('what AWS makes of us', () => {
  const clock = (aheadMs: number) => ({ clock: { host: 'sts', serverMs: nowMs, localMs: nowMs + aheadMs } });
  const issued = { hosts: ['a.example'], expiresAtMs: nowMs + 12 * hourMs };
  const cases: Record<string, [facts: Partial<AwsFacts>, reasons: string[]]> = {
    'is known where STS says so': [{}, inOrder],
    'is not known, and no problem, where STS does not say it': [
      { identity: { kind: 'unnamed', features: [], failure: denied } },
      ['CredentialsFound', 'CouldNotLook'],
    ],
    'is nothing where there are no credentials': [
      { identity: { kind: 'noCredentials', failure: noKey } },
      ['AwsCredentialsMissing'],
    ],
    'is not told twice where the token lacks the same credentials': [
      {
        identity: { kind: 'noCredentials', failure: noKey },
        tokens: [{ where: 'x', result: { ok: false, failure: noKey } }],
      },
      ['AwsCredentialsMissing'],
    ],
    'is told of the token where that fails for another reason': [
      {
        identity: { kind: 'noCredentials', failure: noKey },
        tokens: [{ where: 'x', result: { ok: false, failure: denied } }],
      },
      ['AwsCredentialsMissing', 'IdentityLacksPermission'],
    ],
    'is a token': [{ tokens: [{ where: 'x', result: { ok: true, value: issued } }] }, [...inOrder, 'TokenIssued']],
    'agrees on the time within a minute': [clock(59_000), [...inOrder, 'ClockAgrees']],
    'drifts apart by a minute, ahead or behind': [clock(-60_000), [...inOrder, 'ClockDrifting']],
    'is refused by the clock from five minutes': [clock(300_000), [...inOrder, 'ClockSkewed']],
    'is refused by a clock that is behind by as much': [clock(-300_000), [...inOrder, 'ClockSkewed']],
  };
  for (const [title, [facts, expected]] of Object.entries(cases)) {
    it(title, () => assert.deepEqual(reasons(facts), expected));
  }

  it('names the statement that a permission lacks, for "*" alone where ECR takes no other', () => {
    const [, , lack] = found({ tokens: [{ where: 'x', result: { ok: false, failure: denied } }] });
    assert.match(
      lack?.fix ?? '',
      /^Allow it: aws iam put-user-policy --user-name me .*\{"Effect":"Allow","Action":"ecr:GetAuthorizationToken","Resource":"\*"\}/,
    );
  });
  it('names the resource of another action that is lacking', () => {
    const why = 'User: arn:u is not authorized to perform: sts:AssumeRole on resource: arn:role';
    const other = failure('AwsAccessDenied', { where: 'x', why });
    const [, , lack] = found({ tokens: [{ where: 'x', result: { ok: false, failure: other } }] });
    assert.match(lack?.fix ?? '', /"Action":"sts:AssumeRole","Resource":"arn:role"/);
  });
  it('names the link of the chain that answered, the most specific mark first', () => {
    const link = (...features: string[]) => found({ identity: { ...known, features } })[0]?.found;
    assert.match(
      link('CREDENTIALS_ENV_VARS_STS_WEB_ID_TOKEN', 'CREDENTIALS_STS_ASSUME_ROLE_WEB_ID') ?? '',
      /web identity/,
    );
    assert.match(link('CREDENTIALS_PROFILE', 'CREDENTIALS_PROFILE_PROCESS') ?? '', /credential_process/);
    assert.match(link('CREDENTIALS_HTTP') ?? '', /container credentials/);
    assert.match(link() ?? '', /instance metadata/);
  });
  it('says how long the credentials last', () => {
    assert.match(found({ identity: { ...known, expiresAtMs: nowMs + hourMs } })[0]?.found ?? '', /renewed in 1 h/);
  });
});

describe('a registry', () => {
  const of = (host: string, changes: Partial<AwsFacts> = {}) =>
    reasons({ registries: [registry(host)], region: 'us-east-1', ...changes }).slice(2);
  const cases: Record<string, [host: string, reasons: string[], changes?: Partial<AwsFacts>]> = {
    'is in order in our account and region': [`${account}.dkr.ecr.us-east-1.amazonaws.com`, ['RegistryOfAccount']],
    'of an account that is a digit off was probably meant to be ours': [
      '123456789013.dkr.ecr.us-east-1.amazonaws.com',
      ['RegistryAccountMistyped'],
    ],
    'of an account with two digits swapped was, too': [
      '123456789021.dkr.ecr.us-east-1.amazonaws.com',
      ['RegistryAccountMistyped'],
    ],
    'of another account has to let us in': ['999999999999.dkr.ecr.us-east-1.amazonaws.com', ['RegistryOfOtherAccount']],
    'in another region is told': [`${account}.dkr.ecr.eu-west-1.amazonaws.com`, ['RegistryOfOtherRegion']],
    'in another region is in order where none is set': [
      `${account}.dkr.ecr.eu-west-1.amazonaws.com`,
      ['RegistryOfAccount'],
      { region: undefined as never },
    ],
    'of another partition needs other credentials': [
      `${account}.dkr.ecr.cn-north-1.amazonaws.com.cn`,
      ['RegistryOfOtherPartition'],
    ],
    'is not judged where nobody knows who we are': [
      '999999999999.dkr.ecr.us-east-1.amazonaws.com',
      [],
      { identity: { kind: 'unnamed', features: [], failure: denied } },
    ],
  };
  for (const [title, [host, expected, changes]] of Object.entries(cases)) {
    it(title, () => assert.deepEqual(of(host, changes), expected));
  }
  it('of an account that is a digit off is corrected where it stands, among the others', () => {
    const hosts = ['123456789013.dkr.ecr.us-east-1.amazonaws.com', `${account}.dkr.ecr.eu-west-1.amazonaws.com`];
    const set = (name: string, value: string) => `kubectl set ${name} ${value}`;
    const mistyped = found({ registries: hosts.map(registry), set }).find(({ reason }) => /Mistyped/.test(reason));
    assert.equal(
      mistyped?.fix,
      `Did you mean account ${account}? Correct it: kubectl set DOCKER_REGISTRY ${account}.dkr.ecr.us-east-1.amazonaws.com,${hosts[1]}`,
    );
  });
});

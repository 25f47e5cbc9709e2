import type { Failure, Result } from '../failures/errors.ts';
import { timestamp } from '../secret/pull-secret.ts';
import { partitionOfRegion, type Registry } from '../secret/registry-host.ts';
import { editDistance } from '../failures/suggest.ts';
import { failed, finding, couldNotLook, type Finding } from './finding.ts';
import { allowRemedy, iamStatement } from './iam.ts';
import { asItself, type Installation, type SetCommand } from './installation.ts';
import { workloadName } from './workload-facts.ts';
import { durationInWords } from '../text/words.ts';

/** Who AWS takes us for. */
export type IdentityFact =
  | { kind: 'known'; features: readonly string[]; arn: string; account: string; expiresAtMs?: number }
  /** There are credentials, and STS did not say whose. */
  | { kind: 'unnamed'; features: readonly string[]; failure: Failure }
  | { kind: 'noCredentials'; failure: Failure };

/** A token as far as it may be shown. */
export type IssuedFact = { hosts: readonly string[]; expiresAtMs: number };

export type AwsFacts = {
  identity: IdentityFact;
  /** AWS's `Date` header and our clock when it arrived; absent where no answer came. */
  clock?: { host: string; serverMs: number; localMs: number };
  /** One for each call: its region and hosts in words, and what became of it. */
  tokens: readonly { where: string; result: Result<IssuedFact> }[];
  registries: readonly Registry[];
  /** As set; absent where the SDK finds it by itself. */
  region?: string;
  nowMs: number;
  /** How a setting is changed; absent: where doctor itself is run. */
  set?: SetCommand | undefined;
  /** The command that gives the installation another key; absent: nobody knows, or its key is not the one that was asked with. */
  giveKey?: string | undefined;
};

/** With whose credentials AWS is asked, and how it is asked with those that run. */
export function findAskedWith({ workload }: Pick<Installation, 'workload'>, isItsKey: boolean): Finding {
  const name = workloadName(workload);
  const looked = 'whose credentials AWS is asked with';
  if (isItsKey) {
    return finding('AskedWithItsKey', { looked, found: `with the key that ${name} is given, from this machine` });
  }
  const found = `with those of this machine: ${name} is given no key that could be used from here`;
  return finding('AskedWithOtherCredentials', { looked, found, command: asItself(workload) });
}

/** What AWS makes of us, in the order in which each thing needs the one before. */
export function findAws(facts: AwsFacts): Finding[] {
  return [...findIdentity(facts), ...findClock(facts), ...findTokens(facts), ...findRegistries(facts)];
}

/** What is said of a key that somebody else has to be given. */
const ofKeys: Readonly<Partial<Record<Failure['code'], string>>> = {
  AwsSignatureMismatch:
    'The secret key is not the one of that access key: a lost character, most often. Give it the right one',
  AwsKeyUnknown: 'The key may be deleted, inactive, mistyped or of another AWS partition. Give it one that is in use',
  AwsCredentialsExpired: 'What it has is the key of a session. Give it that of a user',
};

function withKey(failure: Failure, giveKey: string | undefined): Failure {
  const words = ofKeys[failure.code];
  return words === undefined || giveKey === undefined ? failure : { ...failure, fix: `${words}: ${giveKey}` };
}

function findIdentity({ identity, nowMs, giveKey }: AwsFacts): Finding[] {
  const looked = 'the AWS credential chain';
  if (identity.kind === 'noCredentials') return [failed('aws/credentials', identity.failure, looked)];
  const until =
    identity.kind === 'known' && identity.expiresAtMs !== undefined
      ? `, renewed in ${durationInWords(identity.expiresAtMs - nowMs)}`
      : '';
  const credentials = finding('CredentialsFound', { looked, found: `${linkInWords(identity.features)}${until}` });
  if (identity.kind === 'known') {
    const found = `${identity.arn} (account ${identity.account})`;
    return [credentials, finding('IdentityKnown', { looked: 'sts:GetCallerIdentity', found })];
  }
  const failure = withKey(identity.failure, giveKey);
  // A token may be issued all the same: a private network often has an endpoint of ECR and none of STS.
  const why = `${failure.what}: ${failure.why}`;
  return [credentials, couldNotLook('aws/identity', 'sts:GetCallerIdentity', why, failure.fix)];
}

/** By the mark that each link of the SDK's chain leaves on the credentials; the instance's leaves none. */
function linkInWords(features: readonly string[]): string {
  const link = links.find(([feature]) => features.includes(feature));
  return link?.[1] ?? 'the instance metadata of the node';
}

const links: readonly (readonly [string, string])[] = [
  ['CREDENTIALS_PROFILE_STS_WEB_ID_TOKEN', 'web identity, as a profile of the AWS configuration says'],
  ['CREDENTIALS_ENV_VARS_STS_WEB_ID_TOKEN', 'web identity (IRSA): AWS_ROLE_ARN with AWS_WEB_IDENTITY_TOKEN_FILE'],
  ['CREDENTIALS_STS_ASSUME_ROLE_WEB_ID', 'web identity (IRSA): AWS_ROLE_ARN with AWS_WEB_IDENTITY_TOKEN_FILE'],
  ['CREDENTIALS_PROFILE_PROCESS', 'the credential_process of a profile'],
  ['CREDENTIALS_PROCESS', 'the credential_process of a profile'],
  ['CREDENTIALS_PROFILE_SSO', 'IAM Identity Center (SSO) of a profile'],
  ['CREDENTIALS_PROFILE_SSO_LEGACY', 'IAM Identity Center (SSO) of a profile'],
  ['CREDENTIALS_SSO', 'IAM Identity Center (SSO)'],
  ['CREDENTIALS_SSO_LEGACY', 'IAM Identity Center (SSO)'],
  ['CREDENTIALS_PROFILE_LOGIN', 'the console login of a profile'],
  ['CREDENTIALS_LOGIN', 'the console login'],
  ['CREDENTIALS_STS_ASSUME_ROLE', 'a role assumed by a profile'],
  ['CREDENTIALS_PROFILE', 'the key of a profile in the AWS configuration'],
  ['CREDENTIALS_HTTP', 'container credentials (Pod Identity or ECS)'],
  ['CREDENTIALS_ENV_VARS', 'the key in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'],
];

const driftMs = 60_000;
const refusedMs = 5 * 60_000;

function findClock({ clock }: AwsFacts): Finding[] {
  if (clock === undefined) return [];
  const aheadMs = clock.localMs - clock.serverMs;
  const looked = `the Date header of ${clock.host}`;
  const difference = Math.abs(aheadMs);
  // The header counts whole seconds and is as old as its way here.
  if (difference < 5_000) return [finding('ClockAgrees', { looked, found: "this clock and AWS's agree" })];
  const found = `this clock is ${durationInWords(difference)} ${aheadMs > 0 ? 'ahead of' : 'behind'} AWS's`;
  if (difference >= refusedMs) return [finding('ClockSkewed', { looked, found })];
  return [finding(difference >= driftMs ? 'ClockDrifting' : 'ClockAgrees', { looked, found })];
}

function findTokens({ identity, tokens, nowMs, giveKey }: AwsFacts): Finding[] {
  return tokens.flatMap(({ where, result }) => {
    const looked = `ecr:GetAuthorizationToken in ${where}`;
    if (result.ok) {
      const { hosts, expiresAtMs } = result.value;
      const life = `expires ${timestamp(expiresAtMs)}, in ${durationInWords(expiresAtMs - nowMs)}`;
      return [finding('TokenIssued', { looked, found: `a token for ${hosts.join(', ')}, ${life}` })];
    }
    // Said once already, of the credentials.
    if (identity.kind === 'noCredentials' && identity.failure.code === result.failure.code) return [];
    return [lackedPermission(looked, result.failure) ?? failed('aws/token', withKey(result.failure, giveKey), looked)];
  });
}

function lackedPermission(looked: string, failure: Failure): Finding | undefined {
  const denial =
    /(?:User: (?<principal>\S+) )?is not authorized to perform: (?<action>[\w-]+:\w+)(?: on resource: (?<resource>\S+))?/.exec(
      failure.why,
    )?.groups;
  if (failure.code !== 'AwsAccessDenied' || denial?.['action'] === undefined) return undefined;
  const { principal, action } = denial;
  // ECR takes GetAuthorizationToken on "*" alone.
  const resource = action.endsWith('GetAuthorizationToken') ? '*' : (denial['resource'] ?? '*');
  const statement = iamStatement([action], resource);
  const policy = `ecr-cred-helper-${action.replace(/^.*:/, '')}`;
  return finding('IdentityLacksPermission', {
    looked,
    found: failure.why,
    allow: allowRemedy(principal, policy, statement),
  });
}

/** One digit off, or two neighbours swapped. */
function nearAccount(written: string, account: string): string | undefined {
  return editDistance(written, account, 1) === 1 ? account : undefined;
}

function findRegistries({ identity, registries, region, set }: AwsFacts): Finding[] {
  if (identity.kind !== 'known') return [];
  const { account, arn } = identity;
  const partition = arn.split(':')[1] ?? '';
  return registries.map((registry) => {
    const looked = registry.host;
    if (registry.partition !== partition) {
      const found = `it belongs to the partition ${registry.partition}, the identity to ${partition}`;
      return finding('RegistryOfOtherPartition', { looked, found, partition: registry.partition });
    }
    const meant = registry.account === account ? undefined : nearAccount(registry.account, account);
    if (meant !== undefined) {
      const found = `its account is nearly that of the identity, ${account}`;
      const hosts = registries.map(({ host }) =>
        host === registry.host ? host.replace(registry.account, account) : host,
      );
      const to = hosts.join(',');
      const hint = set === undefined ? `Set DOCKER_REGISTRY to ${to}.` : `Correct it: ${set('DOCKER_REGISTRY', to)}`;
      return finding('RegistryAccountMistyped', { looked, found, account: meant, hint });
    }
    if (registry.account !== account) {
      const found = `it belongs to account ${registry.account}, the identity to ${account}: repositories there must let it in`;
      return finding('RegistryOfOtherAccount', { looked, found, account, owner: registry.account });
    }
    if (region !== undefined && region !== registry.region && partitionOfRegion(region) === registry.partition) {
      const found = `it is in ${registry.region}, and the region set is ${region}`;
      return finding('RegistryOfOtherRegion', { looked, found, host: registry.host });
    }
    const found = `account ${account} and region ${registry.region}, which its token is for`;
    return finding('RegistryOfAccount', { looked, found });
  });
}

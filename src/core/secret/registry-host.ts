/** An Amazon ECR registry, as its host names it. */
export type Registry = {
  host: string;
  /** The account: 12 digits. */
  account: string;
  region: string;
  /** `aws`, `aws-cn`, `aws-us-gov`, `aws-eusc`, `aws-iso`, `aws-iso-b`, `aws-iso-e`, `aws-iso-f`. */
  partition: string;
  fips: boolean;
  dualStack: boolean;
};

/**
 * The suffixes of ECR hosts and the partitions they belong to, as `cloud-provider-aws` and
 * `amazon-ecr-credential-helper` have them. GovCloud shares `amazonaws.com` and is told apart by its regions.
 */
const suffixes: Readonly<Record<string, string>> = {
  'amazonaws.com': 'aws',
  'amazonaws.com.cn': 'aws-cn',
  'amazonaws.eu': 'aws-eusc',
  'c2s.ic.gov': 'aws-iso',
  'sc2s.sgov.gov': 'aws-iso-b',
  'cloud.adc-e.uk': 'aws-iso-e',
  'csp.hci.ic.gov': 'aws-iso-f',
};

const dualStackSuffixes: Readonly<Record<string, string>> = {
  'on.aws': 'aws',
  'on.amazonwebservices.com.cn': 'aws-cn',
};

const expression = /^(\d{12})\.dkr([.-])ecr(-fips)?\.([a-z]{2,4}(?:-[a-z]+){1,3}-\d{1,2})\.([a-z0-9.-]+)$/;

/**
 * Parses an ECR host. Anchored at both ends: `….amazonaws.com.evil.example` is no ECR host.
 * A region that belongs to another partition than the suffix (`cn-north-1` under `amazonaws.com`) is none either.
 */
export function parseRegistryHost(host: string): Registry | undefined {
  const [, account, separator, fips, region = '', suffix = ''] = expression.exec(host) ?? [];
  if (account === undefined) return undefined;
  const dualStack = separator === '-';
  const known = dualStack ? dualStackSuffixes : suffixes;
  const ofSuffix = Object.hasOwn(known, suffix) ? known[suffix] : undefined;
  const partition = partitionOfRegion(region);
  if (ofSuffix !== partition && !(ofSuffix === 'aws' && partition === 'aws-us-gov')) return undefined;
  return { host, account, region, partition, fips: fips !== undefined, dualStack };
}

/** Whether a host, with its port or without, is one of AWS's own: a service's endpoint in any partition. */
export function isAwsHost(host: string): boolean {
  const bare = host.replace(/:\d+$/, '');
  const owned = [...Object.keys(suffixes), ...Object.keys(dualStackSuffixes), 'api.aws'];
  return owned.some((suffix) => bare.endsWith(`.${suffix}`));
}

/** The partition a region belongs to, from its prefix. */
export function partitionOfRegion(region: string): string {
  const byPrefix: readonly [string, string][] = [
    ['cn-', 'aws-cn'],
    ['us-gov-', 'aws-us-gov'],
    ['us-isob-', 'aws-iso-b'],
    ['us-isof-', 'aws-iso-f'],
    ['eu-isoe-', 'aws-iso-e'],
    ['eusc-', 'aws-eusc'],
    ['us-iso-', 'aws-iso'],
  ];
  return byPrefix.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'aws';
}

/** What one entry of `DOCKER_REGISTRY` turned out to be. */
export type RegistryEntry =
  | { kind: 'registry'; registry: Registry; cleanedFrom?: string }
  | { kind: 'invalid'; entry: string; why: string };

/**
 * Reads the comma-separated hosts of `DOCKER_REGISTRY`. A scheme, a trailing slash and capitals are taken off, and said
 * (`cleanedFrom`); anything else that is no ECR host is refused by name.
 */
export function parseRegistries(value: string): RegistryEntry[] {
  const entries = value.split(',').map((entry) => entry.trim());
  const seen = new Set<string>();
  return entries
    .filter((entry) => entry !== '')
    .map(parseEntry)
    .filter((entry) => {
      const key = entry.kind === 'registry' ? entry.registry.host : entry.entry;
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    });
}

function parseEntry(entry: string): RegistryEntry {
  const host = entry
    .replace(/^https?:\/\//i, '')
    .replace(/\/+$/, '')
    .toLowerCase();
  const registry = parseRegistryHost(host);
  if (registry !== undefined) return { kind: 'registry', registry, ...(host === entry ? {} : { cleanedFrom: entry }) };
  return { kind: 'invalid', entry: withoutUserInfo(entry), why: whyInvalid(host) };
}

/**
 * `https://AWS:password@host` is a mistake people make; the password, which may hold slashes, must not come back in the
 * message.
 */
function withoutUserInfo(entry: string): string {
  return entry.replace(/^([a-z]+:\/\/)?.*@/is, '$1…@');
}

function whyInvalid(host: string): string {
  if (host === 'public.ecr.aws' || host === 'ecr-public.aws.com') {
    return 'that is ECR Public, whose images need no pull secret';
  }
  if (host.includes('@')) return 'a registry is named without user and password';
  if (host.includes('/')) return 'that names a repository; only the host is wanted';
  if (/:\d+$/.test(host)) return 'an ECR host has no port';
  if (/^\d+\.dkr/.test(host) && !/^\d{12}\./.test(host)) return 'an account id has 12 digits';
  return 'expected <12-digit account>.dkr.ecr.<region>.amazonaws.com or the form of another AWS partition';
}

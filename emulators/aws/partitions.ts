/** A partition of AWS: its name in ARNs, and what its private registries' hosts end in. */
export type Partition = { name: string; suffix: string };

const AWS: Partition = { name: 'aws', suffix: 'amazonaws.com' };

const BY_PREFIX: readonly (readonly [prefix: string, Partition])[] = [
  ['cn-', { name: 'aws-cn', suffix: 'amazonaws.com.cn' }],
  ['us-gov-', { name: 'aws-us-gov', suffix: 'amazonaws.com' }],
  ['us-isob-', { name: 'aws-iso-b', suffix: 'sc2s.sgov.gov' }],
  ['us-isof-', { name: 'aws-iso-f', suffix: 'csp.hci.ic.gov' }],
  ['eu-isoe-', { name: 'aws-iso-e', suffix: 'cloud.adc-e.uk' }],
  ['us-iso-', { name: 'aws-iso', suffix: 'c2s.ic.gov' }],
  ['eusc-', { name: 'aws-eusc', suffix: 'amazonaws.eu' }],
];

/** The partition that a region lies in; the standard one for regions that nothing else claims. */
export function partitionOf(region: string): Partition {
  return BY_PREFIX.find(([prefix]) => region.startsWith(prefix))?.[1] ?? AWS;
}

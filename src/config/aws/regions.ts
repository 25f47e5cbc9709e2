import { nearest } from '../../core/failures/suggest.ts';
import { warning, type Warning } from '../../core/failures/warnings.ts';

/** Regions there are, of every partition; a test holds them to those that the AWS SDK knows. */
export const knownRegions: ReadonlySet<string> = new Set(
  `af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1
  ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1
  eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1
  me-south-1 me-west-1 mx-central-1 sa-east-1 sa-west-1 us-east-1 us-east-2 us-west-1 us-west-2
  cn-north-1 cn-northwest-1 eusc-de-east-1 us-iso-east-1 us-iso-west-1 us-isob-east-1 us-isob-west-1 eu-isoe-west-1
  us-isof-east-1 us-isof-south-1 us-gov-east-1 us-gov-west-1`.split(/\s+/),
);

/** AWS adds some, so that one nobody has heard of is no mistake yet. */
export function judgeKnown(region: string, where: string): Warning[] {
  if (knownRegions.has(region)) return [];
  const meant = nearest(region, knownRegions, 2);
  const hint = meant === undefined ? 'Check its name; a new one may be right.' : `Did you mean ${meant}?`;
  return [warning('RegionUnknown', { where, why: `${region} is not among the regions known here`, hint })];
}

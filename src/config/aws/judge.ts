import { failure, type Failure } from '../../core/failures/errors.ts';
import type { Warning } from '../../core/failures/warnings.ts';
import { nameOf, type Sources } from '../coherence.ts';
import { valueOf, type Environment } from '../environment.ts';
import { regionName } from '../parsers.ts';
import type { Settings } from '../settings.ts';
import { judgeEndpoints } from './endpoints.ts';
import { placeOf, profileMeant, type AwsFiles, type Profile } from './files.ts';
import { judgeKeys } from './keys.ts';
import { judgeProfile } from './profile.ts';
import { judgeKnown } from './regions.ts';
import { judgeSwitches } from './switches.ts';
import { judgeUnused } from './unused.ts';

export type AwsJudgement = {
  failures: Failure[];
  warnings: Warning[];
  /** Variables, as the AWS SDK has to find them. */
  corrected: Record<string, string>;
  /** Whether a region is known from the files. */
  hasRegion: boolean;
};

/**
 * Judges what the AWS CLI and the AWS SDK read of the environment and of the configuration files, before anything is asked:
 * what the SDK would pass over in silence, name wrongly, or read otherwise than the CLI.
 */
export function judgeAws(env: Environment, files: AwsFiles, settings: Settings, sources: Sources): AwsJudgement {
  const { name, isNamed } = profileMeant(env);
  const profile = files.profiles.get(name);
  const keys = judgeKeys(env);
  const region = judgeRegion(profile, settings);
  const endpoints = judgeEndpoints(env, files, profile);
  const switches = judgeSwitches(env, profile);
  const ofProfile = isNamed || (profile !== undefined && !hasOthers(env)) ? judgeProfile(name, files) : [];
  const given = settings.region === undefined ? [] : judgeKnown(settings.region, nameOf(sources.region, 'AWS_REGION'));
  const ofHosts = settings.registries.flatMap((host) =>
    judgeKnown(host.region, nameOf(sources.registries, 'DOCKER_REGISTRY')),
  );
  return {
    failures: [...keys.failures, ...ofProfile, ...region.failures, ...endpoints.failures, ...switches.failures],
    warnings: [
      ...keys.warnings,
      ...given,
      ...ofHosts,
      ...region.warnings,
      ...endpoints.warnings,
      ...judgeUnused(env, profile),
    ],
    corrected: switches.corrected,
    hasRegion: profile?.settings['region'] !== undefined,
  };
}

/** Whether credentials come from somewhere else than a profile that nobody named. */
function hasOthers(env: Environment): boolean {
  const others = ['AWS_ACCESS_KEY_ID', 'AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_CONTAINER_CREDENTIALS_FULL_URI'];
  return [...others, 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'].some((name) => valueOf(env, name) !== undefined);
}

function judgeRegion(profile: Profile | undefined, settings: Settings): { failures: Failure[]; warnings: Warning[] } {
  const text = profile?.settings['region'];
  if (profile === undefined || text === undefined) return { failures: [], warnings: [] };
  const place = placeOf('region', profile);
  const read = regionName()(text, place);
  if (!read.ok) return { failures: read.failures, warnings: [] };
  const isUsed = settings.region === undefined && settings.registries.length === 0;
  return { failures: [], warnings: isUsed ? judgeKnown(text, place) : [] };
}

/** Why no region is known, where there is a profile that could have named one. */
export function regionMissing(env: Environment, files: AwsFiles): Failure {
  const { name } = profileMeant(env);
  const profile = files.profiles.get(name);
  if (profile === undefined) {
    return failure('RegionMissing', {
      where: 'AWS_REGION',
      why: 'neither a region nor a registry is set, and no profile names one',
    });
  }
  const source = files.profiles.get(profile.settings['source_profile'] ?? '')?.settings['region'];
  const elsewhere = source === undefined ? '' : `, and that of its source_profile (${source}) is not inherited`;
  const why = `neither a region nor a registry is set, and the profile has none${elsewhere}`;
  return failure('RegionMissing', { where: placeOf('region', profile), why });
}

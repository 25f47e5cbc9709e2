import { failure, type Failure } from '../core/failures/errors.ts';
import { warning, type Warning } from '../core/failures/warnings.ts';
import { valueOf, type Environment } from './environment.ts';
import type { SettingName } from './options.ts';
import type { Settings } from './settings.ts';

/** Where the value of an option was taken from; `name` is the variable or flag. */
export type Source = { from: 'flag'; name: string } | { from: 'environment'; name: string } | { from: 'default' };

export type Sources = Readonly<Record<SettingName, Source>>;

/** The variable or flag to name in a message about an option; `otherwise` where it was left to its default. */
export function nameOf(source: Source, otherwise: string): string {
  return source.from === 'default' ? otherwise : source.name;
}

/**
 * Judges settings against each other, each of which is right in itself.
 * @param broken options whose text could not be read: nothing more is said of these.
 */
export function judgeTogether(
  settings: Settings,
  sources: Sources,
  broken: ReadonlySet<SettingName>,
  env: Environment,
): { failures: Failure[]; warnings: Warning[] } {
  const failures = [...judgeTimes(settings, sources, broken), ...judgePartitions(settings)];
  return { failures, warnings: judgeRegion(settings, sources, env) };
}

function judgeTimes(settings: Settings, sources: Sources, broken: ReadonlySet<SettingName>): Failure[] {
  if (broken.has('deadlineMs') || broken.has('requestTimeoutMs')) return [];
  if (settings.deadlineMs >= settings.requestTimeoutMs) return [];
  const deadline = nameOf(sources.deadlineMs, '--deadline');
  const request = nameOf(sources.requestTimeoutMs, '--request-timeout');
  const why = 'the whole pass would have less time than one of its requests';
  const hint = `Make ${deadline} longer or ${request} shorter.`;
  return [failure('OptionsContradict', { where: `${deadline}, ${request}`, why, hint })];
}

function judgePartitions({ registries }: Settings): Failure[] {
  const partitions = [...new Set(registries.map(({ partition }) => partition))];
  if (partitions.length < 2) return [];
  const why = `its hosts belong to the AWS partitions ${partitions.join(' and ')}, and credentials are valid in one only`;
  const hint = 'Run it once for each partition, each with its own credentials and ECR_SECRET_NAME.';
  return [failure('OptionsContradict', { where: 'DOCKER_REGISTRY', why, hint })];
}

function judgeRegion({ registries, region }: Settings, sources: Sources, env: Environment): Warning[] {
  if (region === undefined) return [];
  const where = nameOf(sources.region, 'AWS_REGION');
  if (registries.length > 0) {
    if (registries.some((registry) => registry.region === region)) return [];
    const named = [...new Set(registries.map((registry) => registry.region))].join(', ');
    const why = `it is ${region}, and DOCKER_REGISTRY names ${named}, which is used`;
    return [warning('RegionDiffers', { where, why, hint: `Nothing needs to be done, unless ${region} was meant.` })];
  }
  const other = valueOf(env, 'AWS_DEFAULT_REGION');
  if (where !== 'AWS_REGION' || other === undefined || other === region) return [];
  const why = `it is ${region} and wins over AWS_DEFAULT_REGION, which is ${other}`;
  const hint = 'Set DOCKER_REGISTRY, whose host names its region, or make the two the same.';
  return [warning('RegionDiffers', { where, why, hint })];
}

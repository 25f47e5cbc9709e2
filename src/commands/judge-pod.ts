import { awsFiles, profileMeant } from '../config/aws/files.ts';
import { staticKeyIn } from '../config/aws/static-key.ts';
import type { Sources } from '../config/coherence.ts';
import { options } from '../config/options.ts';
import { parseConfiguration } from '../config/parse.ts';
import { secretsIn } from '../config/secrets-in.ts';
import type { Settings } from '../config/settings.ts';
import type { Origin as PodOrigin } from '../core/doctor/pod-template.ts';
import type { Learn } from '../core/text/secrets.ts';
import type { DoctorDeps, PodConfiguration } from '../doctor/deps.ts';
import { setValues, type Origin } from './set-values.ts';

/** Home of the image's user, who has none. */
const homeDirectory = '/nonexistent';

/**
 * Judges the configuration of pods as this program does when it starts in one; what was given to doctor itself as a flag
 * goes before it, since somebody typed it for this one look.
 * @param learn hears of every secret that the pods are given.
 */
export function judgePod(
  pod: PodConfiguration,
  machine: { settings: Settings; sources: Sources },
  learn: Learn,
): ReturnType<DoctorDeps['judge']> {
  const { argv, env, origins, readFile } = pod;
  for (const secret of secretsIn(env, argv)) learn(secret);
  const key = staticKeyIn(env, homeDirectory, readFile);
  for (const secret of [key?.secretAccessKey, key?.sessionToken]) learn(secret);
  const read = parseConfiguration({ argv, env, homeDirectory, readFile, bearsMistakes: true });
  // Nothing is refused where mistakes are borne.
  if (!read.ok) return { settings: machine.settings, set: [], failures: read.failures, warnings: read.warnings };
  const settings: Settings = { ...read.settings };
  for (const { name } of options) {
    if (machine.sources[name].from === 'flag') Object.assign(settings, { [name]: machine.settings[name] });
  }
  const region = profileRegion(env, readFile);
  if (settings.region === undefined && settings.registries.length === 0 && region !== undefined)
    settings.region = region;
  const set = setValues(read.settings, read.sources, env, {
    originOf: (name) => originInWords(origins.get(name)),
    flagsFrom: 'the arguments of the container',
  });
  return {
    settings,
    set,
    failures: read.mistakes ?? [],
    warnings: read.warnings,
    ...(key === undefined ? {} : { key }),
  };
}

/** The SDK would read it by itself, from files that are not on this machine. */
function profileRegion(env: PodConfiguration['env'], readFile: PodConfiguration['readFile']): string | undefined {
  return awsFiles(env, homeDirectory, readFile).profiles.get(profileMeant(env).name)?.settings['region'];
}

function originInWords(origin: PodOrigin | undefined): Origin {
  if (origin === undefined || origin.kind === 'template') return { from: 'the pod template', isSecret: false };
  if (origin.kind === 'ServiceAccount') return { from: 'the annotation of its ServiceAccount', isSecret: false };
  return { from: `${origin.kind.toLowerCase()} ${origin.name}`, isSecret: origin.kind === 'Secret' };
}

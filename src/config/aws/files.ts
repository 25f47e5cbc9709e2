import { valueOf, type Environment } from '../environment.ts';
import { parseIni, type Section } from './ini.ts';

/** The text of a file; undefined where there is none, or none that may be read. */
export type ReadFile = (path: string) => string | undefined;

/** What the AWS configuration files say. */
export type AwsFiles = {
  /** Where they are, for messages. */
  config: string;
  credentials: string;
  /** Of both files, by name. */
  profiles: ReadonlyMap<string, Profile>;
  /** `sso-session`s and `services`, as `sso-session.corp`. */
  sections: ReadonlyMap<string, Section>;
  /** Sections of the configuration file without the word `profile` before their names, which nothing reads. */
  unnamed: ReadonlySet<string>;
};

/** A profile's settings, the ones of the credentials file first where both have one, as the SDK has it for credentials. */
export type Profile = { name: string; settings: Section; fileOf: (setting: string) => string };

/**
 * Reads both files, as the AWS SDK and the AWS CLI do: `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE`, else those in
 * `~/.aws`. One that is not there holds nothing.
 */
export function awsFiles(env: Environment, homeDirectory: string, readFile: ReadFile): AwsFiles {
  const [config, credentials] = [
    ['AWS_CONFIG_FILE', 'config'] as const,
    ['AWS_SHARED_CREDENTIALS_FILE', 'credentials'] as const,
  ].map(([name, file]) => withoutTilde(valueOf(env, name) ?? `${homeDirectory}/.aws/${file}`, homeDirectory));
  const [inConfig, inCredentials] = [
    parseIni(readFile(config ?? '') ?? ''),
    parseIni(readFile(credentials ?? '') ?? ''),
  ];
  const isProfile = (section: string) => section === 'default' || section.startsWith('profile.');
  const named = [...inConfig.keys()].filter(isProfile).map((section) => section.replace(/^profile\./, ''));
  const profiles = new Map<string, Profile>();
  for (const name of new Set([...named, ...inCredentials.keys()])) {
    const own = inConfig.get(`profile.${name}`) ?? (name === 'default' ? inConfig.get(name) : undefined) ?? {};
    const secret = inCredentials.get(name) ?? {};
    const fileOf = (setting: string) => (Object.hasOwn(secret, setting) ? credentials : config) ?? '';
    profiles.set(name, { name, settings: { ...own, ...secret }, fileOf });
  }
  const others = [...inConfig.keys()].filter((section) => !isProfile(section));
  return {
    config: config ?? '',
    credentials: credentials ?? '',
    profiles,
    sections: inConfig,
    unnamed: new Set(others.filter((section) => !/^(?:sso-session|services)\./.test(section))),
  };
}

function withoutTilde(path: string, homeDirectory: string): string {
  return path.startsWith('~/') ? homeDirectory + path.slice(1) : path;
}

/** The profile that is meant, and whether somebody named it. */
export function profileMeant(env: Environment): { name: string; isNamed: boolean } {
  const name = valueOf(env, 'AWS_PROFILE');
  return { name: name ?? 'default', isNamed: name !== undefined };
}

/** `source_profile of the profile dev in /home/me/.aws/config`. */
export function placeOf(setting: string, { name, fileOf }: Profile): string {
  return `${setting} of the profile ${name} in ${fileOf(setting)}`;
}

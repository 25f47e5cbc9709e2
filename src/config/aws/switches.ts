import { failure, type Failure } from '../../core/failures/errors.ts';
import { valueOf, type Environment } from '../environment.ts';
import { quoted } from '../parsers.ts';
import { placeOf, type Profile } from './files.ts';

type Kind = { expected: string; isValid: (text: string) => boolean; isAnyCase?: boolean };

const flag: Kind = { expected: 'true or false', isValid: (text) => /^(?:true|false)$/.test(text), isAnyCase: true };
const attempts: Kind = { expected: 'a whole number from 1', isValid: (text) => /^[1-9]\d{0,3}$/.test(text) };
const mode: Kind = {
  expected: 'standard, adaptive or legacy',
  isValid: (text) => /^(?:standard|adaptive|legacy)$/.test(text),
  isAnyCase: true,
};

/** By variable; `setting` is what it is called in a profile. */
const switches: Readonly<Record<string, Kind & { setting?: string }>> = {
  AWS_USE_FIPS_ENDPOINT: { ...flag, setting: 'use_fips_endpoint' },
  AWS_USE_DUALSTACK_ENDPOINT: { ...flag, setting: 'use_dualstack_endpoint' },
  AWS_EC2_METADATA_DISABLED: flag,
  AWS_EC2_METADATA_V1_DISABLED: { ...flag, setting: 'ec2_metadata_v1_disabled' },
  AWS_MAX_ATTEMPTS: { ...attempts, setting: 'max_attempts' },
  AWS_RETRY_MODE: { ...mode, setting: 'retry_mode' },
};

/**
 * Settings that the AWS CLI takes in any case and the SDK in lower case alone: it passes over `True` as if nothing were set.
 * @returns `corrected`: variables, as the SDK has to find them.
 */
export function judgeSwitches(
  env: Environment,
  profile: Profile | undefined,
): { failures: Failure[]; corrected: Record<string, string> } {
  const failures: Failure[] = [];
  const corrected: Record<string, string> = {};
  for (const [name, { setting, expected, isValid, isAnyCase }] of Object.entries(switches)) {
    const ofFile = setting === undefined ? undefined : profile?.settings[setting];
    const text = valueOf(env, name) ?? ofFile;
    if (text === undefined) continue;
    const place = valueOf(env, name) === undefined && profile !== undefined ? placeOf(setting ?? '', profile) : name;
    const plain = isAnyCase === true ? text.toLowerCase() : text;
    if (isValid(plain)) {
      if (plain !== text) corrected[name] = plain;
      continue;
    }
    failures.push(failure('OptionValueInvalid', { where: place, why: `it is ${quoted(text)}`, name: place, expected }));
  }
  return { failures, corrected };
}

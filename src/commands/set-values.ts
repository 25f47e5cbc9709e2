import type { SettingFact } from '../core/doctor/configuration.ts';
import type { Sources } from '../config/coherence.ts';
import { valueOf, type Environment } from '../config/environment.ts';
import { options, type SettingName } from '../config/options.ts';
import type { Settings } from '../config/settings.ts';
import { outerVariables } from '../config/variables.ts';

/** Where a variable was set, in words; what stands in a Secret is shown to nobody. */
export type Origin = { from: string; isSecret: boolean };

export type Origins = {
  readonly originOf: (variable: string) => Origin;
  /** Where flags were given, in words. */
  flagsFrom: string;
};

const ofThisProcess: Origins = {
  originOf: () => ({ from: 'the environment', isSecret: false }),
  flagsFrom: 'the command line',
};

/**
 * Everything that somebody set, with where: options first, then what other parts read by themselves. Of a credential it
 * says only that it is there.
 * @param origins absent: those of this process.
 */
export function setValues(
  settings: Settings,
  sources: Sources,
  env: Environment,
  { originOf, flagsFrom }: Origins = ofThisProcess,
): SettingFact[] {
  const own = options.flatMap(({ name }) => {
    const source = sources[name];
    if (source.from === 'default') return [];
    const value = inOneLine(shown(name, settings[name]));
    if (source.from === 'flag') {
      return [{ name: `--${source.name.replace(/^-+/, '')}`, from: flagsFrom, value }];
    }
    const { from, isSecret } = originOf(source.name);
    return [{ name: source.name, from, ...(isSecret ? {} : { value }) }];
  });
  const outer = outerVariables.flatMap(({ env: name, isCredential }) => {
    const text = valueOf(env, name);
    if (text === undefined) return [];
    const { from, isSecret } = originOf(name);
    const isShown = isCredential !== true && !isSecret;
    return [{ name, from, ...(isShown ? { value: inOneLine(withoutUserInfo(text)) } : {}) }];
  });
  return [...own, ...outer];
}

/** As an operator would write it. */
function shown(name: SettingName, value: unknown): string {
  if (Array.isArray(value)) return value.map((each: { host?: string }) => each.host ?? '').join(',');
  if (name.endsWith('Ms') && typeof value === 'number') return `${value / 1000}s`;
  return String(value);
}

const mostCharacters = 200;

/** Who pastes a file in place of its path finds nothing of it here. */
function inOneLine(text: string): string {
  if (text.length <= mostCharacters && !/[\r\n]/.test(text)) return text;
  return `${text.length} characters, not shown`;
}

/** The user and password of a proxy. */
function withoutUserInfo(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1…@');
}

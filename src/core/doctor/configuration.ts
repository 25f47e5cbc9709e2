import type { Failure } from '../failures/errors.ts';
import type { Warning, WarningCode } from '../failures/warnings.ts';
import { failed, finding, warned, type Finding } from './finding.ts';

/** One setting that somebody set. */
export type SettingFact = {
  /** As the operator wrote it: a variable or a flag with its dashes. */
  name: string;
  from: 'flag' | 'environment' | 'file';
  /** Absent for a credential: that it is set is all there is to say. */
  value?: string;
};

export type ConfigurationFacts = {
  set: readonly SettingFact[];
  failures: readonly Failure[];
  warnings: readonly Warning[];
};

/** Warnings that mean the program does something else than was meant. */
const misleading: ReadonlySet<WarningCode> = new Set(['VariableUnknown', 'ProfileHidesKeys']);

/** What is set and where it came from, and what in it looks like a mistake. */
export function findConfiguration({ set, failures, warnings }: ConfigurationFacts): Finding[] {
  const check = 'configuration/settings';
  const settings = set.map(({ name, from, value }) =>
    finding('SettingSet', { looked: name, found: `${value ?? 'set, not shown'} (${sourceInWords[from]})` }),
  );
  const nothing = finding('NothingSet', { looked: 'flags and environment', found: 'every setting has its default' });
  return [
    ...(settings.length === 0 ? [nothing] : settings),
    ...failures.map((failure) => failed(check, failure)),
    ...warnings.map((warning) => warned(check, misleading.has(warning.code) ? 'problem' : 'note', warning)),
  ];
}

const sourceInWords = {
  flag: 'from the command line',
  environment: 'from the environment',
  file: 'from the configuration file',
} as const satisfies Record<SettingFact['from'], string>;

import { remedyParts } from '../failures/remedy.ts';
import type { Failure } from '../failures/errors.ts';
import type { Warning, WarningCode } from '../failures/warnings.ts';
import { shellWord } from '../text/shell.ts';
import { failed, finding, warned, type Finding } from './finding.ts';
import { asItself, type Installation } from './installation.ts';
import { workloadName, type Workload } from './workload-facts.ts';

/** One setting that somebody set. */
export type SettingFact = {
  /** As the operator wrote it: a variable or a flag with its dashes. */
  name: string;
  /** In words: `the command line`, `configmap ecr-cred-helper`. */
  from: string;
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

/**
 * What is set and where it came from, and what in it looks like a mistake.
 * @param of whose configuration it is; absent: that of this process.
 */
export function findConfiguration({ set, failures, warnings }: ConfigurationFacts, of?: Installation): Finding[] {
  const check = 'configuration/settings';
  const settings = set.map(({ name, from, value }) =>
    finding('SettingSet', { looked: name, found: `${value ?? 'set, not shown'} (from ${from})` }),
  );
  const nothing = finding('NothingSet', { looked: 'flags and environment', found: 'every setting has its default' });
  return [
    ...(settings.length === 0 ? [nothing] : settings),
    ...failures.map((failure) => standing(failed(check, failure), of)),
    ...warnings.map((warning) =>
      standing(warned(check, misleading.has(warning.code) ? 'problem' : 'note', warning), of),
    ),
  ];
}

/** With the command that opens what the variable stands in, where the remedy has none of its own. */
function standing(found: Finding, of: Installation | undefined): Finding {
  const origin = of?.view.origins.get(found.looked);
  if (of === undefined || origin === undefined || remedyParts(found.fix).command !== undefined) return found;
  const { kind, namespace, name, release } = of.workload;
  if (release !== undefined && origin.kind !== 'ServiceAccount') {
    const values = `helm get values ${shellWord(release.name)} -n ${release.namespace}`;
    return { ...found, fix: `${found.fix} It stands in the values of a release of Helm's: ${values}` };
  }
  const object =
    origin.kind === 'template'
      ? `${kind.toLowerCase()} ${name}`
      : origin.kind === 'ServiceAccount'
        ? `serviceaccount ${of.workload.serviceAccount}`
        : `${origin.kind.toLowerCase()} ${shellWord(origin.name)}`;
  return { ...found, fix: `${found.fix} Where it stands: kubectl -n ${namespace} edit ${object}` };
}

/**
 * Whose settings these are.
 * @param isSeen whether everything in the cluster could be looked at.
 */
export function findSettingsOf(
  workload: Workload | undefined,
  { isPod, isInstallation, isSeen }: { isPod: boolean; isInstallation: boolean; isSeen: boolean },
): Finding {
  const looked = 'whose settings are judged';
  if (isPod) return finding('SettingsOfPod', { looked, found: 'the settings of this pod' });
  if (workload === undefined) {
    return finding('SettingsOfMachine', {
      looked,
      found: `the settings of this machine: ${isSeen ? 'nothing in the cluster runs the program' : 'whether anything in a cluster runs the program could not be seen'}`,
    });
  }
  const name = workloadName(workload);
  if (isInstallation)
    return finding('SettingsOfInstallation', {
      looked,
      found: `the settings that ${name} gives its pods, not those of this machine`,
    });
  return finding('SettingsUnseen', {
    looked,
    found: `the settings of this machine: what ${name} gives its pods could not be read`,
    command: asItself(workload),
  });
}

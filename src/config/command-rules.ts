import { failure, type Failure } from '../core/failures/errors.ts';
import { nameOf, type Sources } from './coherence.ts';
import type { CommandName } from './commands.ts';
import type { Settings } from './settings.ts';

/** Judges settings that are right in themselves against the command that they are for. */
export function judgeCommand(command: CommandName, settings: Settings, sources: Sources): Failure[] {
  const failures: Failure[] = [];
  if (settings.output === 'wide' && command !== 'status') {
    const name = nameOf(sources.output, '--output');
    const why = `"${command}" has no table that could be wide`;
    failures.push(failure('OptionValueInvalid', { where: name, why, name, expected: 'text or json' }));
  }
  if (command === 'prune' && settings.yes && settings.dryRun) {
    const dryRun = nameOf(sources.dryRun, '--dry-run');
    const why = 'one says to remove, the other to remove nothing';
    const hint = `Leave out ${dryRun} or --yes.`;
    failures.push(failure('OptionsContradict', { where: `${dryRun}, --yes`, why, hint }));
  }
  if (settings.asGroups.length > 0 && settings.as === undefined) {
    const why = 'groups alone are nobody';
    failures.push(failure('OptionsContradict', { where: '--as-group', why, hint: 'Add --as, or leave it out.' }));
  }
  return failures;
}

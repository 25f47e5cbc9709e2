import { readArguments } from './arguments.ts';
import { commandNames, commandRow, type CommandName } from './commands.ts';
import { options, switches } from './options.ts';

/** What may stand at a place of a command line, and what it is. */
export type Candidate = { value: string; about: string };

/** What is to be offered: what is known here, or names of things that have to be asked for. */
export type Offer =
  | { kind: 'known'; candidates: readonly Candidate[] }
  | { kind: 'contexts' | 'namespaces' | 'pods' | 'files' };

type Option = (typeof options)[number];

/**
 * What may stand at the end of a command line, and what stands there by now: of `--flag=value` the value.
 * @param words without the program; the last is unfinished, and may be empty.
 */
export function offerFor(words: readonly string[]): { offer: Offer; begun: string } {
  const begun = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const [, flag, value] = /^(--?[\w-]+)=(.*)$/s.exec(begun) ?? [];
  if (flag !== undefined) return { offer: valuesOf(optionOf(flag)), begun: value ?? '' };
  const waiting = optionOf(before.at(-1) ?? '');
  if (waiting?.placeholder !== undefined) return { offer: valuesOf(waiting), begun };
  const { command, isNamed, operand } = readArguments(before);
  if (begun.startsWith('-')) return { offer: known(flagsOf(command)), begun };
  if (!isNamed) return { offer: known(commandNames.map(asCandidate)), begun };
  return { offer: operand === undefined ? operandsOf(command) : known([]), begun };
}

function known(candidates: readonly Candidate[]): Offer {
  return { kind: 'known', candidates };
}

function optionOf(word: string): Option | undefined {
  return options.find(({ flags, short }) => spelled(flags, short).includes(word));
}

function valuesOf(option: Option | undefined): Offer {
  if (option?.completes !== undefined) return { kind: option.completes };
  return known((option?.values ?? []).map((value) => ({ value, about: '' })));
}

function operandsOf(command: CommandName): Offer {
  const { operand } = commandRow(command);
  if (operand?.completes !== undefined) return { kind: operand.completes };
  const isName = (value: string) => commandNames.find((name) => name === value);
  return known(
    (operand?.values ?? []).map((value) => {
      const name = isName(value);
      return name === undefined ? { value, about: '' } : asCandidate(name);
    }),
  );
}

function asCandidate(name: CommandName): Candidate {
  return { value: name, about: commandRow(name).summary };
}

/** Of several spellings the first; the others are there for those who know them. */
function flagsOf(command: CommandName): Candidate[] {
  const own = options.filter(({ commands }) => commands.includes(command));
  const rows = [
    ...own.map(({ flags, short, help }) => ({ words: spelled(flags.slice(0, 1), short), help })),
    ...switches.map(({ flag, short, help }) => ({ words: spelled([flag], short), help })),
  ];
  return rows.flatMap(({ words, help }) => words.map((value) => ({ value, about: help })));
}

function spelled(flags: readonly string[], short?: string): string[] {
  return [...flags.map((flag) => `--${flag}`), ...(short === undefined ? [] : [`-${short}`])];
}

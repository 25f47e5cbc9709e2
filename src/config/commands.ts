type Command = {
  /** One line for `--help` and completion. */
  summary: string;
  /** What may follow the command's name. */
  operand?: { name: string; required: boolean; values?: readonly string[]; completes?: 'pods' };
  /** Whether it works with the settings: then every mistake in them ends it before it starts. */
  configured: boolean;
  /** Mistakes in the settings are what it is there to tell: it starts all the same. */
  bearsMistakes?: boolean;
  /** It has nothing to do with AWS: settings of AWS are not judged. */
  withoutAws?: boolean;
  /** Programs run it, and people are not told of it. */
  isHidden?: boolean;
};

/** The commands, in the order `--help` shows them. The first one runs where none is named. */
export const commandTable = {
  refresh: { summary: 'Put a fresh pull secret into every labelled namespace, then exit', configured: true },
  controller: { summary: 'Stay and keep a valid pull secret in every labelled namespace', configured: true },
  doctor: { summary: 'Look whether it works here, and say what mends it', configured: true, bearsMistakes: true },
  explain: {
    summary: 'Say why a pod waits for its images, and what mends it',
    operand: { name: 'pod', required: true, completes: 'pods' },
    configured: true,
    bearsMistakes: true,
    withoutAws: true,
  },
  status: { summary: 'Show the pull secret of every namespace', configured: true, withoutAws: true },
  prune: {
    summary: 'Remove the pull secrets of namespaces without the label',
    configured: true,
    withoutAws: true,
  },
  completion: {
    summary: 'Print a script that completes this command line in a shell',
    operand: { name: 'shell', required: true, values: ['bash', 'zsh', 'fish'] },
    configured: false,
  },
  help: { summary: 'Explain the program or one of its commands', configured: false },
  complete: { summary: 'Say what may stand at the end of a command line', configured: false, isHidden: true },
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof commandTable;

/** The names of the commands that people use, in the table's order. */
export const commandNames = Object.keys(commandTable)
  .filter(isCommand)
  .filter((name) => !('isHidden' in commandTable[name]));

/** What runs where no command is named. */
export const defaultCommand: CommandName = 'refresh';

export function isCommand(word: string): word is CommandName {
  return Object.hasOwn(commandTable, word);
}

/** The row of a command; `help` takes the name of any. */
export function commandRow(name: CommandName): Command {
  if (name !== 'help') return commandTable[name];
  return { ...commandTable.help, operand: { name: 'command', required: false, values: commandNames } };
}

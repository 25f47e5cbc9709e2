import { commandNames, commandRow, defaultCommand, type CommandName } from './commands.ts';
import { options, switches } from './options.ts';

const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

type Option = (typeof options)[number];

/**
 * The shell that is asked for.
 * @throws for another: the table of commands lets none through.
 */
export function shellOf(operand: string | undefined): Shell {
  const shell = shells.find((known) => known === operand);
  if (shell === undefined) throw new Error(`no completion for ${operand ?? 'no shell'}`);
  return shell;
}

/** A script for the shell that completes commands, flags and values; with its last line break. */
export function completionScript(shell: Shell): string {
  return scripts[shell]();
}

const scripts: Readonly<Record<Shell, () => string>> = { bash, zsh, fish };

/** Written for bash 3.2 too, which macOS has: no `mapfile`, no `compopt`, no library of completions. */
function bash(): string {
  const valued = options.filter(({ placeholder }) => placeholder !== undefined);
  const cases = valued.map((option) => `    ${spelled(option).join('|')}) ${bashValues(option)} ;;`);
  const byCommand = commandNames.map((name) => {
    const words = [...(commandRow(name).operand?.values ?? []), ...flagsOf(name)];
    return `    ${name}) words="${words.join(' ')}" ;;`;
  });
  return `# bash completion for ecr-cred-helper: source <(ecr-cred-helper completion bash)
# shellcheck disable=SC2207 # No word has a space, and bash 3.2 has no mapfile.
_ecr_cred_helper() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="" command="" words="" index
  if [ "$COMP_CWORD" -gt 0 ]; then previous="\${COMP_WORDS[COMP_CWORD - 1]}"; fi
  # bash cuts --flag=value at the "=".
  if [ "$current" = "=" ]; then
    current=""
  elif [ "$previous" = "=" ] && [ "$COMP_CWORD" -gt 1 ]; then
    previous="\${COMP_WORDS[COMP_CWORD - 2]}"
  fi
  COMPREPLY=()
  case "$previous" in
${cases.join('\n')}
  esac
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "\${COMP_WORDS[index]}" in
      ${commandNames.join('|')}) command="\${COMP_WORDS[index]}"; break ;;
    esac
  done
  case "$command" in
${byCommand.join('\n')}
    *) words="${[...commandNames, ...flagsOf(defaultCommand)].join(' ')}" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _ecr_cred_helper ecr-cred-helper
`;
}

function bashValues({ values, isPath }: Option): string {
  if (values !== undefined) {
    return `words="${values.join(' ')}"; COMPREPLY=($(compgen -W "$words" -- "$current")); return 0`;
  }
  if (isPath === true) return `local IFS=$'\\n'; COMPREPLY=($(compgen -f -- "$current")); return 0`;
  return 'return 0';
}

function zsh(): string {
  const commands = commandNames.map((name) => `    ${quote(`${name}:${commandRow(name).summary}`)}`);
  const cases = commandNames.map((name) => {
    const operands = commandRow(name).operand?.values;
    const operand =
      operands === undefined ? [] : [quote(`1:${commandRow(name).operand?.name}:(${operands.join(' ')})`)];
    return `        ${name}) _arguments ${[...zshSpecs(name), ...operand].join(' ')} ;;`;
  });
  return `#compdef ecr-cred-helper
# zsh completion for ecr-cred-helper: source <(ecr-cred-helper completion zsh)
_ecr_cred_helper() {
  local curcontext="$curcontext" state line
  local -a commands
  commands=(
${commands.join('\n')}
  )
  _arguments -C ${zshSpecs(defaultCommand).join(' ')} '1:command:->command' '*::argument:->argument'
  case "$state" in
    command) _describe command commands ;;
    argument)
      case "$line[1]" in
${cases.join('\n')}
      esac
      ;;
  esac
}
if [ "$funcstack[1]" = "_ecr_cred_helper" ]; then
  _ecr_cred_helper "$@"
else
  compdef _ecr_cred_helper ecr-cred-helper
fi
`;
}

function zshSpecs(command: CommandName): string[] {
  const ofOptions = optionsOf(command).flatMap((option) =>
    spelled(option).map((flag) => {
      const form = option.placeholder === undefined ? flag : flag.startsWith('--') ? `${flag}=` : flag;
      const values =
        option.values === undefined ? (option.isPath === true ? '_files' : ' ') : `(${option.values.join(' ')})`;
      const value = option.placeholder === undefined ? '' : `:${option.placeholder}:${values}`;
      return quote(`${form}[${option.help.replaceAll(/[[\]:]/g, String.raw`\$&`)}]${value}`);
    }),
  );
  const own = switches.flatMap((each) =>
    spelled({ ...each, flags: [each.flag] }).map((form) => quote(`${form}[${each.help}]`)),
  );
  return [...ofOptions, ...own];
}

function fish(): string {
  const lines = commandNames.map(
    (name) => `complete -c ecr-cred-helper -n __fish_use_subcommand -a ${name} -d ${quote(commandRow(name).summary)}`,
  );
  const operands = commandNames.flatMap((name) => {
    const values = commandRow(name).operand?.values;
    if (values === undefined) return [];
    return [`complete -c ecr-cred-helper -n ${seen([name])} -a ${quote(values.join(' '))}`];
  });
  const flags = options.flatMap((option) =>
    option.flags.map((flag, index) => {
      const short = option.short === undefined || index > 0 ? '' : ` -s ${option.short}`;
      const values = option.values === undefined ? '' : ` -a ${quote(option.values.join(' '))}`;
      const value = option.placeholder === undefined ? '' : option.isPath === true ? ' -rF' : ` -x${values}`;
      const condition = fishCondition(option.commands);
      return `complete -c ecr-cred-helper -n ${condition} -l ${flag}${short}${value} -d ${quote(option.help)}`;
    }),
  );
  const own = switches.map(
    ({ flag, short, help }) =>
      `complete -c ecr-cred-helper -l ${flag}${short === undefined ? '' : ` -s ${short}`} -d ${quote(help)}`,
  );
  const head = [
    '# fish completion for ecr-cred-helper: ecr-cred-helper completion fish | source',
    'complete -c ecr-cred-helper -f',
  ];
  return `${[...head, ...lines, ...operands, ...flags, ...own].join('\n')}\n`;
}

/** The first command runs where none is named, so its flags are offered there, too. */
function fishCondition(names: readonly CommandName[]): string {
  return names.includes(defaultCommand)
    ? quote(`__fish_use_subcommand; or __fish_seen_subcommand_from ${names.join(' ')}`)
    : seen(names);
}

function seen(names: readonly CommandName[]): string {
  return quote(`__fish_seen_subcommand_from ${names.join(' ')}`);
}

function optionsOf(command: CommandName): Option[] {
  return options.filter((option) => option.commands.includes(command));
}

function flagsOf(command: CommandName): string[] {
  return [
    ...optionsOf(command).flatMap(spelled),
    ...switches.flatMap((each) => spelled({ ...each, flags: [each.flag] })),
  ];
}

function spelled({ flags, short }: { flags: readonly string[]; short?: string }): string[] {
  return [...flags.map((flag) => `--${flag}`), ...(short === undefined ? [] : [`-${short}`])];
}

/** In single quotes, as all three shells read them. */
function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

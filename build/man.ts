import { commandHelp } from '../src/config/command-help.ts';
import { commandNames, commandRow, defaultCommand } from '../src/config/commands.ts';
import { exitCodes } from '../src/config/exit-codes.ts';
import { optionGroups, options, switches } from '../src/config/options.ts';
import { outerVariables } from '../src/config/variables.ts';

/** `ecr-cred-helper.1`, from the tables that `--help` comes from: man(7), for man-db and for mandoc. */
export function manualPage(version: string): string {
  return [
    `.TH ECR\\-CRED\\-HELPER 1 "" "ecr\\-cred\\-helper ${plain(version)}" "User Commands"`,
    section(
      'NAME',
      'ecr\\-cred\\-helper \\- keep a working Amazon ECR pull secret in every labelled Kubernetes namespace',
    ),
    section(
      'SYNOPSIS',
      '.B ecr\\-cred\\-helper',
      `.RI [ command "] [" options ]`,
      '.br',
      '.B kubectl ecr\\-creds',
      `.RI [ command "] [" options ]`,
    ),
    section(
      'DESCRIPTION',
      plain(
        `Where no command is named, ${defaultCommand} runs; as a plugin of kubectl the help of the program is shown.`,
      ),
    ),
    ...commandNames.flatMap(command),
    '.SH OPTIONS',
    'Flags win over variables, variables over defaults.',
    ...optionGroups.flatMap((group) => [
      `.SS ${plain(group)}`,
      ...options.filter((each) => each.group === group).flatMap(option),
    ]),
    '.SS Every command',
    ...switches.flatMap(({ flag, short, help }) => [
      '.TP',
      `.B ${plain([...(short === undefined ? [] : [`-${short}`]), `--${flag}`].join(', '))}`,
      plain(`${help}.`),
    ]),
    '.SH ENVIRONMENT',
    'Beside the variables that are named with the options:',
    ...outerVariables.flatMap(({ env, help }) => ['.TP', `.B ${plain(env)}`, plain(help)]),
    section('EXIT STATUS', plain(`Of ${defaultCommand}; what they mean for each other command stands with it.`)),
    ...exitCodes.flatMap(({ code, meaning }) => ['.TP', `.B ${code}`, plain(meaning)]),
    section('SEE ALSO', '.BR kubectl (1)', '.br', 'https://github.com/ecr\\-cred\\-helper/ecr\\-cred\\-helper'),
    '',
  ].join('\n');
}

function section(title: string, ...lines: readonly string[]): string {
  return [`.SH ${title}`, ...lines].join('\n');
}

function command(name: (typeof commandNames)[number]): string[] {
  const { summary, operand } = commandRow(name);
  const { about, exits, examples } = commandHelp[name];
  return [
    `.SS ${plain([name, ...(operand === undefined ? [] : [operand.required ? `<${operand.name}>` : `[${operand.name}]`])].join(' '))}`,
    plain(`${summary}.`),
    '.PP',
    plain(about),
    ...examples.flatMap(([aim, ...lines]) => [
      '.PP',
      plain(aim),
      '.PP',
      '.nf',
      '.RS 4',
      ...lines.map(plain),
      '.RE',
      '.fi',
    ]),
    '.PP',
    'Exit status:',
    ...exits.flatMap(({ code, meaning }) => ['.TP 8', `.B ${code}`, plain(meaning)]),
  ];
}

function option(row: (typeof options)[number]): string[] {
  const { flags, short, placeholder, env, help, values, fallback, otherwise } = row;
  const names = [...(short === undefined ? [] : [`-${short}`]), ...flags.map((flag) => `--${flag}`)];
  const value = placeholder === undefined ? '' : ` \\fI${plain(placeholder)}\\fR`;
  const standard = placeholder === undefined ? undefined : (otherwise ?? fallback);
  const about = [
    help,
    ...(values === undefined ? [] : [`One of ${values.join(', ')}`]),
    ...(standard === undefined || standard === '' ? [] : [`Default: ${standard}`]),
    ...(env.length === 0 ? [] : [`Variable: ${env.join(', ')}`]),
    `Of ${row.commands.join(', ')}`,
  ];
  return ['.TP', `${names.map((name) => `\\fB${plain(name)}\\fR`).join(', ')}${value}`, plain(`${about.join('. ')}.`)];
}

/** Text as it stands: no word of it is a request, and hyphens can be copied. */
function plain(text: string): string {
  const escaped = text.replaceAll('\\', '\\e').replaceAll('-', '\\-');
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}

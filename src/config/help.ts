import type { HelpDepth } from './arguments.ts';
import { commandHelp, type CommandHelp } from './command-help.ts';
import { commandNames, commandRow, defaultCommand, isCommand, type CommandName } from './commands.ts';
import { optionGroups, options, switches } from './options.ts';
import { retiredVariables } from './variables.ts';

const width = 80;
const program = 'ecr-cred-helper';

type Option = (typeof options)[number];

/** The text of `--help` where no command is named, 80 columns wide, with its last line break. */
export function programHelp(): string {
  const sections = [
    ['Keeps a working Amazon ECR pull secret in every labelled Kubernetes namespace.'],
    ['Usage:', `  ${program} [command] [options]`],
    ['Commands:', ...commandNames.map(commandLine)],
    ['Examples:', ...['refresh', 'doctor', 'status'].flatMap((name) => (isCommand(name) ? firstExample(name) : []))],
    [`Where no command is named, ${defaultCommand} runs. What each does:`, `  ${program} <command> --help`],
  ];
  return inText(sections);
}

/** The text of `--help` for a command, or of `--help-all`, 80 columns wide, with its last line break. */
export function helpText(command: CommandName, depth: HelpDepth): string {
  const { about, exits, examples } = commandHelp[command];
  const sections = [
    [wrap(`${commandRow(command).summary}.`, '')],
    [wrap(about, '')],
    ['Usage:', ...usage(command)],
    ['Examples:', ...examples.flatMap(exampleLines)],
    ...optionSections(command, depth),
    ['Other:', ...switches.map((each) => `  ${switchForm(each).padEnd(15)} ${each.help}`)],
    [
      'Exit codes:',
      ...exits.flatMap(({ code, meaning }) =>
        wrap(meaning, '       ').replace(/^ {7}/, `  ${String(code).padEnd(4)} `),
      ),
    ],
    ...(depth === 'all' && commandRow(command).configured && commandRow(command).withoutAws !== true
      ? [credentials()]
      : []),
  ];
  return inText(sections);
}

function inText(sections: readonly (readonly string[])[]): string {
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function firstExample(command: CommandName): string[] {
  return commandHelp[command].examples.slice(0, 1).flatMap(exampleLines);
}

function exampleLines([aim, ...lines]: CommandHelp['examples'][number]): string[] {
  return [`  ${aim}`, ...lines.map((line) => `    ${line}`)];
}

function switchForm({ flag, short }: (typeof switches)[number]): string {
  return short === undefined ? `--${flag}` : `-${short}, --${flag}`;
}

function usage(command: CommandName): string[] {
  const { operand, configured } = commandRow(command);
  const { name: called = '', values = [] } = operand ?? {};
  // More than a few are a list of their own.
  const choice = values.length === 0 || values.length > 4 ? called : values.join('|');
  const argument = operand === undefined ? '' : operand.required ? ` <${choice}>` : ` [${choice}]`;
  const name = command === defaultCommand ? `[${command}]` : command;
  return [`  ${program} ${name}${argument}${configured ? ' [options]' : ''}`];
}

function commandLine(name: CommandName): string {
  return `  ${name.padEnd(12)} ${commandRow(name).summary}`;
}

function optionSections(command: CommandName, depth: HelpDepth): string[][] {
  const own = options.filter(({ commands }) => commands.includes(command));
  if (own.length === 0) return [];
  if (depth === 'short') {
    const everyday = own.filter(({ isEveryday }) => isEveryday === true);
    const more = wrap(`Every option, with its variable: ${program} ${command} --help-all`, '  ');
    return [['Options:', ...everyday.flatMap((option) => optionLines(option, depth)), more]];
  }
  return optionGroups.flatMap((group) => {
    const rows = own.filter((option) => option.group === group);
    return rows.length === 0
      ? []
      : [[`${group} (flag, variable):`, ...rows.flatMap((option) => optionLines(option, depth))]];
  });
}

function optionLines(option: Option, depth: HelpDepth): string[] {
  const others = option.flags.slice(1).map((flag) => `--${flag}`);
  const also = others.length === 0 || depth === 'short' ? [] : [`Also ${others.join(', ')}`];
  const about = [option.help, ...aboutValues(option), ...aboutDefault(option), ...also].join('. ');
  return [spelling(option), wrap(`${about}.`, '        ')];
}

/** The flag, and the variables beside it. */
function spelling({ flags: [flag = ''], env, short, placeholder }: Option): string {
  const shortFlag = short === undefined ? '' : `-${short}, `;
  const written = `  ${shortFlag}--${flag}${placeholder === undefined ? '' : ` ${placeholder}`}`;
  return env.length === 0 ? written : `${written.padEnd(30)} ${env.join(', ')}`;
}

function aboutValues({ values }: Option): string[] {
  return values === undefined ? [] : [`One of ${values.join(', ')}`];
}

function aboutDefault({ fallback, otherwise, placeholder }: Option): string[] {
  if (placeholder === undefined) return [];
  const value = otherwise ?? fallback;
  return value === undefined ? [] : [`Default: ${value}`];
}

function credentials(): string[] {
  const retired = Object.keys(retiredVariables).join(', ');
  return [
    'Credentials come from the environment and the AWS SDK, never from arguments:',
    wrap(
      'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or web identity, Pod Identity, a profile (AWS_PROFILE) or the instance. ' +
        'HTTPS_PROXY, NO_PROXY, AWS_CA_BUNDLE, NO_COLOR and FORCE_COLOR are honoured; ' +
        `${retired} has no effect any more. docs/options.md lists every variable.`,
      '  ',
    ),
  ];
}

/** The text in lines of at most 80 columns, each after the margin. */
function wrap(text: string, margin: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && margin.length + line.length + 1 + word.length > width) {
      lines.push(margin + line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, margin + line].join('\n');
}

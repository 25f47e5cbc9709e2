import { commandNames, commandRow, defaultCommand, type CommandName } from './commands.ts';
import { exitCodes } from './exit-codes.ts';
import { optionGroups, options, switches } from './options.ts';
import { retiredVariables } from './variables.ts';

const width = 80;
const program = 'ecr-cred-helper';

type Option = (typeof options)[number];

/** The text of `--version`, with its line break. */
export function versionText(version: string): string {
  return `${program} ${version}\n`;
}

/** The text of `--help` for a command, 80 columns wide, with its last line break. */
export function helpText(command: CommandName): string {
  const sections = [
    [wrap(`${commandRow(command).summary}.`, '')],
    ['Usage:', ...usage(command)],
    ...(command === defaultCommand ? [['Commands:', ...commandNames.map(commandLine)]] : []),
    ...optionSections(command),
    ['Other:', ...switches.map(({ flag, short, help }) => `  ${`-${short}, --${flag}`.padEnd(17)} ${help}`)],
    ...(commandRow(command).configured ? closing(command) : []),
  ];
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function usage(command: CommandName): string[] {
  const { operand, configured } = commandRow(command);
  const choice = operand?.values.join('|') ?? '';
  const argument = operand === undefined ? '' : operand.required ? ` <${choice}>` : ` [${choice}]`;
  const name = command === defaultCommand ? `[${command}]` : command;
  return [`  ${program} ${name}${argument}${configured ? ' [options]' : ''}`];
}

function commandLine(name: CommandName): string {
  return `  ${name.padEnd(12)} ${commandRow(name).summary}`;
}

function optionSections(command: CommandName): string[][] {
  return optionGroups.flatMap((group) => {
    const rows = options.filter((option) => option.group === group && option.commands.includes(command));
    return rows.length === 0 ? [] : [[`${group} (flag, variable):`, ...rows.flatMap(optionLines)]];
  });
}

function optionLines(option: Option): string[] {
  const about = [option.help, ...aboutValues(option), ...aboutDefault(option)].join('. ');
  return [...spellings(option), wrap(`${about}.`, '        ')];
}

/** A line for each flag with the variable of the same rank beside it. */
function spellings({ flags, env, short, placeholder }: Option): string[] {
  return flags.map((flag, index) => {
    const shortFlag = short === undefined || index > 0 ? '' : `-${short}, `;
    const written = `  ${shortFlag}--${flag}${placeholder === undefined ? '' : ` ${placeholder}`}`;
    const variable = env[index];
    return variable === undefined ? written : `${written.padEnd(36)} ${variable}`;
  });
}

function aboutValues({ values }: Option): string[] {
  return values === undefined ? [] : [`One of ${values.join(', ')}`];
}

function aboutDefault({ fallback, otherwise, placeholder }: Option): string[] {
  if (placeholder === undefined) return [];
  const value = otherwise ?? fallback;
  return value === undefined ? [] : [`Default: ${value}`];
}

function closing(command: CommandName): string[][] {
  const retired = Object.keys(retiredVariables).join(', ');
  const ending = [
    ['Exit codes:', ...exitCodes.map(({ code, meaning }) => `  ${code}  ${meaning}`)],
    ['Examples:', ...(examples[command] ?? [])],
  ];
  if (commandRow(command).withoutAws === true) return ending;
  return [
    [
      'Credentials come from the environment and the AWS SDK, never from arguments:',
      wrap(
        'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or web identity, Pod Identity, a profile (AWS_PROFILE) or the instance. ' +
          'HTTPS_PROXY, NO_PROXY, AWS_CA_BUNDLE, NO_COLOR and FORCE_COLOR are honoured; ' +
          `${retired} has no effect any more. docs/options.md lists every variable.`,
        '  ',
      ),
    ],
    ...ending,
  ];
}

const examples: Partial<Record<CommandName, readonly string[]>> = {
  refresh: [
    '  See what a pass would change:',
    `    ${program} --dry-run`,
    '  Serve one registry, with a kubeconfig, and read the summary by machine:',
    `    DOCKER_REGISTRY=123456789012.dkr.ecr.eu-west-1.amazonaws.com \\`,
    `      ${program} --context staging --output json`,
  ],
  status: [
    '  Keep an eye on every namespace:',
    `    ${program} status --watch`,
    '  Name the namespaces that need somebody:',
    `    ${program} status -o json |`,
    `      jq -r '.namespaces[] | select(.problem).namespace'`,
  ],
  prune: [
    '  See what namespaces without the label still have:',
    `    ${program} prune`,
    '  Remove every trace, once nothing runs that would put it back:',
    `    ${program} prune --all --yes`,
  ],
};

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

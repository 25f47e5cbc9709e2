import { parseArgs } from 'node:util';
import { failure, type Failure } from '../core/failures/errors.ts';
import { nearest } from '../core/failures/suggest.ts';
import { commandNames, commandRow, defaultCommand, isCommand, type CommandName } from './commands.ts';
import { options, switches, type SettingName } from './options.ts';
import { alternatives, quoted } from './parsers.ts';
import { outerVariables } from './variables.ts';

/** What is shown of a command: what people need every day, or all there is. */
export type HelpDepth = 'short' | 'all';

/** What the command line says, before any value is read. */
export type CommandLine = {
  command: CommandName;
  /** What follows the command's name: a shell, a command to explain. */
  operand?: string;
  /** How deep the explanation goes that is asked for. */
  help: HelpDepth | undefined;
  version: boolean;
  /** Whether the command was named. */
  isNamed: boolean;
  /** The text and the flag of each option that was given. */
  given: Map<SettingName, { text: string; flag: string }>;
  failures: Failure[];
};

/** Cuts the arguments (without the program) into command and options, and collects every mistake in them. */
export function readArguments(argv: readonly string[]): CommandLine {
  const { tokens, single } = tokensOf(argv);
  const line: CommandLine = {
    command: defaultCommand,
    help: undefined,
    version: false,
    isNamed: false,
    given: new Map(),
    failures: single.map((argument) => unknownOption(argument.split('=', 1)[0] ?? argument)),
  };
  readWords(readTokens(tokens, argv, line), line);
  if (line.help === undefined) refuseForeignOptions(line);
  return line;
}

/** Reads the options, and returns the words among them. */
function readTokens(tokens: readonly Token[], argv: readonly string[], line: CommandLine): string[] {
  const words: string[] = [];
  // What follows a flag that does not exist is most likely its value, not a command, and may be a secret.
  let valueOfUnknownAt = -1;
  for (const token of tokens) {
    if (token.kind === 'positional' && token.value === takenOut) {
      if (argv[token.index]?.includes('=') === false) valueOfUnknownAt = token.index + 1;
    } else if (token.kind === 'positional') {
      if (token.index !== valueOfUnknownAt) words.push(token.value);
    } else if (token.kind === 'option') {
      const isKnown = readOption(token, line);
      if (!isKnown && token.value === undefined) valueOfUnknownAt = token.index + 1;
    }
  }
  return words;
}

function refuseForeignOptions({ command, given, failures }: CommandLine): void {
  for (const [name, { flag }] of given) {
    if (options.some((option) => option.name === name && option.commands.includes(command))) continue;
    const hint = `Leave it out, or see ecr-cred-helper ${command} --help.`;
    failures.push(failure('OptionUnknown', { where: flag, why: `"${command}" has no such option`, hint }));
  }
}

type Token = ReturnType<typeof tokensOf>['tokens'][number];

const takenOut = '\0';

function tokensOf(argv: readonly string[]) {
  const end = argv.indexOf('--') === -1 ? argv.length : argv.indexOf('--');
  const single = argv.filter((argument, index) => index < end && isSingleDashed(argument));
  const { tokens } = parseArgs({
    // Something keeps the place of what was taken out, so that the flag before it takes no other word for its value.
    args: argv.map((argument) => (single.includes(argument) ? takenOut : argument)),
    options: parseArgsOptions(),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return { tokens, single };
}

/** `-dry-run`, which would be read as `-d -r -y …`. */
function isSingleDashed(argument: string): boolean {
  const name = /^-([a-zA-Z][\w-]+)/.exec(argument)?.[1];
  if (name === undefined) return false;
  const takesValue = options.some(({ short, placeholder }) => short === name[0] && placeholder !== undefined);
  return !takesValue || longFlags.includes(name);
}

type OptionToken = Extract<Token, { kind: 'option' }>;
type Option = (typeof options)[number];

/** Whether there is such an option. */
function readOption(token: OptionToken, line: CommandLine): boolean {
  if (token.name === 'version') line.version = true;
  if (token.name === 'help') line.help ??= 'short';
  if (token.name === 'help-all') line.help = 'all';
  if (switches.some(({ flag }) => flag === token.name)) return true;
  const option = options.find(({ flags }) => flags.includes(token.name));
  if (option === undefined) {
    line.failures.push(unknownOption(token.rawName));
    return false;
  }
  const text = valueIn(token, option);
  if (text === undefined) line.failures.push(...withoutValue(option, `--${token.name}`));
  else if (text.trim() !== '') give(option, token.name, text, line);
  return true;
}

/** Undefined where the next flag stands in its place. */
function valueIn(token: OptionToken, option: Option): string | undefined {
  const text = token.value ?? (option.placeholder === undefined ? 'true' : undefined);
  const isFlag = token.inlineValue === false && text !== undefined && (/^-./.test(text) || text === takenOut);
  return isFlag ? undefined : text;
}

/** Of two spellings of one option the first wins, as of two variables; of one spelling the last, as everywhere. */
function give(option: Option, name: string, text: string, { given }: CommandLine): void {
  const before = given.get(option.name);
  const rank = (flag: string) => option.flags.indexOf(flag);
  if (before !== undefined && rank(name) > rank(before.flag.slice(2))) return;
  const added = before !== undefined && option.repeats === true ? `${before.text},${text}` : text;
  given.set(option.name, { text: added, flag: `--${name}` });
}

function withoutValue(option: Option, flag: string): Failure[] {
  const why = 'it has no value';
  const reading = option.parse('', flag);
  if (!reading.ok) return reading.failures.map((failure) => ({ ...failure, why }));
  return [failure('OptionValueInvalid', { where: flag, why, name: flag, expected: 'a value' })];
}

function readWords([command, ...words]: readonly string[], line: CommandLine): void {
  if (command === undefined) return;
  if (!isCommand(command)) {
    line.failures.push(unknownCommand(command, line));
    return;
  }
  line.command = command;
  line.isNamed = true;
  const expected = commandRow(command).operand;
  const [operand, ...rest] = expected?.completes === 'pods' ? withPod(words) : words;
  if (operand !== undefined) line.operand = operand;
  if (line.help !== undefined) return;
  const surplus = expected === undefined ? operand : rest[0];
  if (surplus !== undefined) line.failures.push(surplusWord(command, surplus, expected === undefined));
  const isFitting = operand === undefined ? expected?.required !== true : isOperand(operand, expected);
  if (expected === undefined || isFitting) return;
  if (command === 'help') {
    line.failures.push(unknownCommand(operand ?? ''));
    return;
  }
  const wrong = expected.values === undefined ? `no name of a ${expected.name}` : 'none of the values it can have';
  const why = operand === undefined ? 'it is missing' : `${quoted(operand)} is ${wrong}`;
  const name = `the ${expected.name} after "${command}"`;
  const facts = { where: command, why, name, expected: alternatives(expected.values ?? ['a name']) };
  line.failures.push(failure('OptionValueInvalid', facts));
}

/** A pod as kubectl takes it: `web-0`, `pod/web-0` and `pod web-0`. */
function withPod([first = '', ...rest]: readonly string[]): (string | undefined)[] {
  const [second, ...more] = rest;
  if (/^(?:po|pods?)$/.test(first) && second !== undefined) return [second, ...more];
  return [first === '' ? undefined : first.replace(/^(?:po|pods?)\//, ''), ...rest];
}

function isOperand(operand: string, expected: Operand | undefined): boolean {
  if (expected?.completes === 'pods') return !operand.includes('/');
  return expected?.values?.includes(operand) ?? true;
}

type Operand = ReturnType<typeof commandRow>['operand'];

function surplusWord(command: CommandName, word: string, isFirst: boolean): Failure {
  const hasNamespace = options.some(({ name, commands }) => name === 'namespace' && commands.includes(command));
  const hint =
    isFirst && hasNamespace && /^[a-z0-9][a-z0-9-]*$/.test(word)
      ? `Did you mean --namespace ${word}?`
      : `Leave it out, or see ecr-cred-helper ${command} --help.`;
  return failure('CommandUnknown', { where: 'arguments', why: `"${command}" does not take ${quoted(word)}`, hint });
}

/** What is no command may have been meant as the value of a switch, which takes none. */
function unknownCommand(word: string, { given }: Pick<CommandLine, 'given'> = { given: new Map() }): Failure {
  const meant = nearest(word, commandNames);
  const isSwitch = (name: SettingName) => options.some((each) => each.name === name && each.placeholder === undefined);
  const flag = [...given].find(([name]) => isSwitch(name))?.[1].flag;
  const named = meant === undefined ? `The commands are ${alternatives(commandNames)}.` : `Did you mean "${meant}"?`;
  const hint = flag === undefined ? named : `${named} ${flag} takes no value; ${flag}=false switches it off.`;
  return failure('CommandUnknown', { where: 'arguments', why: `${quoted(word)} is none`, hint });
}

const longFlags = [...options.flatMap(({ flags }) => flags), ...switches.map(({ flag }) => flag)];
const credentialFlags = new Map(
  outerVariables.filter(({ isCredential }) => isCredential).map(({ env }) => [flagOf(env), env]),
);

function flagOf(variable: string): string {
  return variable.toLowerCase().replaceAll('_', '-');
}

function unknownOption(written: string): Failure {
  const name = written.replace(/^-+/, '');
  const meant = nearest(name, [...longFlags, ...credentialFlags.keys()]) ?? credentialWithin(name);
  const variable = meant === undefined ? undefined : credentialFlags.get(meant);
  if (variable !== undefined) {
    const why = 'arguments are visible to every user of the machine and stay in the history of the shell';
    return failure('CredentialInArguments', { where: `--${meant}`, why, name: variable });
  }
  const known = meant === undefined ? 'See ecr-cred-helper --help.' : `Did you mean --${meant}?`;
  const hint = allNamespaces.has(name) ? 'Leave it out: where no namespace is named, all are meant.' : known;
  return failure('OptionUnknown', { where: shownFlag(written), why: 'nothing is called that', hint });
}

/** kubectl's. */
const allNamespaces: ReadonlySet<string> = new Set(['A', 'all-namespaces']);

/** `--secret-access-key` and `--access-key` mean one of ours, too. */
function credentialWithin(name: string): string | undefined {
  if (!/secret-?(?:access-?)?key|access-?key|session-?token/i.test(name.replaceAll('_', '-'))) return undefined;
  return [...credentialFlags.keys()].find((flag) =>
    /secret/i.test(name) ? flag.includes('secret') : flag.includes(/token/i.test(name) ? 'session' : 'access-key-id'),
  );
}

function shownFlag(written: string): string {
  return JSON.stringify(written.length > 200 ? `(${written.length} characters)` : written).slice(1, -1);
}

function parseArgsOptions(): Record<string, { type: 'string' | 'boolean'; short?: string }> {
  const rows = options.flatMap(({ flags, placeholder, short }) =>
    flags.map((flag, index) => {
      const type: 'string' | 'boolean' = placeholder === undefined ? 'boolean' : 'string';
      return [flag, { type, ...(short === undefined || index > 0 ? {} : { short }) }] as const;
    }),
  );
  const own = switches.map(
    ({ flag, short }) => [flag, { type: 'boolean' as const, ...(short === undefined ? {} : { short }) }] as const,
  );
  return Object.fromEntries([...rows, ...own]);
}

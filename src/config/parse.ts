import type { Failure } from '../core/failures/errors.ts';
import type { Warning } from '../core/failures/warnings.ts';
import { readArguments, type CommandLine, type HelpDepth } from './arguments.ts';
import { judgeTogether, type Source, type Sources } from './coherence.ts';
import { judgeCommand } from './command-rules.ts';
import { commandRow, type CommandName } from './commands.ts';
import { awsFiles, type ReadFile } from './aws/files.ts';
import { judgeAws, regionMissing } from './aws/judge.ts';
import { reviewEnvironment, valueOf, type Environment } from './environment.ts';
import { options, type SettingName } from './options.ts';
import type { Settings } from './settings.ts';

export type ConfigurationInput = {
  /** Without the program itself. */
  argv: readonly string[];
  env: Environment;
  /** Where the AWS configuration files are looked for. */
  homeDirectory: string;
  readFile: ReadFile;
  /** Whatever is wrong is to be told, not refused: somebody else's configuration is judged. */
  bearsMistakes?: boolean;
};

export type Configuration =
  | {
      ok: true;
      command: CommandName;
      /** What follows the command: the shell of `completion`, the command that `help` explains. */
      operand?: string;
      settings: Settings;
      sources: Sources;
      warnings: Warning[];
      /**
       * Variables with space around their values. The AWS SDK reads some by itself, so the caller must trim these in the
       * environment of the process.
       */
      trimmed: string[];
      /** Values for variables of the SDK, for which the same holds: true and false in lower case. */
      corrected: Readonly<Record<string, string>>;
      /** For a command that bears them; what could not be read has its default. */
      mistakes?: Failure[];
      help?: HelpDepth;
      version?: boolean;
      /** Whether the command was named, not taken as the default. */
      isNamed: boolean;
      /** What stands on the line that `complete` is asked about; the last of them is unfinished. */
      words?: readonly string[];
    }
  | {
      ok: false;
      /** Every mistake there is, not the first alone. */
      failures: Failure[];
      warnings: Warning[];
      /** How to report these: as it was set, where that could be read. */
      output: Pick<Settings, 'logLevel' | 'logFormat' | 'output'>;
    };

/**
 * Reads and judges the whole configuration. Flags win over the environment, the environment over defaults; a value that
 * is empty counts as absent. Nothing is judged for commands that need no settings, nor for `--help` and `--version`.
 */
export function parseConfiguration(input: ConfigurationInput): Configuration {
  const [first, dashes, ...words] = input.argv;
  if (first === 'complete' && dashes === '--') return aboutLine(words, input.env);
  const line = readArguments(input.argv);
  const isQuestion = line.help !== undefined || line.version;
  if (!isQuestion && commandRow(line.command).configured) return judged(line, input);
  const { settings, sources } = readOptions(line, {});
  if (line.failures.length > 0 && !isQuestion) return refused(line.failures, [], settings);
  return { ok: true, ...asked(line), settings, sources, warnings: [], trimmed: [], corrected: {} };
}

/** Of a line that is unfinished nothing is a mistake; what it says of the cluster holds for what is offered. */
function aboutLine(words: readonly string[], env: Environment): Configuration {
  const { settings, sources } = readOptions(readArguments(words.slice(0, -1)), env);
  const nothingAmiss = { warnings: [], trimmed: [], corrected: {} };
  return { ok: true, command: 'complete', isNamed: true, words, settings, sources, ...nothingAmiss };
}

function judged(line: CommandLine, input: ConfigurationInput): Configuration {
  const { env } = input;
  const read = readOptions(line, env);
  const { settings, sources } = read;
  const { withoutAws, bearsMistakes } = commandRow(line.command);
  const environment = reviewEnvironment(env);
  const together = withoutAws === true ? nothing : judgeTogether(settings, sources, read.broken, env);
  const aws = withoutAws === true ? nothing : judgedAws(read, input);
  const own = judgeCommand(line.command, settings, sources);
  const mistakes = [...read.failures, ...aws.failures, ...together.failures, ...own];
  const failures = [...line.failures, ...mistakes];
  const warnings = [...environment.warnings, ...read.warnings, ...together.warnings, ...aws.warnings];
  const isTheirs = bearsMistakes === true && line.failures.length === 0 && !isAskedWrongly(read);
  const bears = input.bearsMistakes === true || isTheirs;
  if (failures.length > 0 && !bears) return refused(failures, warnings, settings);
  const borne = failures.length === 0 ? {} : { mistakes: failures };
  const { trimmed } = environment;
  return { ok: true, ...asked(line), settings, sources, warnings, trimmed, corrected: aws.corrected, ...borne };
}

/** Flags that no pass has, and the form of the answer, say what is asked: without them it would be another question. */
function isAskedWrongly({ sources, broken }: OptionsRead): boolean {
  return options.some(
    ({ name, env }) => broken.has(name) && sources[name].from === 'flag' && (env.length === 0 || name === 'output'),
  );
}

function judgedAws({ settings, sources, broken }: OptionsRead, { env, homeDirectory, readFile }: ConfigurationInput) {
  const files = awsFiles(env, homeDirectory, readFile);
  const { failures, warnings, corrected, hasRegion } = judgeAws(env, files, settings, sources);
  const isKnown = settings.registries.length > 0 || settings.region !== undefined || hasRegion;
  const isAmiss = !isKnown && !broken.has('registries') && !broken.has('region');
  // Of a profile that is not there nothing is missing but itself.
  const isSaid = failures.some(({ code }) => code === 'AwsProfileInvalid');
  return { failures: [...failures, ...(isAmiss && !isSaid ? [regionMissing(env, files)] : [])], warnings, corrected };
}

const nothing = { failures: [], warnings: [], corrected: {} };

function refused(failures: Failure[], warnings: Warning[], settings: Settings): Configuration {
  const { logLevel, logFormat, output } = settings;
  return { ok: false, failures, warnings, output: { logLevel, logFormat, output } };
}

function asked({ command, operand, help, version, isNamed }: CommandLine) {
  return {
    command,
    isNamed,
    ...(operand === undefined ? {} : { operand }),
    ...(help === undefined ? {} : { help }),
    ...(version ? { version } : {}),
  };
}

type OptionsRead = {
  settings: Settings;
  sources: Sources;
  /** Options whose text could not be read; these have their fallback. */
  broken: Set<SettingName>;
  failures: Failure[];
  warnings: Warning[];
};

function readOptions(line: CommandLine, env: Environment): OptionsRead {
  const values: Partial<Record<SettingName, unknown>> = {};
  const sources: Partial<Record<SettingName, Source>> = {};
  const broken = new Set<SettingName>();
  const failures: Failure[] = [];
  const warnings: Warning[] = [];
  for (const option of options) {
    const found = textOf(option, line, env);
    const reading = found === undefined ? undefined : option.parse(found.text, found.source.name);
    sources[option.name] = found?.source ?? { from: 'default' };
    if (reading?.ok === true) {
      values[option.name] = reading.value;
      warnings.push(...(reading.warnings ?? []));
      continue;
    }
    if (reading !== undefined) {
      broken.add(option.name);
      failures.push(...reading.failures);
    }
    const fallback = option.fallback === undefined ? undefined : option.parse(option.fallback, option.name);
    if (fallback?.ok === true) values[option.name] = fallback.value;
  }
  // The option table has a row for each key, whose parser yields what the key holds; the compiler checks it there.
  const settings = values as Settings;
  // A pass that was given less time than a request has by default bounds its requests, too.
  if (sources.requestTimeoutMs?.from === 'default') {
    settings.requestTimeoutMs = Math.min(settings.requestTimeoutMs, settings.deadlineMs);
  }
  // Doctor has a meaning of its own for it, and logs nothing.
  if (settings.verbose && line.command !== 'doctor' && sources.logLevel?.from === 'default')
    settings.logLevel = 'debug';
  // Every option has got its source above.
  return { settings, sources: sources as Sources, broken, failures, warnings };
}

function textOf(
  option: (typeof options)[number],
  { given }: CommandLine,
  env: Environment,
): { text: string; source: Exclude<Source, { from: 'default' }> } | undefined {
  const flag = given.get(option.name);
  if (flag !== undefined) return { text: flag.text.trim(), source: { from: 'flag', name: flag.flag } };
  for (const name of option.env) {
    const text = valueOf(env, name);
    if (text !== undefined) return { text, source: { from: 'environment', name } };
  }
  return undefined;
}

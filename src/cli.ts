import { isCommand, type CommandName } from './config/commands.ts';
import type { Configuration } from './config/parse.ts';
import type { Settings } from './config/settings.ts';
import type { ExitCode, Result } from './core/failures/errors.ts';
import type { SafeText, Sink } from './core/text/sink.ts';
import type { PruneDeps } from './commands/prune.ts';
import type { StatusDeps } from './commands/status.ts';
import type { DoctorCommandDeps } from './commands/doctor.ts';
import type { CompleteDeps } from './commands/complete.ts';
import type { ControllerCommandDeps } from './commands/controller.ts';
import type { ExplainCommandDeps } from './commands/explain.ts';
import { refresh, type RefreshDeps } from './commands/refresh.ts';
import type { Log } from './ports.ts';

type Opened<Deps> = Promise<Result<Deps & { close(): void }>>;

/** What a run has: what is said to whom, and the adapters of each command, of which nothing is loaded before. */
export type Runtime = {
  version: string;
  log: Log;
  sink: Sink;
  /** Writes to standard output; resolves when there is room for more. */
  readonly write: (text: SafeText) => Promise<void>;
  stop: AbortSignal;
  openRefresh(settings: Settings): Opened<RefreshDeps>;
  openController(settings: Settings): Opened<ControllerCommandDeps>;
  openDoctor(settings: Settings): Opened<DoctorCommandDeps>;
  openExplain(settings: Settings): Opened<ExplainCommandDeps>;
  openInventory(settings: Settings): Opened<StatusDeps & PruneDeps>;
  openComplete(settings: Settings): Opened<CompleteDeps>;
};

/**
 * Runs the command that the configuration names.
 * @returns the exit code.
 */
export async function run(configuration: Configuration, runtime: Runtime): Promise<number> {
  // Doctor's findings hold the warnings.
  const isTold = configuration.ok && ['doctor', 'explain'].includes(configuration.command);
  const logged = isTold ? [] : configuration.warnings;
  for (const warning of logged) runtime.log('warn', warning.what, { warning });
  if (!configuration.ok) {
    for (const failure of configuration.failures) runtime.log('error', failure.what, { failure });
    return 2;
  }
  const { command, operand, version, help, isNamed } = configuration;
  if (version === true) return printed(`ecr-cred-helper ${runtime.version}\n`, runtime);
  // What explains is loaded by who asks for it: a pass starts in less.
  if (help !== undefined || command === 'help') {
    const { helpText, programHelp } = await import('./config/help.ts');
    const explained = help === undefined ? operand : isNamed ? command : undefined;
    return printed(
      explained !== undefined && isCommand(explained) ? helpText(explained, help ?? 'short') : programHelp(),
      runtime,
    );
  }
  if (command === 'completion') {
    const { completionScript, shellOf } = await import('./config/completion.ts');
    return printed(completionScript(shellOf(operand)), runtime);
  }
  return commands[command](configuration, runtime);
}

type Configured = Extract<Configuration, { ok: true }>;
type Command = (configuration: Configured, runtime: Runtime) => Promise<number>;

/** Each opens what it needs while its code is loaded; refresh, which a CronJob runs, is loaded with this file. */
const commands: Readonly<Record<Exclude<CommandName, 'help' | 'completion'>, Command>> = {
  refresh: ({ settings }, runtime) =>
    opened(runtime.openRefresh(settings), runtime, (deps) => refresh(settings, deps, runtime.stop)),
  controller: ({ settings }, runtime) => {
    const loaded = import('./commands/controller.ts');
    const command = async (deps: ControllerCommandDeps) => (await loaded).runController(settings, deps, runtime.stop);
    return opened(runtime.openController(settings), runtime, command);
  },
  doctor: (configuration, runtime) => {
    const loaded = import('./commands/doctor.ts');
    const command = async (deps: DoctorCommandDeps) => (await loaded).doctor(configuration, deps, runtime.stop);
    return opened(runtime.openDoctor(configuration.settings), runtime, command);
  },
  explain: (configuration, runtime) => {
    const loaded = import('./commands/explain.ts');
    const command = async (deps: ExplainCommandDeps) => (await loaded).runExplain(configuration, deps, runtime.stop);
    return opened(runtime.openExplain(configuration.settings), runtime, command);
  },
  status: ({ settings }, runtime) => {
    const loaded = import('./commands/status.ts');
    const command = async (deps: StatusDeps) => (await loaded).status(settings, deps, runtime.stop);
    return opened(runtime.openInventory(settings), runtime, command);
  },
  prune: ({ settings }, runtime) => {
    const loaded = import('./commands/prune.ts');
    const command = async (deps: PruneDeps) => (await loaded).prune(settings, deps, runtime.stop);
    return opened(runtime.openInventory(settings), runtime, command);
  },
  complete: ({ settings, words = [] }, runtime) => {
    const loaded = import('./commands/complete.ts');
    const command = async (deps: CompleteDeps) => (await loaded).complete(words, deps);
    return opened(runtime.openComplete(settings), runtime, command);
  },
};

/** Runs a command with what was opened for it, and closes that. What could not be opened is a mistake of configuration. */
async function opened<Deps>(
  opening: Opened<Deps>,
  { log }: Runtime,
  command: (deps: Deps) => Promise<number>,
): Promise<number> {
  const deps = await opening;
  if (!deps.ok) {
    log('error', deps.failure.what, { failure: deps.failure });
    return 2;
  }
  try {
    return await command(deps.value);
  } finally {
    deps.value.close();
  }
}

async function printed(text: string, { sink, write }: Runtime): Promise<ExitCode> {
  await write(sink.lines(text.replace(/\n$/, '').split('\n'), false));
  return 0;
}

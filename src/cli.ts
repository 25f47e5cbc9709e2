import { commandNames, commandRow, isCommand, type CommandName } from './config/commands.ts';
import { completionScript, shells } from './config/completion.ts';
import { helpText, versionText } from './config/help.ts';
import type { Configuration } from './config/parse.ts';
import type { Settings } from './config/settings.ts';
import type { ExitCode } from './core/failures/errors.ts';
import type { Result } from './core/failures/errors.ts';
import type { SafeText, Sink } from './core/text/sink.ts';
import type { PruneDeps } from './commands/prune.ts';
import type { StatusDeps } from './commands/status.ts';
import type { DoctorCommandDeps } from './commands/doctor.ts';
import type { ControllerCommandDeps } from './commands/controller.ts';
import { refresh, type RefreshDeps } from './commands/refresh.ts';
import type { Log } from './ports.ts';

/** What the commands are given; made only when one is run. */
export type Runtime = {
  version: string;
  log: Log;
  sink: Sink;
  /** Writes to standard output; resolves when there is room for more. */
  readonly write: (text: SafeText) => Promise<void>;
  stop: AbortSignal;
  /** Connects a pass to the cluster and to AWS; nothing is sent yet. */
  openRefresh(settings: Settings): Promise<Result<RefreshDeps & { close(): void }>>;
  /** What doctor asks; nothing of it is loaded before, and nothing is sent yet. */
  openDoctor(settings: Settings): Promise<DoctorCommandDeps & { close(): void }>;
  /** Connects status and prune to the cluster alone; nothing of it is loaded before. */
  openInventory(settings: Settings): Promise<Result<StatusDeps & PruneDeps & { close(): void }>>;
  /** The same for the controller, of which nothing is loaded before. */
  openController(settings: Settings): Promise<Result<ControllerCommandDeps & { close(): void }>>;
};

type Configured = Extract<Configuration, { ok: true }>;

/**
 * Runs the command that the configuration names.
 * @returns the exit code.
 */
export async function run(configuration: Configuration, runtime: Runtime): Promise<ExitCode> {
  // Doctor's findings hold the warnings.
  const logged = configuration.ok && configuration.command === 'doctor' ? [] : configuration.warnings;
  for (const warning of logged) runtime.log('warn', warning.what, { warning });
  if (!configuration.ok) {
    for (const failure of configuration.failures) runtime.log('error', failure.what, { failure });
    return 2;
  }
  const { command, operand } = configuration;
  if (configuration.version === true) return printed(versionText(runtime.version), runtime);
  if (configuration.help === true) return printed(helpText(command), runtime);
  if (command === 'help') return printed(helpText(helpedCommand(operand)), runtime);
  if (command === 'completion') return printed(completionScript(shellOf(operand)), runtime);
  if (command === 'doctor') return doctored(configuration, runtime);
  if (command === 'status') return operated(configuration.settings, runtime, status);
  if (command === 'prune') return operated(configuration.settings, runtime, prune);
  if (command === 'controller') return controlled(configuration.settings, runtime);
  return refreshed(configuration.settings, runtime);
}

async function refreshed(settings: Settings, runtime: Runtime): Promise<ExitCode> {
  const deps = await runtime.openRefresh(settings);
  if (!deps.ok) {
    runtime.log('error', deps.failure.what, { failure: deps.failure });
    return 2;
  }
  try {
    return await refresh(settings, deps.value, runtime.stop);
  } finally {
    deps.value.close();
  }
}

async function doctored(configuration: Configured, runtime: Runtime): Promise<ExitCode> {
  const [deps, { doctor }] = await Promise.all([
    runtime.openDoctor(configuration.settings),
    import('./commands/doctor.ts'),
  ]);
  try {
    return await doctor(configuration, deps, runtime.stop);
  } finally {
    deps.close();
  }
}

type OperatorCommand = (settings: Settings, deps: StatusDeps & PruneDeps, stop: AbortSignal) => Promise<ExitCode>;

const status: OperatorCommand = async (...given) => (await import('./commands/status.ts')).status(...given);
const prune: OperatorCommand = async (...given) => (await import('./commands/prune.ts')).prune(...given);

async function operated(settings: Settings, runtime: Runtime, command: OperatorCommand): Promise<ExitCode> {
  const deps = await runtime.openInventory(settings);
  if (!deps.ok) {
    runtime.log('error', deps.failure.what, { failure: deps.failure });
    return 2;
  }
  try {
    return await command(settings, deps.value, runtime.stop);
  } finally {
    deps.value.close();
  }
}

async function controlled(settings: Settings, runtime: Runtime): Promise<ExitCode> {
  const [deps, { runController }] = await Promise.all([
    runtime.openController(settings),
    import('./commands/controller.ts'),
  ]);
  if (!deps.ok) {
    runtime.log('error', deps.failure.what, { failure: deps.failure });
    return 2;
  }
  try {
    return await runController(settings, deps.value, runtime.stop);
  } finally {
    deps.value.close();
  }
}

async function printed(text: string, { sink, write }: Runtime): Promise<ExitCode> {
  await write(sink.lines(text.replace(/\n$/, '').split('\n'), false));
  return 0;
}

function helpedCommand(operand: string | undefined): CommandName {
  const named = operand ?? '';
  return isCommand(named) ? named : (commandNames[0] ?? 'refresh');
}

function shellOf(operand: string | undefined) {
  const shell = shells.find((known) => known === operand);
  // The command table allows no other operand; arriving here is a bug.
  if (shell === undefined) throw new Error(`no completion for ${operand ?? commandRow('completion').summary}`);
  return shell;
}

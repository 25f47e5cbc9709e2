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
import type { DoctorDeps } from './commands/doctor.ts';
import type { ControllerDeps } from './commands/controller.ts';
import { refresh, type RefreshDeps } from './commands/refresh.ts';
import type { Log } from './ports.ts';

/** What the commands are given; made only when one is run. */
export type World = {
  version: string;
  log: Log;
  sink: Sink;
  /** Writes to standard output; resolves when there is room for more. */
  readonly write: (text: SafeText) => Promise<void>;
  stop: AbortSignal;
  /** Connects a pass to the cluster and to AWS; nothing is sent yet. */
  connect(settings: Settings): Promise<Result<RefreshDeps & { close(): void }>>;
  /** What doctor asks; nothing of it is loaded before, and nothing is sent yet. */
  connectDoctor(settings: Settings): Promise<DoctorDeps & { close(): void }>;
  /** Connects status and prune to the cluster alone; nothing of it is loaded before. */
  connectOperator(settings: Settings): Promise<Result<StatusDeps & PruneDeps & { close(): void }>>;
  /** The same for the controller, of which nothing is loaded before. */
  connectController(settings: Settings): Promise<Result<ControllerDeps & { close(): void }>>;
};

type Configured = Extract<Configuration, { ok: true }>;

/**
 * Runs the command that the configuration names.
 * @returns the exit code.
 */
export async function run(configuration: Configuration, world: World): Promise<ExitCode> {
  // Doctor's findings hold the warnings.
  const logged = configuration.ok && configuration.command === 'doctor' ? [] : configuration.warnings;
  for (const warning of logged) world.log('warn', warning.what, { warning });
  if (!configuration.ok) {
    for (const failure of configuration.failures) world.log('error', failure.what, { failure });
    return 2;
  }
  const { command, operand } = configuration;
  if (configuration.version === true) return printed(versionText(world.version), world);
  if (configuration.help === true) return printed(helpText(command), world);
  if (command === 'help') return printed(helpText(helpedCommand(operand)), world);
  if (command === 'completion') return printed(completionScript(shellOf(operand)), world);
  if (command === 'doctor') return doctored(configuration, world);
  if (command === 'status') return operated(configuration.settings, world, status);
  if (command === 'prune') return operated(configuration.settings, world, prune);
  if (command === 'controller') return controlled(configuration.settings, world);
  return refreshed(configuration.settings, world);
}

async function refreshed(settings: Settings, world: World): Promise<ExitCode> {
  const deps = await world.connect(settings);
  if (!deps.ok) {
    world.log('error', deps.failure.what, { failure: deps.failure });
    return 2;
  }
  try {
    return await refresh(settings, deps.value, world.stop);
  } finally {
    deps.value.close();
  }
}

async function doctored(configuration: Configured, world: World): Promise<ExitCode> {
  const [deps, { doctor }] = await Promise.all([
    world.connectDoctor(configuration.settings),
    import('./commands/doctor.ts'),
  ]);
  try {
    return await doctor(configuration, deps, world.stop);
  } finally {
    deps.close();
  }
}

type OperatorCommand = (settings: Settings, deps: StatusDeps & PruneDeps, stop: AbortSignal) => Promise<ExitCode>;

const status: OperatorCommand = async (...given) => (await import('./commands/status.ts')).status(...given);
const prune: OperatorCommand = async (...given) => (await import('./commands/prune.ts')).prune(...given);

async function operated(settings: Settings, world: World, command: OperatorCommand): Promise<ExitCode> {
  const deps = await world.connectOperator(settings);
  if (!deps.ok) {
    world.log('error', deps.failure.what, { failure: deps.failure });
    return 2;
  }
  try {
    return await command(settings, deps.value, world.stop);
  } finally {
    deps.value.close();
  }
}

async function controlled(settings: Settings, world: World): Promise<ExitCode> {
  const [deps, { runController }] = await Promise.all([
    world.connectController(settings),
    import('./commands/controller.ts'),
  ]);
  if (!deps.ok) {
    world.log('error', deps.failure.what, { failure: deps.failure });
    return 2;
  }
  try {
    return await runController(settings, deps.value, world.stop);
  } finally {
    deps.value.close();
  }
}

async function printed(text: string, { sink, write }: World): Promise<ExitCode> {
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

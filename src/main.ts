import { readFileSync, statSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { isatty } from 'node:tty';

import { watchChildren } from './adapters/children.ts';
import { systemClock } from './adapters/clock.ts';
import { SERVICE_ACCOUNT_DIRECTORY } from './adapters/kubernetes/in-cluster.ts';
import { createLog, toldBy } from './adapters/terminal/log.ts';
import { takeOver } from './adapters/terminal/outlet.ts';
import { createProgress } from './adapters/terminal/progress.ts';
import { run, type Runtime } from './cli.ts';
import { asCalled, calledAs } from './config/called-as.ts';
import type { CommandName } from './config/commands.ts';
import { parseConfiguration } from './config/parse.ts';
import { secretsIn } from './config/secrets-in.ts';
import { overruledVariables } from './config/variables.ts';
import { createRedactor } from './core/text/redact.ts';
import { createSecrets } from './core/text/secrets.ts';
import { createSink, type SafeText } from './core/text/sink.ts';

declare const ECR_CRED_HELPER_VERSION: string | undefined;

/** Set when bundled; a run from source has no version. */
const version = typeof ECR_CRED_HELPER_VERSION === 'string' ? ECR_CRED_HELPER_VERSION : '0.0.0-source';

const { env } = process;

/** Where a variable moves the service account's directory, for runs that are not in a pod. */
const serviceAccountDirectory = env['SERVICE_ACCOUNT_DIRECTORY'] ?? SERVICE_ACCOUNT_DIRECTORY;

const homeDirectory = homeOf();

const children = watchChildren((pid, signal) => process.kill(pid, signal));
const called = calledAs(process.argv.slice(1), env);
const secrets = createSecrets(secretsIn(env, called.argv));
const { learn } = secrets;
const redact = createRedactor(secrets);
const sink = createSink((text, most) => redact(asCalled(text, called.name), most));
const [stdout, stderr] = [takeOver(process.stdout, sink), takeOver(process.stderr, sink)];
const write = (text: SafeText) => stdout.told(text);

async function main(): Promise<number> {
  const configuration = parseConfiguration({ argv: called.argv, env, homeDirectory, readFile });
  if (configuration.ok) {
    for (const name of configuration.trimmed) env[name] = env[name]?.trim();
    Object.assign(env, configuration.corrected);
  }
  for (const name of overruledVariables) delete env[name];
  const { logFormat, logLevel } = configuration.ok ? configuration.settings : configuration.output;
  const bar = createProgress(stderr, sink, env, systemClock.nowMs);
  const log = createLog({
    stream: stderr,
    format: logFormat,
    level: logLevel,
    sink,
    env,
    nowMs: systemClock.nowMs,
    beforeLine: bar.clear,
  });
  const outlives = configuration.ok && outliveTerminal.has(configuration.command);
  // The terminal went away, and with it whoever read; the secrets are to be written all the same.
  if (outlives) process.on('SIGHUP', () => undefined);
  const place = surroundings();
  const around = { ...place, log, progress: bar, said: toldBy(log, place.hasTerminal) };
  const runtime: Runtime = {
    version,
    log,
    sink,
    write,
    stop: stopSignal((signal) => {
      const isFinishing = configuration.ok && finishing.has(configuration.command);
      if (isFinishing) log('warn', 'Stopping: what is under way finishes', { signal });
    }),
    openRefresh: async (settings) => (await import('./adapters/open-refresh.ts')).openRefresh(settings, around),
    openController: async (settings) =>
      (await import('./adapters/open-controller.ts')).openController(settings, around),
    openDoctor: async (settings) => (await import('./adapters/open-doctor.ts')).openDoctor(settings, around),
    openExplain: async (settings) => (await import('./adapters/open-explain.ts')).openExplain(settings, around),
    openComplete: async (settings) => (await import('./adapters/open-complete.ts')).openComplete(settings, around),
    openInventory: async (settings) => (await import('./adapters/open-inventory.ts')).openInventory(settings, around),
  };
  return run(configuration, runtime);
}

const outliveTerminal: ReadonlySet<CommandName> = new Set(['refresh', 'controller']);
/** What of these is under way when they are told to stop, is finished. */
const finishing: ReadonlySet<CommandName> = new Set([...outliveTerminal, 'prune']);

/** A file that is not there, or not for us, holds nothing: whatever reads it by itself passes over it, too. */
function readFile(path: string): string | undefined {
  try {
    // What a pipe held would be gone for who reads it next.
    return statSync(path).isFile() ? readFileSync(path, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}

/** Who has no home has no files there: OpenShift's user ids stand in no passwd, and HOME need not be set. */
function homeOf(): string {
  try {
    return homedir();
  } catch {
    // The AWS SDK looks for it, too.
    env['HOME'] = '/nonexistent';
    return env['HOME'];
  }
}

/** Aborts at the first SIGTERM or SIGINT; a second one, of either kind, ends the process as it does by default. */
function stopSignal(told: (name: NodeJS.Signals) => void): AbortSignal {
  const controller = new AbortController();
  const names = ['SIGTERM', 'SIGINT'] as const;
  const onSignal = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) {
      children.end();
      for (const each of names) process.removeAllListeners(each);
      process.kill(process.pid, name);
      return;
    }
    told(name);
    controller.abort(name);
  };
  for (const name of names) process.on(name, onSignal);
  return controller.signal;
}

/** What of the process the adapters of every command are lent. */
function surroundings() {
  const userAgent = `ecr-cred-helper/${version}`;
  const place = { env, homeDirectory, hostname: hostname(), serviceAccountDirectory, version, userAgent };
  // To ask process.stdin would open it, with what reads files as streams.
  const hasTerminal = isatty(0) && isatty(2);
  const terminal = { hasTerminal, endChild: children.endOne };
  return { ...place, clock: systemClock, random: Math.random, sink, stdout, write, learn, ...terminal };
}

const BUGS = 'https://github.com/ecr-cred-helper/ecr-cred-helper/issues';

/** A bug: nothing else arrives here. Everything else is left as it is, since nothing that still runs can be trusted. */
async function crashed(error: unknown): Promise<void> {
  const stack = sink.clean(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const head = `This is a bug in ecr-cred-helper ${version}; please report it: ${BUGS}`;
  stderr.write(sink.lines([head, ...stack.split('\n')], false));
  children.end();
  await stderr.flushed(flushMs);
  process.exit(1);
}

/** Who does not read what little is left by then does not keep the process. */
const flushMs = 900;

/** Nothing holds the process once it is done: no tunnel that hangs in its handshake, no plugin, no timer. */
async function end(exitCode: number): Promise<void> {
  children.end();
  await Promise.all([stdout, stderr].map((each) => each.flushed(flushMs)));
  process.exit(exitCode);
}

// Whoever runs out of things to wait for has not succeeded.
process.exitCode = 1;
for (const event of ['uncaughtException', 'unhandledRejection'])
  process.on(event, (error: unknown) => void crashed(error));
void main().then(end);

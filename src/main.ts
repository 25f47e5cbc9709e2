import { existsSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';

import { systemClock } from './adapters/clock.ts';
import { SERVICE_ACCOUNT_DIRECTORY } from './adapters/kubernetes/in-cluster.ts';
import { createLog } from './adapters/log.ts';
import { wantsColour } from './adapters/terminal-text.ts';
import { createProgress } from './adapters/progress.ts';
import { run, type World } from './cli.ts';
import { parseConfiguration } from './config/parse.ts';
import type { Settings } from './config/settings.ts';
import { createRedactor } from './core/redact.ts';
import type { Log } from './ports.ts';

declare const ECR_CRED_HELPER_VERSION: string | undefined;

/** Set when bundled; a run from source has no version. */
const version = typeof ECR_CRED_HELPER_VERSION === 'string' ? ECR_CRED_HELPER_VERSION : '0.0.0-source';

const { env } = process;

/** Where a variable moves the service account's directory, for runs that are not in a pod. */
const serviceAccountDirectory = env['SERVICE_ACCOUNT_DIRECTORY'] ?? SERVICE_ACCOUNT_DIRECTORY;

async function main(): Promise<number> {
  const configuration = parseConfiguration({ argv: process.argv.slice(2), env, hasAwsConfigFile: hasAwsConfigFile() });
  if (configuration.ok) for (const name of configuration.trimmed) env[name] = env[name]?.trim();
  const { logFormat, logLevel } = configuration.ok ? configuration.settings : configuration.output;
  const bar = createProgress(process.stderr, env, systemClock.nowMs);
  const log = createLog({
    stream: process.stderr,
    format: logFormat,
    level: logLevel,
    redact: createRedactor(() => secretsOf(env)),
    env,
    nowMs: systemClock.nowMs,
    beforeLine: bar.clear,
  });
  const world: World = {
    version,
    log,
    print: (text) => void process.stdout.write(text.endsWith('\n') ? text : `${text}\n`),
    stop: stopSignal(log),
    connect: (settings) => connect(settings, log, bar),
    connectDoctor: (settings) => connectDoctor(settings, log),
    connectOperator: (settings) => connectOperator(settings, log),
    connectController: (settings) => connectController(settings, log, bar),
  };
  return run(configuration, world);
}

/** What must never be shown although the environment holds it. */
function secretsOf(of: NodeJS.ProcessEnv): string[] {
  const names = ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_CONTAINER_AUTHORIZATION_TOKEN'];
  return names.map((name) => of[name] ?? '').filter((secret) => secret.length >= 8);
}

function hasAwsConfigFile(): boolean {
  return existsSync(env['AWS_CONFIG_FILE'] ?? join(homedir(), '.aws', 'config'));
}

/** Aborts at the first SIGTERM or SIGINT; a second one, of either kind, ends the process as it does by default. */
function stopSignal(log: Log): AbortSignal {
  const controller = new AbortController();
  const names = ['SIGTERM', 'SIGINT'] as const;
  const onSignal = (name: string) => {
    for (const each of names) process.off(each, onSignal);
    log('warn', 'Stopping: what is under way finishes', { signal: name });
    controller.abort(name);
  };
  for (const name of names) process.on(name, onSignal);
  return controller.signal;
}

async function connect(settings: Settings, log: Log, progress: ReturnType<typeof createProgress>) {
  const { jobAdapters } = await import('./adapters/job-adapters.ts');
  const { nowMs } = systemClock;
  const userAgent = `ecr-cred-helper/${version}`;
  const home = { env, homeDirectory: homedir(), serviceAccountDirectory };
  const adapters = await jobAdapters({ settings, ...home, userAgent, nowMs, log });
  if (!adapters.ok) return adapters;
  const { cluster, tokens } = adapters.value;
  const value = {
    cluster,
    tokens,
    clock: systemClock,
    random: Math.random,
    log,
    progress,
    print: (line: string) => void process.stdout.write(`${line}\n`),
    isTerminal: process.stdout.isTTY,
    close: () => cluster.close(),
  };
  return { ok: true as const, value };
}

async function connectDoctor(settings: Settings, log: Log) {
  const { doctorAdapters } = await import('./adapters/doctor-adapters.ts');
  const { createTokenSource } = await import('./adapters/ecr.ts');
  const userAgent = `ecr-cred-helper/${version}`;
  const { nowMs } = systemClock;
  const { requestTimeoutMs } = settings;
  const adapters = await doctorAdapters({
    settings,
    env,
    homeDirectory: homedir(),
    serviceAccountDirectory,
    userAgent,
    nowMs,
    tokens: createTokenSource({ env, requestTimeoutMs, userAgent, log }),
  });
  const { stdout } = process;
  const screen = {
    colours: wantsColour(stdout, env),
    ...(stdout.isTTY && stdout.columns > 0 ? { width: stdout.columns } : {}),
  };
  const print = (line: string) => void stdout.write(`${line}\n`);
  return { ...adapters, clock: systemClock, random: Math.random, log, env, print, screen };
}

async function connectOperator(settings: Settings, log: Log) {
  const { operatorAdapters } = await import('./adapters/operator-adapters.ts');
  const { nowMs } = systemClock;
  const userAgent = `ecr-cred-helper/${version}`;
  const stream = process.stdout;
  const adapters = await operatorAdapters({
    settings,
    env,
    homeDirectory: homedir(),
    serviceAccountDirectory,
    userAgent,
    nowMs,
    stream,
  });
  if (!adapters.ok) return adapters;
  return { ok: true as const, value: { ...adapters.value, clock: systemClock, random: Math.random, log } };
}

async function connectController(settings: Settings, log: Log, progress: ReturnType<typeof createProgress>) {
  const connected = await connect(settings, log, progress);
  if (!connected.ok) return connected;
  const { cluster, tokens, clock, random, close } = connected.value;
  const { controllerWorld } = await import('./adapters/controller/controller-world.ts');
  const { transport } = cluster;
  const world = controllerWorld({ transport, version, hostname: hostname(), serviceAccountDirectory });
  const value = { tokens, clock, random, log, close, usage, ...world };
  return { ok: true as const, value };
}

function usage() {
  const { user, system } = process.cpuUsage();
  return { residentBytes: process.memoryUsage.rss(), cpuSeconds: (user + system) / 1e6 };
}

/** A bug: nothing else arrives here. Everything else is left as it is, since nothing that still runs can be trusted. */
function crashed(error: unknown): void {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const redact = createRedactor(() => secretsOf(env));
  process.stderr.write(`${redact(`This is a bug in ecr-cred-helper ${version}; please report it.\n${stack}`)}\n`, () =>
    process.exit(1),
  );
}

/** Nothing holds the process once it is done: no tunnel that hangs in its handshake, no plugin, no timer. */
async function end(exitCode: number): Promise<void> {
  await Promise.all([process.stdout, process.stderr].map(flushed));
  process.exit(exitCode);
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  stream.write('', () => resolve());
  return promise;
}

// A reader that went away or a full disk loses what is said, not the secrets: the work goes on.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
// Whoever runs out of things to wait for has not succeeded.
process.exitCode = 1;
for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, crashed);
void main().then(end);

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { isRecord, text } from '../../../core/api/reply.ts';
import type { Learn } from '../../../core/text/secrets.ts';
import { shortened } from '../../../core/text/shortened.ts';
import type { ProxyEnv } from '../../http/proxy.ts';
import { pathIn, type Chosen } from './file.ts';

export type ProcessEnv = ProxyEnv & Readonly<Record<string, string | undefined>>;

/** What a plugin issues (`ExecCredential`'s status). */
export type ExecCredential = { token?: string; cert?: string; key?: string; expiresAtMs?: number };

/** An `exec` entry of a kubeconfig, ready to be run. */
export type Exec = {
  userName: string;
  command: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  apiVersion: string;
  installHint: string;
};

type Parsed = { ok: true; value: Exec } | { ok: false; why: string };

const API_VERSION = /^client\.authentication\.k8s\.io\/v1(?:beta1)?$/;
/** A plugin may open a browser and wait for a person, but not for ever. */
const LIMIT_MS = 60_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;
/** Where the server refuses whatever a plugin issues, the plugin is not run for each refusal. */
const RERUN_AFTER_MS = 10_000;

/** Reads an `exec` entry. Plugins that must ask a person (`interactiveMode: Always`) have no terminal here. */
export function parseExec(fields: Readonly<Record<string, unknown>>, { user, cluster }: Chosen): Parsed {
  const command = text(fields['command']);
  const apiVersion = text(fields['apiVersion']);
  const of = `the exec plugin of the user ${user.name}`;
  if (command === '') return { ok: false, why: `${of} names no command` };
  if (!API_VERSION.test(apiVersion)) {
    return { ok: false, why: `${of} has the apiVersion ${apiVersion || '(none)'}; v1 and v1beta1 are supported` };
  }
  if (fields['interactiveMode'] === 'Always')
    return { ok: false, why: `${of} needs a terminal (interactiveMode: Always)` };
  const info = {
    apiVersion,
    kind: 'ExecCredential',
    spec: { interactive: false, ...(fields['provideClusterInfo'] === true ? { cluster: clusterInfo(cluster) } : {}) },
  };
  return {
    ok: true,
    value: {
      userName: user.name,
      // A path is relative to the file; a bare name is looked up in PATH.
      command: command.includes('/') && !isAbsolute(command) ? pathIn(user, command) : command,
      args: listOf(fields['args']).filter((arg) => typeof arg === 'string'),
      env: { ...variables(fields['env']), KUBERNETES_EXEC_INFO: JSON.stringify(info) },
      apiVersion,
      installHint: text(fields['installHint']),
    },
  };
}

/**
 * Runs a plugin when its last credential has expired or was refused.
 * @returns a function that rejects with why the plugin failed, in its own first words; `learn` hears before of what it issued.
 */
export function execPlugin(
  exec: Exec,
  { env, nowMs, learn }: { env: ProcessEnv; nowMs: () => number; learn: Learn },
): (isRefused: boolean) => Promise<ExecCredential> {
  let last: ExecCredential | undefined;
  let rerunAtMs = Number.NEGATIVE_INFINITY;
  return async (isRefused) => {
    const now = nowMs();
    const isUsable = last !== undefined && now < (last.expiresAtMs ?? Number.POSITIVE_INFINITY);
    if (last !== undefined && isUsable && (!isRefused || now - rerunAtMs < RERUN_AFTER_MS)) return last;
    if (isRefused) rerunAtMs = now;
    last = credentialFrom(await output(exec, env, learn), exec);
    return last;
  };
}

function output(exec: Exec, env: ProcessEnv, learn: Learn): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const fail = (why: string) => reject(new Error(`${exec.command}, the plugin of the user ${exec.userName}, ${why}`));
  const child = spawn(exec.command, exec.args, {
    env: { ...env, ...exec.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = [collected(child.stdout), collected(child.stderr)];
  // By a timer of ours: `close` waits for children of the plugin that keep its output open.
  const timer = setTimeout(() => {
    child.kill('SIGKILL');
    child.stdout.destroy();
    child.stderr.destroy();
    fail(`did not end within ${LIMIT_MS / 1000} s`);
  }, LIMIT_MS);
  child.on('error', (error) => {
    clearTimeout(timer);
    const isMissing = 'code' in error && error.code === 'ENOENT';
    fail(isMissing ? `is not installed. ${exec.installHint}`.trim() : `could not be run: ${error.message}`);
  });
  child.on('close', (code, signal) => {
    clearTimeout(timer);
    // Whatever comes of it: some plugins print it on standard error, too.
    learnIssued(stdout(), learn);
    if (code === 0) resolve(stdout());
    else fail(`ended with ${signal ?? code}: ${firstLines(stderr()) || 'it gave no reason'}`);
  });
  return promise;
}

function learnIssued(printed: string, learn: Learn): void {
  const parsed = parsedJson(printed);
  const status = isRecord(parsed) && isRecord(parsed['status']) ? parsed['status'] : {};
  for (const name of ['token', 'clientKeyData']) learn(text(status[name]));
}

function collected(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_OUTPUT_BYTES) chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

/** Its complaints name no bytes of the output, which may be a token. */
function credentialFrom(output: string, exec: Exec): ExecCredential {
  const of = `${exec.command}, the plugin of the user ${exec.userName},`;
  const printed = parsedJson(output);
  if (!isRecord(printed)) throw new Error(`${of} printed no JSON object`);
  if (printed['kind'] !== 'ExecCredential' || printed['apiVersion'] !== exec.apiVersion) {
    throw new Error(`${of} printed no ExecCredential of ${exec.apiVersion}`);
  }
  const status = isRecord(printed['status']) ? printed['status'] : {};
  const [token, cert, key] = ['token', 'clientCertificateData', 'clientKeyData'].map((name) => text(status[name]));
  if (!token && !(cert && key)) throw new Error(`${of} issued neither a token nor a client certificate with its key`);
  const expiresAtMs = Date.parse(text(status['expirationTimestamp']));
  return {
    ...(token ? { token } : {}),
    ...(cert && key ? { cert, key } : {}),
    ...(Number.isNaN(expiresAtMs) ? {} : { expiresAtMs }),
  };
}

function parsedJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

function firstLines(value: string): string {
  const lines = value
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return shortened(lines.slice(0, 3).join('; '), 400);
}

function clusterInfo(cluster: Chosen['cluster']): Record<string, unknown> {
  const { fields } = cluster;
  const caFile = text(fields['certificate-authority']);
  const shared = ['server', 'tls-server-name', 'insecure-skip-tls-verify', 'certificate-authority-data', 'proxy-url'];
  const extension = listOf(fields['extensions'])
    .filter(isRecord)
    .find((each) => each['name'] === 'client.authentication.k8s.io/exec');
  return {
    // Readable: the connection's own certificates are read before.
    ...(caFile === ''
      ? {}
      : { 'certificate-authority-data': readFileSync(pathIn(cluster, caFile)).toString('base64') }),
    ...Object.fromEntries(shared.filter((name) => name in fields).map((name) => [name, fields[name]])),
    ...(extension === undefined ? {} : { config: extension['extension'] }),
  };
}

function variables(value: unknown): Record<string, string> {
  return Object.fromEntries(
    listOf(value)
      .filter(isRecord)
      .map((each) => [text(each['name']), text(each['value'])]),
  );
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

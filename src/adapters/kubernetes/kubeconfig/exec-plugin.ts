import { spawn, type ChildProcess } from 'node:child_process';
import { isRecord, text } from '../../../core/api/reply.ts';
import type { Learn } from '../../../core/text/secrets.ts';
import { shortened } from '../../../core/text/shortened.ts';
import type { ProxyEnv } from '../../http/proxy.ts';
import { sendable } from '../connection.ts';
import type { Exec } from './exec.ts';
import { judgePair } from './pem.ts';

export type ProcessEnv = ProxyEnv & Readonly<Record<string, string | undefined>>;

/** Who runs plugins. */
export type PluginHost = {
  /** Plugins inherit it. */
  env: ProcessEnv;
  /** Whether somebody reads what a plugin says as it says it, and can answer. */
  hasTerminal: boolean;
  /** Hears a line that a plugin wrote to its standard error. */
  readonly said: (line: string, command: string) => void;
  /** Ends a plugin and whatever it started. */
  readonly endChild: (child: ChildProcess) => void;
};

/** What a plugin issues (`ExecCredential`'s status). */
export type ExecCredential = { token?: string; cert?: string; key?: string; expiresAtMs?: number };

/** Nobody is there to wait for; a person who has to log in with a browser takes longer, but not for ever. */
const LIMIT_MS = { alone: 60_000, interactive: 300_000 };
const MOST_OUTPUT_BYTES = 1024 * 1024;
/** Where the server refuses whatever a plugin issues, the plugin is not run for each refusal. */
const RERUN_AFTER_MS = 10_000;
/** A question has no line break behind it. */
const UNFINISHED_LINE_MS = 300;

type Host = PluginHost & { nowMs: () => number; learn: Learn };

/**
 * Runs a plugin when its last credential has expired or was refused.
 * @returns a function that rejects with why the plugin failed, in its own first words; `learn` hears before of what it issued.
 */
export function execPlugin(exec: Exec, host: Host): (isRefused: boolean) => Promise<ExecCredential> {
  let last: ExecCredential | undefined;
  let rerunAtMs = Number.NEGATIVE_INFINITY;
  return async (isRefused) => {
    const now = host.nowMs();
    const isUsable = last !== undefined && now < (last.expiresAtMs ?? Number.POSITIVE_INFINITY);
    if (last !== undefined && isUsable && (!isRefused || now - rerunAtMs < RERUN_AFTER_MS)) return last;
    if (isRefused) rerunAtMs = now;
    last = credentialFrom(await output(exec, host), exec, now);
    return last;
  };
}

function output(exec: Exec, { env, learn, said, endChild }: Host): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const fail = (why: string) => reject(new Error(`${exec.command}, the plugin of ${exec.of}, ${why}`));
  const child = spawn(exec.command, exec.args, {
    env: { ...env, ...exec.env },
    stdio: [exec.isInteractive ? 'inherit' : 'ignore', 'pipe', 'pipe'],
  });
  const { stdout: out, stderr: error } = child;
  if (out === null || error === null) throw new Error('a child without pipes'); // never: they were asked for
  const [stdout, stderr] = [collected(out), collected(error)];
  const hush = eachLine(error, (line) => said(line, exec.command));
  const limitMs = exec.isInteractive ? LIMIT_MS.interactive : LIMIT_MS.alone;
  // By a timer of ours: `close` waits for children of the plugin that keep its output open.
  const timer = setTimeout(() => {
    endChild(child);
    out.destroy();
    error.destroy();
    fail(`did not end within ${limitMs / 1000} s: ${inShort(stderr()) || 'it said nothing'}`);
  }, limitMs);
  const over = () => {
    clearTimeout(timer);
    hush();
  };
  child.on('error', (failure) => {
    over();
    const isMissing = 'code' in failure && failure.code === 'ENOENT';
    fail(isMissing ? `is not installed. ${exec.installHint}`.trim() : `could not be run: ${failure.message}`);
  });
  child.on('close', (code, signal) => {
    over();
    // Whatever comes of it: some plugins print it on standard error, too.
    learnIssued(stdout(), learn);
    if (code === 0) resolve(stdout());
    else fail(`ended with ${signal ?? code}: ${inShort(stderr()) || 'it gave no reason'}`);
  });
  return promise;
}

function learnIssued(printed: string, learn: Learn): void {
  const parsed = parsedJson(printed);
  const status = isRecord(parsed) && isRecord(parsed['status']) ? parsed['status'] : {};
  for (const name of ['token', 'clientKeyData']) learn(text(status[name]).trim());
}

function collected(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MOST_OUTPUT_BYTES) chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

/** Gives on each line as it comes, and what waits for its end a moment later; returns what stops it. */
function eachLine(stream: NodeJS.ReadableStream, tell: (line: string) => void): () => void {
  const decoder = new TextDecoder();
  let rest = '';
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    if (rest.trim() !== '') tell(shortened(rest.trim(), 400));
    rest = '';
  };
  stream.on('data', (chunk: Buffer) => {
    clearTimeout(timer);
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/);
    const unfinished = lines.pop() ?? '';
    for (rest of lines) flush();
    rest = unfinished.slice(0, MOST_OUTPUT_BYTES);
    timer = setTimeout(flush, UNFINISHED_LINE_MS);
  });
  return () => {
    clearTimeout(timer);
    flush();
  };
}

/** To the rules of client-go's `refreshCredsLocked`. Its complaints name no bytes of the output, which may be a token. */
function credentialFrom(output: string, exec: Exec, nowMs: number): ExecCredential {
  const of = `${exec.command}, the plugin of ${exec.of},`;
  const printed = parsedJson(output);
  if (!isRecord(printed)) throw new Error(`${of} printed no JSON object`);
  if (printed['kind'] !== 'ExecCredential' || printed['apiVersion'] !== exec.apiVersion) {
    throw new Error(`${of} printed no ExecCredential of ${exec.apiVersion}`);
  }
  const status = isRecord(printed['status']) ? printed['status'] : {};
  const [token = '', cert, key] = ['token', 'clientCertificateData', 'clientKeyData'].map((name) => text(status[name]));
  if (!token.trim() && !cert && !key) throw new Error(`${of} issued neither a token nor a client certificate`);
  if (cert && !key) throw new Error(`${of} issued a client certificate without its key`);
  if (key && !cert) throw new Error(`${of} issued a client key without its certificate`);
  if (cert && key) {
    const from = (name: string, data: string) => ({ text: data, from: `${name} of ${exec.command}` });
    const pair = [from('clientCertificateData', cert), from('clientKeyData', key)] as const;
    judgePair(...pair, `what ${exec.command} issued`, nowMs);
  }
  const expires = status['expirationTimestamp'] ?? undefined;
  const expiresAtMs = expires === undefined ? undefined : Date.parse(text(expires));
  if (Number.isNaN(expiresAtMs)) throw new Error(`${of} issued an expirationTimestamp that is no time`);
  return {
    ...(token.trim() ? { token: sendable(token.trim(), `the token of ${exec.command}`) } : {}),
    ...(cert && key ? { cert, key } : {}),
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
  };
}

function parsedJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

function inShort(value: string): string {
  const lines = value
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => shortened(line, 200));
  // A stack trace ends with what went wrong; most else begins with it.
  const shown = lines.length <= 3 ? lines : [...lines.slice(0, 2), '…', lines.at(-1)];
  return shown.join('; ');
}

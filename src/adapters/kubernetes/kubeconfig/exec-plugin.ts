import { isRecord, text } from '../../../core/api/reply.ts';
import type { Learn } from '../../../core/text/secrets.ts';
import { runChild, type ChildHost } from '../../run-child.ts';
import { sendable } from '../connection.ts';
import type { Exec } from './exec.ts';
import { judgePair } from './pem.ts';

/** What a plugin issues (`ExecCredential`'s status). */
export type ExecCredential = { token?: string; cert?: string; key?: string; expiresAtMs?: number };

/** Nobody is there to wait for; a person who has to log in with a browser takes longer, but not for ever. */
const LIMIT_MS = { alone: 60_000, interactive: 300_000 };
/** Where the server refuses whatever a plugin issues, the plugin is not run for each refusal. */
const RERUN_AFTER_MS = 10_000;

type Host = ChildHost & { nowMs: () => number; learn: Learn };

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

async function output(exec: Exec, host: Host): Promise<string> {
  const { command, args, env, isInteractive } = exec;
  const limitMs = isInteractive ? LIMIT_MS.interactive : LIMIT_MS.alone;
  const { stdout, why, isMissing } = await runChild(
    { name: command, command, args, env, isInteractive, limitMs },
    host,
  );
  // Whatever comes of it: some plugins print it on standard error, too.
  learnIssued(stdout, host.learn);
  if (why === undefined) return stdout;
  const hint = isMissing === true && exec.installHint !== '' ? `. ${exec.installHint}` : '';
  throw new Error(`${command}, the plugin of ${exec.of}, ${why}${hint}`);
}

function learnIssued(printed: string, learn: Learn): void {
  const parsed = parsedJson(printed);
  const status = isRecord(parsed) && isRecord(parsed['status']) ? parsed['status'] : {};
  for (const name of ['token', 'clientKeyData']) learn(text(status[name]).trim());
}

/** To the rules of client-go's `refreshCredsLocked`. Its complaints name no bytes of the output, which may be a token. */
function credentialFrom(output: string, exec: Exec, nowMs: number): ExecCredential {
  const of = `${exec.command}, the plugin of ${exec.of},`;
  const printed = parsedJson(output);
  if (!isRecord(printed)) throw new Error(`${of} printed no JSON object`);
  if ((printed['kind'] ?? 'ExecCredential') !== 'ExecCredential' || printed['apiVersion'] !== exec.apiVersion) {
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

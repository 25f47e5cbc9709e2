import type { Settings } from '../config/settings.ts';
import type { Result } from '../core/failures/errors.ts';
import { warning } from '../core/failures/warnings.ts';
import { isInClear } from '../core/text/in-clear.ts';
import type { SafeText, Sink } from '../core/text/sink.ts';
import type { Learn } from '../core/text/secrets.ts';
import type { Log, Progress, Random, Clock } from '../ports.ts';
import { findConnection } from './kubernetes/connect.ts';
import type { Connection } from './kubernetes/connection.ts';
import { createTransport, type Transport } from './kubernetes/requests.ts';
import type { ChildHost } from './run-child.ts';
import type { Outlet } from './terminal/outlet.ts';

/** What the process lends to the adapters of every command. */
export type Surroundings = {
  env: Readonly<Record<string, string | undefined>>;
  homeDirectory: string;
  hostname: string;
  /** `SERVICE_ACCOUNT_DIRECTORY` but in tests. */
  serviceAccountDirectory: string;
  version: string;
  /** `name/version`. */
  userAgent: string;
  clock: Clock;
  random: Random;
  log: Log;
  progress: Progress;
  sink: Sink;
  stdout: Outlet;
  /** Writes to standard output; resolves when there is room for more. */
  readonly write: (text: SafeText) => Promise<void>;
  /** Hears of each secret that is read or issued. */
  readonly learn: Learn;
} & Omit<ChildHost, 'env'>;

export type ClusterSettings = Pick<Settings, 'kubeconfig' | 'context' | 'requestTimeoutMs' | 'concurrency'>;

/** Finds the cluster that is meant; see `findConnection`. */
export async function connectionOf(
  { kubeconfig, context }: ClusterSettings,
  { env, homeDirectory, serviceAccountDirectory, clock, learn, log, hasTerminal, said, endChild }: Surroundings,
): Promise<Result<Connection>> {
  const { nowMs } = clock;
  const found = await findConnection({
    kubeconfig,
    context,
    env,
    homeDirectory,
    serviceAccountDirectory,
    nowMs,
    learn,
    hasTerminal,
    said,
    endChild,
  });
  if (found.ok && isInClear(found.value.server)) {
    const [name, where] = ['the kubeconfig', found.value.server.origin];
    const noted = warning('SentInClear', { where, why: 'the kubeconfig names it with http://', name });
    log('warn', noted.what, { warning: noted });
  }
  return found;
}

/** The transport of a connection; nothing is sent yet. */
export function transportOf(
  connection: Connection,
  { requestTimeoutMs: timeoutMs, concurrency }: ClusterSettings,
  { userAgent, clock }: Surroundings,
): Transport {
  return createTransport(connection, { timeoutMs, concurrency, userAgent, nowMs: clock.nowMs });
}

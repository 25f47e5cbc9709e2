import type { PullSecret } from '../secret/pull-secret.ts';
import { secretStatusOf, type NamespaceState, type SecretStatus } from './namespace-state.ts';

/** How the controller is, for metrics and probes. */
export type ControllerStatus = {
  isLeading: boolean;
  /** Namespaces and secrets have been listed. */
  isSynced: boolean;
  /** They cannot be watched any more, or the Lease can be neither read nor written, for longer than a moment. */
  isCut: boolean;
  hasToken: boolean;
  /** Since it last began to lead, every namespace that was known has been served or has failed. */
  hasCaughtUp: boolean;
  /** Namespaces that wait for work or are in work. */
  depth: number;
  /** Namespaces that wait for their time. */
  delayed: number;
  /** Labelled namespaces that are not being deleted, by the state of their secret. */
  secrets: Readonly<Record<SecretStatus, number>>;
  tokens: readonly { host: string; expiresAtMs: number }[];
};

/**
 * Sums it up; goes through every namespace, so it is made once for each who asks.
 * @param secret what is being written; absent where ECR has given no token yet.
 */
export function controllerStatus(
  now: Pick<ControllerStatus, 'isLeading' | 'isSynced' | 'isCut' | 'hasCaughtUp' | 'depth' | 'delayed'>,
  namespaces: Iterable<readonly [string, NamespaceState]>,
  secret: PullSecret | undefined,
  nowMs: number,
): ControllerStatus {
  const secrets = { valid: 0, expired: 0, missing: 0, failed: 0, refused: 0, contended: 0 };
  for (const [, state] of namespaces) {
    if (state.labelled && !state.terminating) secrets[secretStatusOf(state, nowMs)] += 1;
  }
  return {
    ...now,
    hasToken: secret !== undefined,
    secrets,
    tokens: (secret?.tokens ?? []).flatMap(({ hosts, expiresAtMs }) => hosts.map((host) => ({ host, expiresAtMs }))),
  };
}

/**
 * Why it is not ready; undefined where it is. Ready: leads with every known namespace served, or stands by in sync, and sees
 * what happens.
 */
export function whyNotReady({
  isLeading,
  isSynced,
  isCut,
  hasToken,
  hasCaughtUp,
}: ControllerStatus): string | undefined {
  if (!isSynced) return 'namespaces and secrets are not in sync yet';
  if (isCut) return 'the API server does not let namespaces, secrets or the Lease be seen';
  if (!isLeading) return undefined;
  if (!hasToken) return 'ECR has given no token yet';
  return hasCaughtUp ? undefined : 'not every namespace has been served yet';
}

import { failureTable } from '../core/failures/failure-table.ts';
import type { Outcome } from '../core/secret/outcome.ts';
import type { Log, LogLevel } from '../ports.ts';

/**
 * One line for each namespace where something changed in kind or went wrong; a plain refresh, of which a pass may have
 * thousands, only for who asks (`LOG_LEVEL=debug`).
 */
export function report(log: Log, namespace: string, secretName: string, outcome: Outcome, dryRun: boolean): void {
  const [, reason] = outcome;
  if (typeof reason === 'object') {
    log('error', failureTable[reason.code].what, { failure: reason });
    return;
  }
  log(levels[reason], (dryRun ? dryMessages : messages)[reason], { namespace, secret: secretName, reason });
}

type Reason = Exclude<Outcome[1], object>;

const levels: Readonly<Record<Reason, LogLevel>> = {
  SecretCreated: 'info',
  SecretRefreshed: 'debug',
  SecretUpToDate: 'debug',
  SecretIsNewer: 'debug',
  SecretAdopted: 'info',
  SecretMerged: 'info',
  SecretOverwritten: 'warn',
  NamespaceGone: 'info',
  NamespaceTerminating: 'info',
  Interrupted: 'debug',
  DeadlinePassed: 'debug',
};

const messages: Readonly<Record<Reason, string>> = {
  SecretCreated: 'Pull secret created',
  SecretRefreshed: 'Pull secret refreshed',
  SecretUpToDate: 'Pull secret is up to date',
  SecretIsNewer: 'Pull secret already holds a newer token',
  SecretAdopted: 'Pull secret of another writer adopted',
  SecretMerged: 'Pull secret refreshed beside the logins of others',
  SecretOverwritten: 'Pull secret refreshed, logins of others overwritten',
  NamespaceGone: 'Namespace is gone, skipped',
  NamespaceTerminating: 'Namespace is terminating, skipped',
  Interrupted: 'Namespace not served',
  DeadlinePassed: 'Namespace not served',
};

const dryMessages: Readonly<Record<Reason, string>> = {
  ...messages,
  SecretCreated: 'Pull secret would be created',
  SecretRefreshed: 'Pull secret would be refreshed',
  SecretAdopted: 'Pull secret of another writer would be adopted',
  SecretMerged: 'Pull secret would be refreshed beside the logins of others',
  SecretOverwritten: 'Pull secret would be refreshed, logins of others overwritten',
};

import type { ExitCode } from '../failures/errors.ts';
import type { InventoryEntry, SecretFacts } from './inventory.ts';
import { fieldManagers, timestamp } from '../secret/pull-secret.ts';

/** A token lives twelve hours and is renewed long before its last quarter. */
export const expiringMs = 3 * 3_600_000;

type Row = {
  /** In one or two words, for a table. */
  word: string;
  /** Whether anything is to be done. */
  amiss: boolean;
  fix: string;
};

/** What there is to say of a namespace, in the order in which it matters. The codes are stable. */
export const statusTable = {
  PullSecretMissing: {
    word: 'missing',
    amiss: true,
    fix: 'Run a pass (refresh); where it was not served, the pass says why.',
  },
  PullSecretExpired: {
    word: 'expired',
    amiss: true,
    fix: 'Look at what runs this program (doctor), or run a pass (refresh) now.',
  },
  PullSecretOfOthers: {
    word: 'not ours',
    amiss: true,
    fix: 'Run a pass (refresh): it adopts the secret where nothing of others is lost, and says why where it cannot.',
  },
  SecretHasOtherWriters: {
    word: 'overwritten',
    amiss: true,
    fix: 'Stop the other writer, which "managed by" names, or set ECR_SECRET_NAME to use another name.',
  },
  PullSecretExpiring: {
    word: 'expiring',
    amiss: true,
    fix: 'It should have been renewed by now: look at what runs this program (doctor).',
  },
  ExpiryUnknown: {
    word: 'no expiry',
    amiss: true,
    fix: 'Somebody took its annotations off; a pass (refresh) writes them again.',
  },
  LabelLost: {
    word: 'no label',
    amiss: true,
    fix: 'The namespace is not served any more: label it, or remove what is left with prune.',
  },
  NamespaceTerminating: { word: 'terminating', amiss: false, fix: '' },
  PullSecretValid: { word: 'valid', amiss: false, fix: '' },
} as const satisfies Record<string, Row>;

export type StatusCode = keyof typeof statusTable;

export const statusCodes = Object.keys(statusTable).filter(isStatusCode);

function isStatusCode(word: string): word is StatusCode {
  return Object.hasOwn(statusTable, word);
}

/** The state of one namespace. */
export type NamespaceStatus = {
  namespace: string;
  labelled: boolean;
  secret: SecretFacts | undefined;
  code: StatusCode;
};

/** Judges one namespace; absent for a secret of others that merely has the same name. */
export function judgeStatus(entry: InventoryEntry, nowMs: number): NamespaceStatus | undefined {
  const { namespace, labelled, secret } = entry;
  if (!labelled && secret?.managedByUs !== true) return undefined;
  return { namespace, labelled, secret, code: codeOf(entry, nowMs) };
}

function codeOf({ labelled, terminating, secret }: InventoryEntry, nowMs: number): StatusCode {
  if (terminating || secret?.terminating === true) return 'NamespaceTerminating';
  if (secret === undefined) return 'PullSecretMissing';
  if (!labelled) return 'LabelLost';
  if (!secret.managedByUs) return 'PullSecretOfOthers';
  if (!isWrittenByUs(secret)) return 'SecretHasOtherWriters';
  if (secret.expiresAtMs === undefined) return 'ExpiryUnknown';
  if (secret.expiresAtMs <= nowMs) return 'PullSecretExpired';
  return secret.expiresAtMs - nowMs < expiringMs ? 'PullSecretExpiring' : 'PullSecretValid';
}

/** Where a server tells nothing of managers, the label is believed. */
function isWrittenByUs({ managers }: SecretFacts): boolean {
  const own: readonly string[] = Object.values(fieldManagers);
  return managers.length === 0 || managers.some((manager) => own.includes(manager));
}

/** How many namespaces are in which state. */
export type StatusCounts = Record<StatusCode, number>;

export function noCounts(): StatusCounts {
  return {
    PullSecretMissing: 0,
    PullSecretExpired: 0,
    PullSecretOfOthers: 0,
    SecretHasOtherWriters: 0,
    PullSecretExpiring: 0,
    ExpiryUnknown: 0,
    LabelLost: 0,
    NamespaceTerminating: 0,
    PullSecretValid: 0,
  };
}

/** 0 where nothing is to be done, else 5. */
export function exitCodeOfCounts(counts: StatusCounts): ExitCode {
  return statusCodes.some((code) => statusTable[code].amiss && counts[code] > 0) ? 5 : 0;
}

/** A namespace as machines read it; keys are never left out. */
export function statusDocument({ namespace, labelled, secret, code }: NamespaceStatus, name: string, nowMs: number) {
  const { amiss, fix } = statusTable[code];
  const expiresAtMs = secret?.expiresAtMs;
  return {
    namespace,
    labelled,
    secret: secret === undefined ? null : name,
    registries: secret?.registries ?? [],
    refreshedAt: instant(secret?.refreshedAtMs),
    expiresAt: instant(expiresAtMs),
    expiresInSeconds: expiresAtMs === undefined ? null : Math.floor((expiresAtMs - nowMs) / 1000),
    managers: secret?.managers ?? [],
    state: code,
    problem: amiss,
    fix: fix === '' ? null : fix,
  };
}

function instant(atMs: number | undefined): string | null {
  return atMs === undefined ? null : timestamp(atMs);
}

/** The counts in words, the good news first: `3 namespaces: 2 valid, 1 missing`. */
export function countsLine(counts: StatusCounts): string {
  const total = statusCodes.reduce((sum, code) => sum + counts[code], 0);
  const parts = statusCodes.toReversed().flatMap((code) => {
    return counts[code] === 0 ? [] : [`${counts[code]} ${statusTable[code].word}`];
  });
  const head = `${total} ${total === 1 ? 'namespace' : 'namespaces'}`;
  return parts.length === 0 ? head : `${head}: ${parts.join(', ')}`;
}

/** What is to be done about each kind of problem that there is. */
export function remedyLines(counts: StatusCounts): string[] {
  return statusCodes
    .filter((code) => statusTable[code].amiss && counts[code] > 0)
    .map((code) => `${statusTable[code].word} (${code}): ${statusTable[code].fix}`);
}

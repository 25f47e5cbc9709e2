import type { Moment } from '../api/machine.ts';
import { isRecord, text } from '../api/reply.ts';
import type { Described } from './newer.ts';
import { dockerConfig, mergedConfig } from './docker-config.ts';
import type { AuthorizationToken } from './token.ts';

export const pullSecretType = 'kubernetes.io/dockerconfigjson';
export const dataKey = '.dockerconfigjson';

/**
 * Who owns what we write. Where logins of others were merged in, another manager owns the data: a later pass that is not
 * told to merge then meets a conflict instead of dropping those logins unseen.
 */
export const fieldManagers = { own: 'ecr-cred-helper', merge: 'ecr-cred-helper-merge' } as const;

export const managedBy = { label: 'app.kubernetes.io/managed-by', value: 'ecr-cred-helper' } as const;

export const annotations = {
  /** Hosts, comma-separated. */
  registries: 'ecr-cred-helper/registries',
  /** RFC 3339. */
  refreshedAt: 'ecr-cred-helper/refreshed-at',
  /** RFC 3339, of the token that expires first; to the millisecond, since two instances may get theirs in the same second. */
  expiresAt: 'ecr-cred-helper/expires-at',
} as const;

/** Tells Argo CD and Flux that this object is none of theirs, wherever their labels were copied onto it. */
const handsOff = {
  'argocd.argoproj.io/compare-options': 'IgnoreExtraneous',
  'argocd.argoproj.io/sync-options': 'Prune=false',
  'kustomize.toolkit.fluxcd.io/prune': 'disabled',
} as const;

/** A pull secret as it should be, the same for every namespace. Holds tokens. */
export type PullSecret = {
  name: string;
  tokens: readonly AuthorizationToken[];
  hosts: readonly string[];
  /** Hosts for which there is no token now; a login for them that is there is kept while it lives. */
  missing: readonly string[];
  /** Of the token that expires first. */
  expiresAtMs: number;
  /** When they came. */
  gotAt: Moment;
  /** The apply configuration, serialised once for all namespaces. */
  body: string;
};

/** The pull secret that holds these tokens, and what there is of logins for other hosts that are `missing`. */
export function pullSecret(
  name: string,
  tokens: readonly AuthorizationToken[],
  gotAt: Moment,
  missing: readonly string[] = [],
): PullSecret {
  return {
    name,
    tokens,
    missing,
    hosts: tokens.flatMap((token) => token.hosts).sort(),
    expiresAtMs: Math.min(...tokens.map((token) => token.expiresAtMs)),
    gotAt,
    body: JSON.stringify(applyConfiguration(name, tokens, dockerConfig(tokens))),
  };
}

/**
 * The apply configuration that takes over an existing secret, on the condition that it is still the one that was read.
 */
export function takeoverBody(secret: PullSecret, { existing, merge, carried }: TakenOver): string {
  const tokens = [...secret.tokens, ...carried];
  const config = merge ? mergedConfig(existing.data, tokens) : dockerConfig(tokens);
  return JSON.stringify(applyConfiguration(secret.name, tokens, config, existing.resourceVersion));
}

/** What is kept of a secret that is taken over. */
export type TakenOver = {
  existing: ExistingSecret;
  /** Keep the logins of others beside ours. */
  merge: boolean;
  /** Logins for hosts for which there is no token now. */
  carried: readonly AuthorizationToken[];
};

/**
 * The same apply configuration, on the condition that the secret is at this revision. The body is the same for all
 * namespaces and not parsed for each.
 */
export function onCondition(body: string, resourceVersion: string | undefined): string {
  if (resourceVersion === undefined) return body;
  return body.replace('"metadata":{', `"metadata":{"resourceVersion":${JSON.stringify(resourceVersion)},`);
}

/** What a pull secret's metadata say; nothing in it is secret. Absent or no date: undefined. */
export type PullSecretNotes = Described & { refreshedAtMs: number | undefined };

/** Reads our annotations and our label from an object's metadata. */
export function pullSecretNotes(metadata: Record<string, unknown>): PullSecretNotes {
  const notes = isRecord(metadata['annotations']) ? metadata['annotations'] : {};
  const labels = isRecord(metadata['labels']) ? metadata['labels'] : {};
  return {
    registries: hostsIn(text(notes[annotations.registries])),
    refreshedAtMs: instant(notes[annotations.refreshedAt]),
    expiresAtMs: instant(notes[annotations.expiresAt]),
    managedByUs: labels[managedBy.label] === managedBy.value,
  };
}

/** More than all of ours together; what is longer is no note of ours. */
const mostNoted = 16 * 1024;

function hostsIn(note: string): string[] {
  return note.length > mostNoted ? [] : note.split(',').filter(Boolean);
}

function instant(note: unknown): number | undefined {
  const atMs = Date.parse(text(note));
  return Number.isNaN(atMs) ? undefined : atMs;
}

/** A secret as it stands, as far as decisions rest on it. `data` is secret. */
export type ExistingSecret = PullSecretNotes & {
  type: string;
  immutable: boolean;
  resourceVersion: string;
  /** base64. */
  data: string | undefined;
};

/** Reads a Secret (or its metadata alone) as the API answers it; absent for anything else. */
export function existingSecret(body: unknown): ExistingSecret | undefined {
  if (!isRecord(body) || !isRecord(body['metadata'])) return undefined;
  const metadata = body['metadata'];
  const resourceVersion = text(metadata['resourceVersion']);
  if (resourceVersion === '') return undefined;
  const data = isRecord(body['data']) ? body['data'][dataKey] : undefined;
  return {
    ...pullSecretNotes(metadata),
    type: text(body['type']),
    immutable: body['immutable'] === true,
    resourceVersion,
    data: typeof data === 'string' ? data : undefined,
  };
}

function applyConfiguration(
  name: string,
  tokens: readonly AuthorizationToken[],
  config: Record<string, unknown>,
  resourceVersion?: string,
): Record<string, unknown> {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      labels: { [managedBy.label]: managedBy.value },
      annotations: {
        [annotations.registries]: tokens
          .flatMap((token) => token.hosts)
          .sort()
          .join(','),
        [annotations.refreshedAt]: timestamp(Math.min(...tokens.map((token) => token.issuedAtMs))),
        [annotations.expiresAt]: new Date(Math.min(...tokens.map((token) => token.expiresAtMs))).toISOString(),
        ...handsOff,
      },
    },
    type: pullSecretType,
    data: { [dataKey]: Buffer.from(JSON.stringify(config)).toString('base64') },
  };
}

/** RFC 3339 in UTC, whole seconds. */
export function timestamp(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

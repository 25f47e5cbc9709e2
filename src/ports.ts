/**
 * What the passes need from the world. Adapters implement these; tests and the simulation implement them too.
 * Replies are plain facts: what they mean is decided in `core`.
 */
import type { AwsReply, TokenRequest } from './core/token.ts';
import type { ApiReply } from './core/api-reply.ts';

export type Clock = {
  /** Wall-clock time in milliseconds since the epoch. */
  nowMs(): number;
  /** Resolves after `delayMs`, or at once when `signal` aborts; never rejects. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
};

/** Uniform in [0, 1). */
export type Random = () => number;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** A constant message plus keys. Whatever is logged passes the redactor before it is written. */
export type Log = (level: LogLevel, message: string, keys?: Readonly<Record<string, unknown>>) => void;

/** How far a pass is, for who watches it on a terminal. */
export type Progress = {
  /** `more`: further namespaces than `known` are still to be read. */
  update(state: { done: number; known: number; more: boolean }): void;
  end(): void;
};

/** Asks ECR for an authorization token. Never throws for what AWS or the network answers. */
export type TokenSource = {
  issue(request: TokenRequest, signal: AbortSignal): Promise<AwsReply>;
};

export type ListQuery = {
  labelSelector: string;
  /** Items a page. */
  limit: number;
  continueToken?: string;
};

export type ApplyRequest = {
  namespace: string;
  secretName: string;
  /** A serialised apply configuration; JSON. */
  body: string;
  /** Take fields that other managers own. */
  force: boolean;
  /** Ask the server to answer as if, and store nothing. */
  dryRun: boolean;
  /** `ecr-cred-helper` unless logins of others are merged in; see `core/pull-secret`. */
  fieldManager: string;
};

/**
 * The requests of a pass. Each is one attempt: one HTTP request with a time limit of its own, never retried here.
 * Never throws for what the server or the network answers.
 */
export type Cluster = {
  /** Where requests go, for messages: `https://10.0.0.1:443`. */
  readonly server: string;
  /** Metadata of namespaces alone. */
  listNamespaces(query: ListQuery, signal: AbortSignal): Promise<ApiReply>;
  /** Server-side apply; answers with metadata alone. */
  applySecret(request: ApplyRequest, signal: AbortSignal): Promise<ApiReply>;
  /** The whole secret, data included. */
  readSecret(namespace: string, secretName: string, signal: AbortSignal): Promise<ApiReply>;
  /** The secret's metadata alone. */
  readSecretMetadata(namespace: string, secretName: string, signal: AbortSignal): Promise<ApiReply>;
};

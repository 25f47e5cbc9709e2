/**
 * What the ways to run need from the world. Adapters implement these; tests and the simulation implement them too.
 * Replies are plain facts: what they mean is decided in `core`.
 */
import type { AwsReply, TokenRequest } from './core/secret/token.ts';
import type { PageQuery } from './core/api/pages.ts';
import type { ApiReply } from './core/api/reply.ts';
import type { FailureCode } from './core/failures/errors.ts';
import type { LeasePlace } from './core/controller/lease.ts';
import type { ControllerStatus } from './core/controller/controller-status.ts';
import type { Outcome } from './core/secret/outcome.ts';
import type { SafeText } from './core/text/sink.ts';

export type Clock = {
  /** Wall-clock time in milliseconds since the epoch; it may be set at any time. */
  readonly nowMs: () => number;
  /** Milliseconds since any moment; never jumps. `sleep` goes by it. */
  readonly steadyMs: () => number;
  /** Resolves after `delayMs`, or at once when `signal` aborts; never rejects. */
  readonly sleep: (delayMs: number, signal?: AbortSignal) => Promise<void>;
};

/** Uniform in [0, 1). */
export type Random = () => number;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** A constant message plus keys. Whatever is logged passes the redactor before it is written. */
export type Log = (level: LogLevel, message: string, keys?: Readonly<Record<string, unknown>>) => void;

/** How far a pass is, for who watches it on a terminal. */
export type Progress = {
  /** `more`: further namespaces than `known` are still to be read. */
  readonly update: (state: { done: number; known: number; more: boolean }) => void;
  readonly end: () => void;
};

/** Asks ECR for an authorization token. Never throws for what AWS or the network answers. */
export type TokenSource = {
  issue(request: TokenRequest, signal: AbortSignal): Promise<AwsReply>;
};

export type ListQuery = PageQuery & {
  labelSelector: string;
  /** This namespace alone. */
  name?: string;
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
  /** `ecr-cred-helper` unless logins of others are merged in; see `core/secret/pull-secret`. */
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
  /**
   * The whole secret, data included.
   * @param mostBytes an answer that is larger is `TooLarge`; 512 KiB where absent.
   */
  readSecret(namespace: string, secretName: string, signal: AbortSignal, mostBytes?: number): Promise<ApiReply>;
  /** The secret's metadata alone. */
  readSecretMetadata(namespace: string, secretName: string, signal: AbortSignal): Promise<ApiReply>;
};

/** What a watch or a list is about; metadata alone in both. */
export type WatchTopic =
  | { kind: 'namespaces'; labelSelector: string; name?: string }
  | { kind: 'secrets'; secretName: string };

export type WatchStart = {
  /** Absent: from the beginning, the objects there are now first and then a bookmark (`sendInitialEvents`). */
  resourceVersion?: string;
  /** The server ends the watch after so long. */
  timeoutSeconds: number;
};

/** What a watch tells while it is open. */
export type WatchListener = {
  /** The server has begun to answer. */
  readonly opened?: () => void;
  /** Each parsed event as it comes. */
  readonly event: (event: unknown) => void;
};

/** How a watch ended: by the server or the connection after it had begun, else what the request was answered with. */
export type WatchEnd = { kind: 'ended'; why: string } | ApiReply;

/** What the controller asks for beyond a pass. Each is one attempt, as in `Cluster`, and never throws. */
export type ControllerCluster = Cluster & {
  /** A page of metadata of what the topic is about. */
  listTopic(topic: WatchTopic, page: PageQuery, signal: AbortSignal): Promise<ApiReply>;
  /** Watches until the server, the connection or `signal` ends it. */
  watchTopic(topic: WatchTopic, start: WatchStart, listener: WatchListener, signal: AbortSignal): Promise<WatchEnd>;
  /** Deletes the secret if it is still the one that was read. */
  deleteSecret(
    place: { namespace: string; secretName: string },
    still: { uid: string; resourceVersion: string },
    signal: AbortSignal,
  ): Promise<ApiReply>;
  readLease(place: LeasePlace, signal: AbortSignal): Promise<ApiReply>;
  /** `body` is a serialised Lease; the update is conditional on the resourceVersion in it. */
  createLease(place: LeasePlace, body: string, signal: AbortSignal): Promise<ApiReply>;
  updateLease(place: LeasePlace, body: string, signal: AbortSignal): Promise<ApiReply>;
  /** As `watchTopic`, of this one Lease, whole: as it stands first, and then each change. */
  watchLease(
    place: LeasePlace,
    start: Pick<WatchStart, 'timeoutSeconds'>,
    listener: WatchListener,
    signal: AbortSignal,
  ): Promise<WatchEnd>;
  /** `body` is a serialised `events.k8s.io/v1` Event. */
  createEvent(namespace: string, body: SafeText, signal: AbortSignal): Promise<ApiReply>;
};

/** The numbers, as Prometheus reads them. */
export type Metrics = {
  meter: Meter;
  /** From where the controller's status is had, once a scrape. */
  attach(status: () => ControllerStatus): void;
  /** Text format 0.0.4. */
  text(): Promise<string>;
};

/** What the probes answer; a text is the reason why not. */
export type ProbeAnswers = {
  health(): string | undefined;
  readiness(): string | undefined;
  /** Each part and what is wrong with it, a line each, for people. */
  explanation(): string;
  metrics(): Promise<string>;
};

/** The port on which the probes are answered. */
export type Probes = { port: number; close(): Promise<void> };

/** Counts what happened, for who watches the numbers. */
export type Meter = {
  applied(outcome: Outcome, tookMs: number): void;
  /** From the moment that a namespace needed work to the moment that it was taken up. */
  waited(waitedMs: number): void;
  ecrCalled(result: 'ok' | FailureCode): void;
  /** Something came on a watch, or it was listed anew. */
  watchHeard(topic: WatchTopic['kind']): void;
  watchRestarted(topic: WatchTopic['kind'], reason: string): void;
  contended(): void;
  pruned(outcome: string): void;
  eventSent(accepted: boolean): void;
};

/** What `doctor` asks the API server beyond a pass. Each is one attempt, as in `Cluster`, and never throws. */
export type Inspector = {
  /** `path` with its query. `metadata`: lists of which nothing else is needed. */
  readonly read: (path: string, form: 'whole' | 'metadata', signal: AbortSignal) => Promise<ApiReply>;
  /** Posts a review, which the server answers and does not store. */
  readonly review: (path: string, body: string, signal: AbortSignal) => Promise<ApiReply>;
};

/** Who AWS takes us for, as plain facts. */
export type IdentityReply = {
  /** The marks of the link of the SDK's credential chain that answered; absent where none did. */
  credentials?: { features: readonly string[]; expiresAtMs?: number };
  caller?: { arn: string; account: string };
  /** What went wrong where there is no caller. */
  error?: Extract<AwsReply, { kind: 'error' }>;
  /** The `Date` of the last answer, and our clock when it came. */
  clock?: { host: string; serverMs: number; localMs: number };
};

/** Asks STS whose the credentials are. Never throws for what AWS or the network answers. */
export type IdentitySource = {
  /** `region` absent: the SDK's own resolution. */
  readonly identify: (region: string | undefined, signal: AbortSignal) => Promise<IdentityReply>;
};

/** Asks registries as a client that pulls does, on the way that is configured. Never throws. */
export type RegistryProbe = {
  /** The proxy on the way to a host, without its user and password; undefined where there is none. */
  readonly proxyOf: (host: string) => string | undefined;
  readonly ask: (request: RegistryRequest, signal: AbortSignal) => Promise<ApiReply>;
};

export type RegistryRequest = {
  method: 'GET' | 'HEAD';
  host: string;
  /** `/v2/…` */
  path: string;
  /** Of the user `AWS`. */
  password: string;
};

export type SecretsQuery = PageQuery & {
  secretName: string;
  /** In this namespace alone. */
  namespace?: string;
};

/** What `status` asks for. Each is one attempt, as in `Cluster`, and never throws. */
export type InventoryCluster = Pick<Cluster, 'server' | 'listNamespaces'> & {
  /** Metadata of the secrets of one name, in the order of their keys in etcd. */
  listSecrets(query: SecretsQuery, signal: AbortSignal): Promise<ApiReply>;
};

/** What `prune` asks for beyond that. */
export type PruneCluster = InventoryCluster &
  Pick<Cluster, 'readSecret'> & {
    /** Deletes the secret if it is still the one that was read. */
    removeSecret(
      place: { namespace: string; secretName: string },
      still: { uid: string; resourceVersion: string },
      dryRun: boolean,
      signal: AbortSignal,
    ): Promise<ApiReply>;
    /** Whole objects, since their metadata does not name pull secrets. */
    listServiceAccounts(namespace: string, page: PageQuery, signal: AbortSignal): Promise<ApiReply>;
    /** `body` is a serialised JSON Patch; answers with metadata alone. */
    patchServiceAccount(
      place: { namespace: string; name: string },
      body: string,
      dryRun: boolean,
      signal: AbortSignal,
    ): Promise<ApiReply>;
  };

import type { Registry } from '../core/secret/registry-host.ts';
import type { LogLevel } from '../ports.ts';

/** What to do with a secret of our name that holds data of others. */
export type OnConflict = 'refuse' | 'merge' | 'overwrite';

/** Absent host: every interface. */
export type ListenAddress = { host?: string; port: number };

/** Everything the commands are told, parsed and judged. Nothing in it is a credential. */
export type Settings = {
  secretName: string;
  /** `credentialType=ecr` unless set otherwise. */
  labelName: string;
  labelValue: string;
  /** Empty: the host that ECR names. */
  registries: readonly Registry[];
  /** Where no registry names one; absent: the SDK's own resolution. */
  region?: string;
  onConflict: OnConflict;
  dryRun: boolean;
  /** `wide` is for tables alone. */
  output: 'text' | 'json' | 'wide';
  /** For a whole pass. */
  deadlineMs: number;
  /** For one request to the Kubernetes API or to AWS. */
  requestTimeoutMs: number;
  /** Most requests to the Kubernetes API at once. */
  concurrency: number;
  logLevel: LogLevel;
  logFormat: 'auto' | 'text' | 'json';
  /** Path list as in KUBECONFIG; absent: in-cluster, else `~/.kube/config`. */
  kubeconfig?: string;
  context?: string;
  /** On whose behalf the API server is asked, as RBAC names it. */
  as?: string;
  /** The groups of `as`; service accounts have theirs without. */
  asGroups: readonly string[];
  /** The one namespace to look at; absent: all. */
  namespace?: string;
  /** Whether status shows only what somebody has to do something about. */
  problems: boolean;
  /** Whether status stays and keeps its table current. */
  watch: boolean;
  /** Whether prune takes labelled namespaces, too. */
  all: boolean;
  /** Whether prune may act. */
  yes: boolean;
  /** The image that doctor asks its registry for. */
  image?: string;
  /** Whether doctor tells what it looked at where all is in order, too. */
  verbose: boolean;
  /** Whether the controller's replicas elect the one that writes. */
  leaderElection: boolean;
  leaseName: string;
  /** Absent: the namespace of the pod. */
  leaseNamespace?: string;
  /** Whether a namespace that loses the label loses its pull secret. */
  prune: boolean;
  /** Where metrics and probes are served. */
  listen: ListenAddress;
  /** For what is in flight when the controller is told to stop. */
  graceMs: number;
};

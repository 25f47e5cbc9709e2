import type { StaticKey } from '../config/aws/static-key.ts';
import type { Settings } from '../config/settings.ts';
import type { Failure, Result } from '../core/failures/errors.ts';
import type { Warning } from '../core/failures/warnings.ts';
import type { SettingFact } from '../core/doctor/configuration.ts';
import type { Origin } from '../core/doctor/pod-template.ts';
import type { Learn } from '../core/text/secrets.ts';
import type { Clock, Cluster, IdentitySource, Inspector, Random, RegistryProbe, TokenSource } from '../ports.ts';

/** One API server, asked as somebody. */
export type Asked = Cluster & Inspector;

/** What of the settings the checks rest on. */
export type DoctorSettings = Pick<
  Settings,
  | 'secretName'
  | 'labelName'
  | 'labelValue'
  | 'registries'
  | 'region'
  | 'onConflict'
  | 'concurrency'
  | 'leaderElection'
  | 'leaseName'
  | 'leaseNamespace'
>;

/** A configuration as it was read and judged: that of this process, or that of pods. */
export type Judged = {
  settings: DoctorSettings;
  set: readonly SettingFact[];
  failures: readonly Failure[];
  warnings: readonly Warning[];
};

/** What is asked of doctor itself. */
export type Question = {
  /** The user to ask on behalf of, as RBAC names it; absent: the account of what runs the program. */
  as?: string;
  /** An image to ask its registry for. */
  image?: string;
  /** The one namespace to look at; absent: all that are labelled. */
  namespace?: string;
};

/** What a pod finds, as its configuration is judged by it. */
export type PodConfiguration = {
  argv: readonly string[];
  env: Readonly<Record<string, string>>;
  origins: ReadonlyMap<string, Origin>;
  readonly readFile: (path: string) => string | undefined;
};

export type DoctorDeps = {
  clock: Clock;
  random: Random;
  /** Of this program. */
  version: string;
  /** AWS, asked with a key, or with whatever credentials this process finds. */
  readonly aws: (key?: StaticKey) => { tokens: Result<TokenSource>; identity: IdentitySource };
  registries: RegistryProbe;
  cluster: Result<DoctorCluster>;
  /** Judges what a pod is configured with; settings that were given as flags here go before it. */
  readonly judge: (pod: PodConfiguration) => Judged & { key?: StaticKey };
};

export type DoctorCluster = {
  /** As ourselves, to look around. */
  own: Asked;
  /** Whether we are a pod of the cluster: then our own settings are those that run. */
  isPod: boolean;
  /** As another user. */
  as(user: string): Asked;
};

/** What `explain` needs of it: nothing is asked of AWS. */
export type ExplainDeps = Omit<DoctorDeps, 'aws'> & {
  /** Hears of each secret that is read. */
  readonly learn: Learn;
};

import type { Settings } from '../config/settings.ts';
import type { Result } from '../core/failures/errors.ts';
import type { Clock, Cluster, IdentitySource, Inspector, Random, RegistryProbe, TokenSource } from '../ports.ts';

/** One API server, asked as somebody. */
export type Asked = Cluster & Inspector;

export type DoctorDeps = {
  clock: Clock;
  random: Random;
  tokens: Result<TokenSource>;
  identity: IdentitySource;
  registries: RegistryProbe;
  /** `own`: as ourselves, to look around. `asked`: as whoever the permissions are asked for; both the same without `--as`. */
  cluster: Result<{ own: Asked; asked: Asked }>;
};

export type DoctorSettings = Pick<
  Settings,
  'secretName' | 'labelName' | 'labelValue' | 'registries' | 'region' | 'onConflict' | 'concurrency'
> & {
  /** The user to ask on behalf of, as RBAC names it. */
  as?: string;
  /** An image to ask its registry for. */
  image?: string;
};

import type { Settings } from '../config/settings.ts';
import type { Horizon } from '../core/controller/horizon.ts';
import type { NamespaceState } from '../core/controller/namespace-state.ts';
import type { Sink } from '../core/text/sink.ts';
import type { Clock, Log, Meter, Random } from '../ports.ts';
import type { NamespaceTable } from './namespaces.ts';
import type { TokenKeeper } from './tokens.ts';
import type { Trouble } from './trouble.ts';

export type ReconcileSettings = Pick<Settings, 'secretName' | 'labelName' | 'labelValue' | 'onConflict'> & {
  prune: boolean;
  /** Who reports, in events. */
  identity: string;
};

export type ReconcileDeps = {
  clock: Clock;
  random: Random;
  log: Log;
  meter: Meter;
  sink: Sink;
  /** That no Event is taken. */
  events: Trouble;
};

/** What reconciling a namespace needs to know and to change. */
export type Board = {
  table: NamespaceTable;
  keeper: Pick<TokenKeeper, 'secret'>;
  horizon: Horizon;
  /** Whether this replica may write now. */
  readonly isLeading: () => boolean;
  /** Its secret was found to hold a newer token, of another run of this program. */
  readonly onNewer: (namespace: string) => void;
  /** Has it looked at again, by the steady clock. */
  readonly later: (namespace: string, dueMs: number) => void;
};

/** A namespace that is looked at. */
export type Known = {
  namespace: string;
  state: NamespaceState;
  board: Board;
  settings: ReconcileSettings;
  deps: ReconcileDeps;
};

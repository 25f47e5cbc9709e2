import { judgeNamespace } from '../core/controller/namespace-state.ts';
import type { Lane, WorkQueue } from '../core/controller/work-queue.ts';
import type { SteadyClock } from '../ports.ts';
import type { NamespaceTable } from './namespaces.ts';
import type { TokenKeeper } from './tokens.ts';

/** Which namespaces need work. */
export type Backlog = {
  /** Something changed for these. */
  look(namespaces: readonly string[]): void;
  /** Something changed for all: new tokens, in sync at last. */
  lookAtAll(): void;
  /** A term begins: whatever waited belongs to the one before. */
  restart(): void;
  /** The work on one is done, for now. */
  done(namespace: string): void;
  /** Since the term began, every namespace that was known has been served or has failed. */
  hasCaughtUp(): boolean;
};

export type BacklogDeps = {
  table: NamespaceTable;
  queue: WorkQueue;
  keeper: TokenKeeper;
  clock: SteadyClock;
  /** Whether work may be done at all. */
  readonly isReady: () => boolean;
  /** Hands out what can be done now. */
  readonly pump: () => void;
};

/** Puts the namespaces that need work into the queue, as far as this process may do it. */
export function createBacklog(settings: { prune: boolean }, deps: BacklogDeps): Backlog {
  const { table, queue, keeper, clock, isReady, pump } = deps;
  let caughtUp = false;

  const lookAt = (namespace: string, lane: Lane): void => {
    const state = table.get(namespace);
    if (state === undefined) return queue.forget(namespace);
    if (!isReady()) return;
    const now = { wallMs: clock.nowMs(), steadyMs: clock.steadyMs() };
    const [what, reason] = judgeNamespace(state, keeper.secret(), settings.prune, now);
    if (what === 'nothing' && reason !== 'SecretIsNewer') return;
    queue.add(namespace, lane, now.steadyMs);
  };
  const lookAtAll = (): void => {
    for (const [namespace] of table.all()) lookAt(namespace, 'routine');
    pump();
  };

  return {
    look(namespaces) {
      for (const namespace of namespaces) lookAt(namespace, 'urgent');
      pump();
    },
    lookAtAll,
    restart() {
      caughtUp = false;
      queue.clear();
      table.lead();
      lookAtAll();
    },
    done(namespace) {
      queue.done(namespace, clock.steadyMs());
      if (table.dropped(namespace)) queue.forget(namespace);
      caughtUp ||= isReady() && queue.depth === 0;
      pump();
    },
    hasCaughtUp: () => caughtUp || (isReady() && queue.depth === 0),
  };
}

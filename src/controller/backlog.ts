import { rememberedUntilMs } from '../core/controller/announcement.ts';
import { isNothing, isUnsaid, judgeNamespace, type NamespaceState } from '../core/controller/namespace-state.ts';
import type { Lane } from '../core/queue/work-queue.ts';
import type { Clock } from '../ports.ts';
import type { NamespaceTable } from './namespaces.ts';
import type { TokenKeeper } from './tokens.ts';
import { momentOf } from '../serving/moment.ts';

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

/** Where work is put, of whoever does it. */
export type WorkPlace = {
  add(namespace: string, lane: Lane): void;
  addAt(namespace: string, dueMs: number): void;
  forget(namespace: string): void;
  clear(): void;
  isInWork(namespace: string): boolean;
  /** Takes up what can be. */
  pump(): void;
  readonly depth: number;
};

export type BacklogDeps = {
  table: NamespaceTable;
  engine: WorkPlace;
  keeper: Pick<TokenKeeper, 'secret'>;
  clock: Clock;
  /** Whether work may be done at all. */
  readonly isReady: () => boolean;
};

/** Gives the namespaces that need work to the engine, as far as this process may do it. */
export function createBacklog(settings: { prune: boolean }, deps: BacklogDeps): Backlog {
  const { table, engine, keeper, clock, isReady } = deps;
  let caughtUp = false;

  const lookAt = (namespace: string, lane: Lane): void => {
    const state = table.get(namespace);
    // What is under way is waited for: only its end tells what it left.
    if (state?.labelled !== true) engine.forget(namespace);
    if (state === undefined || isDropped(namespace, state) || !isReady()) return;
    const now = momentOf(clock);
    const [what] = judgeNamespace(state, keeper.secret(), settings.prune, now);
    if (what === 'nothing' && !isUnsaid(state)) return;
    engine.add(namespace, lane);
  };
  const isDropped = (namespace: string, state: NamespaceState): boolean => {
    if (engine.isInWork(namespace)) return false;
    if (table.dropped(namespace, clock.steadyMs())) return true;
    const dueMs = isNothing(state) ? rememberedUntilMs(state) : undefined;
    if (dueMs !== undefined) engine.addAt(namespace, dueMs);
    return false;
  };
  const lookAtAll = (): void => {
    for (const [namespace] of table.all()) lookAt(namespace, 'routine');
    engine.pump();
  };

  return {
    look(namespaces) {
      for (const namespace of namespaces) lookAt(namespace, 'urgent');
      engine.pump();
    },
    lookAtAll,
    restart() {
      caughtUp = false;
      engine.clear();
      table.doubt();
      lookAtAll();
    },
    done(namespace) {
      const state = table.get(namespace);
      // The label was lost meanwhile; what failed waits for its time.
      if (state?.labelled === false && state.failures === undefined) lookAt(namespace, 'urgent');
      caughtUp ||= isReady() && engine.depth === 0;
    },
    hasCaughtUp: () => caughtUp || (isReady() && engine.depth === 0),
  };
}

import { controllerStatus, type ControllerStatus } from '../core/controller/controller-status.ts';
import { workQueue } from '../core/controller/work-queue.ts';
import type { Settings } from '../config/settings.ts';
import type { TokenSource } from '../ports.ts';
import { forEachPaced } from '../serving/pool.ts';
import { createBacklog } from './backlog.ts';
import { abandonAfterGrace } from './grace.ts';
import { aloneForEver, elect, within, type LeaderSettings, type Term } from './leader.ts';
import { namespaceTable } from './namespaces.ts';
import { reconcile, type ReconcileDeps, type ReconcileSettings } from './reconcile.ts';
import { createTokenKeeper } from './tokens.ts';
import { untilTold } from './until-told.ts';
import { watch } from './watch.ts';
import type { WatchTimings } from './watch-position.ts';
import { watchHandlers, type WatchHandlers } from './watch-handlers.ts';
import { createWorkers } from './workers.ts';

export type ControllerSettings = ReconcileSettings &
  Pick<Settings, 'registries' | 'region' | 'concurrency'> & {
    /** Absent: this controller runs alone and leads from the start. */
    leader: LeaderSettings | undefined;
    watchTimings: WatchTimings;
    /** For what is in flight when it is told to stop. */
    graceMs: number;
  };

export type ControllerDeps = ReconcileDeps & { tokens: TokenSource };

export type Controller = {
  /**
   * Keeps the promise until `stop`; then finishes what is in flight, gives the Lease back and resolves.
   * @param stop ends it in good order.
   * @throws where a part ends by itself, which is a bug.
   */
  run(stop: AbortSignal): Promise<void>;
  /** Whether this replica may write now. */
  isLeading(): boolean;
  status(): ControllerStatus;
};

/** The controller: events and time put namespaces into a queue, and a bounded pool brings each to what it should be. */
export function controller(settings: ControllerSettings, deps: ControllerDeps): Controller {
  const table = namespaceTable();
  const queue = workQueue();
  const held: { term?: Term } = {};
  const isLeading = () => held.term?.isOpen() === true;
  const keeper = createTokenKeeper(settings, deps, () => backlog.lookAtAll());
  const isReady = () => isLeading() && table.isSynced() && keeper.secret() !== undefined;
  const workers = createWorkers(queue, isReady, deps);
  const backlog = createBacklog(settings, { ...deps, table, queue, keeper, isReady, pump: () => workers.pump() });
  const board = { table, queue, keeper };

  const work = (stop: AbortSignal) =>
    forEachPaced(workers.items(stop), settings.concurrency, async ({ key, waitedMs }, pace) => {
      deps.meter.waited(waitedMs);
      const { term } = held;
      if (term !== undefined) await reconcile({ namespace: key, board, settings, deps, term, pace });
      backlog.done(key);
    });

  return {
    isLeading,
    async run(stop) {
      const drained = new AbortController();
      const abandon = abandonAfterGrace(stop, drained.signal, () => queue.depth, settings, deps);
      const lead = (term: Term) => {
        held.term = within(term, stop, abandon.signal);
        backlog.restart();
      };
      const working = untilTold(stop, 'the workers', work(stop)).then(() => drained.abort('Drained'));
      await Promise.all([
        working,
        abandon.ended,
        ...watchBoth(watchHandlers(table, backlog, deps.log), settings, deps, stop),
        untilTold(stop, 'the renewal of tokens', keeper.run(stop)),
        untilTold(stop, 'the queue', workers.run(stop)),
        takePart(settings, deps, lead, drained.signal),
      ]);
    },
    status: () => {
      const now = { isLeading: isLeading(), isSynced: table.isSynced(), hasCaughtUp: backlog.hasCaughtUp() };
      const { depth, delayed } = queue;
      return controllerStatus({ ...now, depth, delayed }, table.all(), keeper.secret(), deps.clock.nowMs());
    },
  };
}

function watchBoth(
  { namespaces, secrets }: WatchHandlers,
  { labelName, labelValue, secretName, watchTimings }: ControllerSettings,
  deps: ControllerDeps,
  stop: AbortSignal,
): Promise<void>[] {
  const labelSelector = `${labelName}=${labelValue}`;
  const ofNamespaces = watch({ kind: 'namespaces', labelSelector }, namespaces, watchTimings, deps, stop);
  const ofSecrets = watch({ kind: 'secrets', secretName }, secrets, watchTimings, deps, stop);
  return [untilTold(stop, 'the watch of namespaces', ofNamespaces), untilTold(stop, 'the watch of secrets', ofSecrets)];
}

async function takePart(
  { leader }: ControllerSettings,
  deps: ControllerDeps,
  onTerm: (term: Term) => void,
  drained: AbortSignal,
): Promise<void> {
  if (leader === undefined) onTerm(aloneForEver());
  else await untilTold(drained, 'the leader election', elect(leader, deps, onTerm, drained));
}

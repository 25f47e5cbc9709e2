import { controllerStatus, type ControllerStatus } from '../core/controller/controller-status.ts';
import { createHorizon, type Horizon } from '../core/controller/horizon.ts';
import { nextOf, type Job, type JobEnd, type JobRequest } from '../core/controller/job.ts';
import type { Settings } from '../config/settings.ts';
import type { Failure } from '../core/failures/errors.ts';
import type { ControllerCluster, TokenSource, WatchTopic } from '../ports.ts';
import { Engine } from '../serving/engine.ts';
import { createPulse, type Pulse } from '../serving/pulse.ts';
import { createBacklog } from './backlog.ts';
import { abandonAfterGrace } from './grace.ts';
import { elect } from './leader.ts';
import type { LeaderSettings } from './lease-attempt.ts';
import { aloneForEver, within, type Term } from './term.ts';
import { namespaceTable } from './namespaces.ts';
import type { ReconcileDeps, ReconcileSettings } from './known.ts';
import { reconciler } from './reconcile.ts';
import { askFenced } from './requests.ts';
import { createTokenKeeper } from './tokens.ts';
import { createTrouble, type Trouble } from './trouble.ts';
import { untilTold } from './until-told.ts';
import { watch } from './watch.ts';
import type { WatchTimings } from './watch-position.ts';
import { watchHandlers, type WatchHandlers } from './watch-handlers.ts';

export type ControllerSettings = ReconcileSettings &
  Pick<Settings, 'registries' | 'region' | 'concurrency'> & {
    /** Absent: this controller runs alone and leads from the start. */
    leader: LeaderSettings | undefined;
    watchTimings: WatchTimings;
    /** For what is in flight when it is told to stop. */
    graceMs: number;
  };

export type ControllerDeps = Omit<ReconcileDeps, 'events'> & { cluster: ControllerCluster; tokens: TokenSource };

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
  /** What goes wrong now, each by the part that it is about; undefined where that is well. */
  troubles(): Readonly<Record<string, Failure | undefined>>;
  /** The part that should have gone on long ago, in words; undefined where all do. What others do to it is no part of that. */
  stuck(): string | undefined;
};

/** The controller: events and time put namespaces into the engine's queue, and it brings each to what it should be. */
export function controller(settings: ControllerSettings, deps: ControllerDeps): Controller {
  const table = namespaceTable();
  const horizon = createHorizon();
  horizon.onRestored(() => {
    deps.log('warn', "The API server's data were restored from a backup, listing all anew");
    table.restored();
  });
  const held: { term?: Term } = {};
  const isLeading = () => held.term?.isOpen() === true;
  const pulse = createPulse();
  const keeper = createTokenKeeper(settings, { ...deps, pulse }, () => backlog.lookAtAll());
  const events = createTrouble(
    { began: 'Event could not be sent', ended: 'Events are taken again' },
    deps.clock,
    deps.log,
  );
  const isReady = () => isLeading() && table.isSynced() && keeper.secret() !== undefined;
  const later = (namespace: string, dueMs: number) => engine.addAt(namespace, dueMs);
  const { begin, ended, left } = reconciler(
    settings,
    { ...deps, events },
    { table, keeper, horizon, isLeading, onNewer: onceNewer(deps.log), later },
  );
  const labelSelector = `${settings.labelName}=${settings.labelValue}`;
  const engine = new Engine<Job, JobRequest, JobEnd>(
    {
      begin(namespace, waitedMs) {
        deps.meter.waited(waitedMs);
        return begin(namespace);
      },
      next: nextOf,
      ask: (request) => askFenced(request, held.term, labelSelector, deps.cluster),
      ended,
      left,
      done: (namespace) => backlog.done(namespace),
    },
    { concurrency: settings.concurrency, isOpen: isReady },
    deps,
  );
  const engineBeat = pulse.part('the engine');
  const troubles = troublesOf(deps);
  const parts = { ...deps, horizon, pulse, troubles, isAlone: settings.leader === undefined };
  const isKept = () => isLeading() && !settings.prune;
  const backlog = createBacklog(settings, { ...deps, table, engine, keeper, isReady });

  return {
    isLeading,
    async run(stop) {
      const drained = new AbortController();
      const abandon = abandonAfterGrace(stop, drained.signal, () => engine.depth, settings, deps);
      const lead = (term: Term) => {
        held.term = within(term, stop, abandon.signal);
        backlog.restart();
      };
      const working = untilTold(stop, 'the engine', engine.run(stop)).then(() => drained.abort('Drained'));
      await Promise.all([
        working,
        abandon.ended,
        ...watchBoth(watchHandlers(table, backlog, deps, isKept), settings, parts, stop),
        untilTold(stop, 'the renewal of tokens', keeper.run(stop)),
        takePart(settings, parts, lead, drained.signal),
      ]);
    },
    troubles: () => ({
      tokens: keeper.failure(),
      namespaces: troubles.namespaces.failure(),
      secrets: troubles.secrets.failure(),
      lease: troubles.lease.failure(),
      events: events.failure(),
    }),
    stuck() {
      const nowMs = deps.clock.steadyMs();
      engineBeat(engine.overdueSinceMs ?? Number.POSITIVE_INFINITY);
      return pulse.late(nowMs);
    },
    status: () => {
      const now = { isLeading: isLeading(), isSynced: table.isSynced(), hasCaughtUp: backlog.hasCaughtUp() };
      const isCut = Object.values(troubles).some(({ lastsMs }) => (lastsMs() ?? 0) > momentMs);
      const { depth, delayed } = engine;
      return controllerStatus({ ...now, isCut, depth, delayed }, table.all(), keeper.secret(), deps.clock.nowMs());
    },
  };
}

/** Says once that another run of this program writes the same secrets, which does no harm. */
function onceNewer(log: ControllerDeps['log']): (namespace: string) => void {
  let isTold = false;
  return (namespace) => {
    if (isTold) return;
    isTold = true;
    log('info', 'Another run of this program wrote a newer token, which stays', {
      namespace,
      reason: 'SecretIsNewer',
      why: 'a CronJob beside this controller, a replica that led before, or somebody by hand; the newer token wins',
    });
  };
}

/** What does not last longer is nobody's concern: a server that restarts, a Lease that is written a moment late. */
const momentMs = 30_000;

type Troubles = Record<'namespaces' | 'secrets' | 'lease', Trouble>;

function troublesOf({ clock, log }: ControllerDeps): Troubles {
  const watching = (resource: string) => {
    const words = { began: 'Watch could not be opened, trying again', ended: 'Watch is open again' };
    return createTrouble({ ...words, keys: { resource } }, clock, log);
  };
  const lease = { began: 'Lease could not be written, trying again', ended: 'Lease is written again' };
  return { namespaces: watching('namespaces'), secrets: watching('secrets'), lease: createTrouble(lease, clock, log) };
}

type Parts = ControllerDeps & { horizon: Horizon; pulse: Pulse; troubles: Troubles; isAlone: boolean };

function watchBoth(
  { namespaces, secrets }: WatchHandlers,
  { labelName, labelValue, secretName, watchTimings }: ControllerSettings,
  deps: Parts,
  stop: AbortSignal,
): Promise<void>[] {
  const labelSelector = `${labelName}=${labelValue}`;
  const { troubles } = deps;
  const seeing = (topic: WatchTopic, handler: WatchHandlers['secrets']) =>
    watch(topic, handler, watchTimings, { ...deps, trouble: troubles[topic.kind] }, stop);
  const ofNamespaces = seeing({ kind: 'namespaces', labelSelector }, namespaces);
  const ofSecrets = seeing({ kind: 'secrets', secretName }, secrets);
  return [untilTold(stop, 'the watch of namespaces', ofNamespaces), untilTold(stop, 'the watch of secrets', ofSecrets)];
}

async function takePart(
  { leader }: ControllerSettings,
  deps: Parts,
  onTerm: (term: Term) => void,
  drained: AbortSignal,
): Promise<void> {
  if (leader === undefined) onTerm(aloneForEver());
  else
    await untilTold(
      drained,
      'the leader election',
      elect(leader, { ...deps, trouble: deps.troubles.lease }, onTerm, drained),
    );
}

import { isContended } from '../core/controller/contention.ts';
import {
  judgeNamespace,
  labelledIn,
  secretGone,
  secretSeen,
  secretStatusOf,
  unknownNamespace,
  type NamespaceState,
} from '../core/controller/namespace-state.ts';
import { workQueue, type Lane } from '../core/controller/work-queue.ts';
import type { Settings } from '../config/settings.ts';
import type { ControllerStatus, TokenSource } from '../ports.ts';
import { aloneForEver, elect, type LeaderSettings, type Term } from './leader.ts';
import { watch, type WatchHandler, type WatchTimings } from './watch.ts';
import { createTokenKeeper } from './tokens.ts';
import { forEachPaced } from '../serving/pool.ts';
import { untilTold } from './until-told.ts';
import { serve, type Board, type ReconcileDeps, type ReconcileSettings } from './reconcile.ts';
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
   * Keeps the promise until `stop`; then finishes what is in flight, leaves the election and resolves.
   * @param stop ends it in good order.
   */
  run(stop: AbortSignal): Promise<void>;
  /** Whether this replica may write now. */
  isLeading(): boolean;
  status(): ControllerStatus;
};

/** The controller: events and time put namespaces into a queue, and a bounded pool brings each to what it should be. */
export function controller(settings: ControllerSettings, deps: ControllerDeps): Controller {
  const states = new Map<string, NamespaceState>();
  const queue = workQueue();
  const synced = { namespaces: false, secrets: false };
  let term: Term | undefined;
  let hasCaughtUp = false;

  const keeper = createTokenKeeper(settings, deps, () => {
    if (isReady()) enqueueAll('routine');
    work.pump();
  });
  const board: Board = { states, queue, keeper };
  const isSynced = () => synced.namespaces && synced.secrets;
  const isLeading = () => term?.isOpen() === true;
  const isReady = () => isLeading() && isSynced() && keeper.secret() !== undefined;
  const work = createWorkers(queue, isReady, deps);

  const stateOf = (namespace: string): NamespaceState => {
    const known = states.get(namespace);
    if (known !== undefined) return known;
    const state = unknownNamespace();
    states.set(namespace, state);
    return state;
  };
  const enqueue = (namespace: string, state: NamespaceState, lane: Lane) => {
    const now = { wallMs: deps.clock.nowMs(), steadyMs: deps.clock.steadyMs() };
    const [what, reason] = judgeNamespace(state, keeper.secret(), settings.prune, now);
    if (what === 'nothing' && reason !== 'SecretIsNewer') return;
    queue.add(namespace, lane, now.steadyMs);
  };
  const enqueueAll = (lane: Lane) => {
    for (const [namespace, state] of states) enqueue(namespace, state, lane);
  };
  const changed = (namespace: string, state: NamespaceState) => {
    if (!isReady()) return;
    enqueue(namespace, state, 'urgent');
    work.pump();
  };
  const forgetIfNothing = (namespace: string, state: NamespaceState) => {
    if (state.labelled || state.secret !== undefined) return;
    states.delete(namespace);
    queue.forget(namespace);
  };
  const syncedNow = (what: keyof typeof synced) => {
    const was = isSynced();
    synced[what] = true;
    if (was || !isSynced()) return;
    deps.log('info', 'In sync', { namespaces: labelled() });
    if (isReady()) enqueueAll('routine');
    work.pump();
  };
  const labelled = () => [...states.values()].filter((state) => state.labelled).length;

  const unlabel = (namespace: string, state: NamespaceState, isTerminating: boolean) => {
    state.labelled = false;
    state.terminating = isTerminating;
    state.written = undefined;
    state.contention = undefined;
    state.failures = 0;
    state.problem = undefined;
    state.said = undefined;
    if (settings.prune) changed(namespace, state);
    forgetIfNothing(namespace, state);
  };
  const namespaces: WatchHandler = {
    keyOf: ({ name }) => name,
    put(facts) {
      const state = stateOf(facts.name);
      labelledIn(state, facts);
      changed(facts.name, state);
    },
    gone({ name, terminating }) {
      const state = states.get(name);
      if (state !== undefined) unlabel(name, state, terminating);
    },
    listed(present) {
      for (const [name, state] of states) {
        if (state.labelled && !present.has(name)) unlabel(name, state, state.terminating);
      }
      syncedNow('namespaces');
    },
  };
  const lost = (namespace: string, state: NamespaceState, resourceVersion?: string) => {
    secretGone(state, resourceVersion);
    changed(namespace, state);
    forgetIfNothing(namespace, state);
  };
  const secrets: WatchHandler = {
    keyOf: ({ namespace }) => namespace,
    put(facts, isListed) {
      const state = stateOf(facts.namespace);
      secretSeen(state, facts, isListed);
      changed(facts.namespace, state);
    },
    gone({ namespace, resourceVersion }) {
      const state = states.get(namespace);
      if (state !== undefined) lost(namespace, state, resourceVersion);
    },
    listed(present) {
      for (const [namespace, state] of states) {
        if (state.secret !== undefined && !present.has(namespace)) lost(namespace, state);
      }
      syncedNow('secrets');
    },
  };

  /** What was written before may have been changed by who led since: all is proven anew. */
  const lead = (next: Term, stop: AbortSignal, abandon: AbortSignal) => {
    term = {
      isOpen: () => next.isOpen() && !abandon.aborted,
      over: AbortSignal.any([next.over, stop]),
      fence: AbortSignal.any([next.fence, abandon]),
    };
    hasCaughtUp = false;
    queue.clear();
    for (const state of states.values()) state.written = undefined;
    if (isReady()) enqueueAll('routine');
    work.pump();
  };

  const serveAll = (stop: AbortSignal): Promise<void> =>
    forEachPaced(work.items(stop), settings.concurrency, async ({ key, waitedMs }, pace) => {
      deps.meter.waited(waitedMs);
      if (term !== undefined) await serve(key, board, settings, deps, term, pace);
      queue.done(key, deps.clock.steadyMs());
      const state = states.get(key);
      if (state !== undefined) forgetIfNothing(key, state);
      hasCaughtUp ||= isReady() && queue.depth === 0;
      work.pump();
    });

  const run = async (stop: AbortSignal): Promise<void> => {
    const drained = new AbortController();
    const abandon = new AbortController();
    const labelSelector = `${settings.labelName}=${settings.labelValue}`;
    const drain = async () => {
      await untilTold(stop, 'the workers', serveAll(stop));
      drained.abort('Drained');
    };
    const limitDrain = async () => {
      await aborted(stop);
      await deps.clock.sleep(settings.graceMs, drained.signal);
      if (!drained.signal.aborted)
        deps.log('warn', 'What is still in flight is abandon off', { namespaces: queue.depth });
      abandon.abort('GraceOver');
    };
    await Promise.all([
      drain(),
      limitDrain(),
      untilTold(
        stop,
        'the watch of namespaces',
        watch({ kind: 'namespaces', labelSelector }, namespaces, settings.watchTimings, deps, stop),
      ),
      untilTold(
        stop,
        'the watch of secrets',
        watch({ kind: 'secrets', secretName: settings.secretName }, secrets, settings.watchTimings, deps, stop),
      ),
      untilTold(stop, 'the renewal of tokens', keeper.run(stop)),
      untilTold(stop, 'the queue', work.run(stop)),
      takePart((next) => lead(next, stop, abandon.signal), drained.signal),
    ]);
  };

  const takePart = async (onTerm: (term: Term) => void, drained: AbortSignal): Promise<void> => {
    if (settings.leader === undefined) onTerm(aloneForEver());
    else await untilTold(drained, 'the leader election', elect(settings.leader, deps, onTerm, drained));
  };

  const status = (): ControllerStatus => {
    const secretsBy = { valid: 0, expired: 0, missing: 0, failed: 0, refused: 0, contended: 0 };
    const nowMs = deps.clock.nowMs();
    for (const state of states.values()) {
      if (state.labelled && !state.terminating)
        secretsBy[secretStatusOf(state, isContended(state.contention), nowMs)] += 1;
    }
    const secret = keeper.secret();
    return {
      isLeading: isLeading(),
      isSynced: isSynced(),
      hasToken: secret !== undefined,
      hasCaughtUp: hasCaughtUp || (isReady() && queue.depth === 0),
      depth: queue.depth,
      delayed: queue.delayed,
      secrets: secretsBy,
      tokens: (secret?.tokens ?? []).flatMap(({ hosts, expiresAtMs }) => hosts.map((host) => ({ host, expiresAtMs }))),
    };
  };

  return { run, status, isLeading };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

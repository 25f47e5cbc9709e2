import { isContended } from '../core/controller/contention.ts';
import {
  judgeNamespace,
  labelledIn,
  secretGone,
  secretSeen,
  standingOf,
  unknownNamespace,
  type NamespaceState,
} from '../core/controller/namespace-state.ts';
import { workQueue, type Lane } from '../core/controller/work-queue.ts';
import type { Settings } from '../config/settings.ts';
import type { Standing, TokenSource } from '../ports.ts';
import { aloneForEver, elect, type ElectionSettings, type Term } from './leader.ts';
import { follow, type Follower, type FollowTimings } from './watch.ts';
import { tokenKeeper } from './tokens.ts';
import { forEachPaced } from '../serving/pool.ts';
import { untilTold } from './until-told.ts';
import { serve, type Board, type ServeDeps, type ServeSettings } from './reconcile.ts';
import { workplace } from './workers.ts';

export type LoopSettings = ServeSettings &
  Pick<Settings, 'registries' | 'region' | 'concurrency'> & {
    /** Absent: this controller runs alone and leads from the start. */
    election: ElectionSettings | undefined;
    follow: FollowTimings;
    /** For what is in flight when it is told to stop. */
    graceMs: number;
  };

export type LoopDeps = ServeDeps & { tokens: TokenSource };

export type Controller = {
  /**
   * Keeps the promise until `stop`; then finishes what is in flight, leaves the election and resolves.
   * @param stop ends it in good order.
   */
  run(stop: AbortSignal): Promise<void>;
  /** Whether this replica may write now. */
  isLeading(): boolean;
  standing(): Standing;
};

/** The controller: events and time put namespaces into a queue, and a bounded pool brings each to what it should be. */
export function controller(settings: LoopSettings, deps: LoopDeps): Controller {
  const states = new Map<string, NamespaceState>();
  const queue = workQueue();
  const synced = { namespaces: false, secrets: false };
  let term: Term | undefined;
  let hasCaughtUp = false;

  const keeper = tokenKeeper(settings, deps, () => {
    if (isReady()) enqueueAll('routine');
    work.pump();
  });
  const board: Board = { states, queue, keeper };
  const isSynced = () => synced.namespaces && synced.secrets;
  const isLeading = () => term?.isOpen() === true;
  const isReady = () => isLeading() && isSynced() && keeper.secret() !== undefined;
  const work = workplace(queue, isReady, deps);

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
  const namespaces: Follower = {
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
  const secrets: Follower = {
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
  const lead = (next: Term, stop: AbortSignal, broken: AbortSignal) => {
    term = {
      isOpen: () => next.isOpen() && !broken.aborted,
      over: AbortSignal.any([next.over, stop]),
      fence: AbortSignal.any([next.fence, broken]),
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
    const broken = new AbortController();
    const labelSelector = `${settings.labelName}=${settings.labelValue}`;
    const drain = async () => {
      await untilTold(stop, 'the workers', serveAll(stop));
      drained.abort('Drained');
    };
    const limitDrain = async () => {
      await aborted(stop);
      await deps.clock.sleep(settings.graceMs, drained.signal);
      if (!drained.signal.aborted)
        deps.log('warn', 'What is still in flight is broken off', { namespaces: queue.depth });
      broken.abort('GraceOver');
    };
    await Promise.all([
      drain(),
      limitDrain(),
      untilTold(
        stop,
        'the watch of namespaces',
        follow({ kind: 'namespaces', labelSelector }, namespaces, settings.follow, deps, stop),
      ),
      untilTold(
        stop,
        'the watch of secrets',
        follow({ kind: 'secrets', secretName: settings.secretName }, secrets, settings.follow, deps, stop),
      ),
      untilTold(stop, 'the renewal of tokens', keeper.run(stop)),
      untilTold(stop, 'the queue', work.run(stop)),
      takePart((next) => lead(next, stop, broken.signal), drained.signal),
    ]);
  };

  const takePart = async (onTerm: (term: Term) => void, drained: AbortSignal): Promise<void> => {
    if (settings.election === undefined) onTerm(aloneForEver());
    else await untilTold(drained, 'the election', elect(settings.election, deps, onTerm, drained));
  };

  const standing = (): Standing => {
    const secretsBy = { valid: 0, expired: 0, missing: 0, failed: 0, refused: 0, contended: 0 };
    const nowMs = deps.clock.nowMs();
    for (const state of states.values()) {
      if (state.labelled && !state.terminating) secretsBy[standingOf(state, isContended(state.contention), nowMs)] += 1;
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

  return { run, standing, isLeading };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

import { isContended } from '../core/contention.ts';
import {
  judgeNamespace,
  labelledIn,
  secretGone,
  secretSeen,
  standingOf,
  unknownNamespace,
  type NamespaceState,
  type SecretStanding,
} from '../core/namespace-state.ts';
import { workQueue, type Lane } from '../core/work-queue.ts';
import type { Settings } from '../config/settings.ts';
import type { TokenSource } from '../ports.ts';
import { aloneForEver, elect, type ElectionSettings, type Term } from './election.ts';
import { follow, type Follower, type FollowTimings } from './follow.ts';
import { tokenKeeper } from './keep-tokens.ts';
import { forEachPaced } from './pool.ts';
import { serve, type Board, type ServeDeps, type ServeSettings } from './serve.ts';
import { workplace } from './workplace.ts';

export type LoopSettings = ServeSettings &
  Pick<Settings, 'registries' | 'region' | 'concurrency'> & {
    /** Absent: this controller runs alone and leads from the start. */
    election: ElectionSettings | undefined;
    follow: FollowTimings;
  };

export type LoopDeps = ServeDeps & { tokens: TokenSource };

/** How things stand, for metrics and probes. */
export type Standing = {
  isLeading: boolean;
  isSynced: boolean;
  hasToken: boolean;
  /** Since it last began to lead, every namespace that was known has been served or has failed. */
  hasCaughtUp: boolean;
  depth: number;
  delayed: number;
  secrets: Readonly<Record<SecretStanding, number>>;
  tokens: readonly { host: string; expiresAtMs: number }[];
};

export type Controller = {
  /**
   * Keeps the promise until `stop`; then finishes what is in flight, leaves the election and resolves.
   * @param stop ends it in good order.
   */
  run(stop: AbortSignal): Promise<void>;
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
  const lead = (next: Term) => {
    term = next;
    hasCaughtUp = false;
    queue.clear();
    for (const state of states.values()) state.written = undefined;
    if (isReady()) enqueueAll('routine');
    work.pump();
  };

  const run = async (stop: AbortSignal): Promise<void> => {
    const drained = new AbortController();
    const labelSelector = `${settings.labelName}=${settings.labelValue}`;
    const topics = [
      follow({ kind: 'namespaces', labelSelector }, namespaces, settings.follow, deps, stop),
      follow({ kind: 'secrets', secretName: settings.secretName }, secrets, settings.follow, deps, stop),
    ];
    const tokens = keeper.run(stop);
    const election = takePart(drained.signal);
    const ringing = work.run(stop);
    await forEachPaced(work.items(stop), settings.concurrency, async ({ key, waitedMs }, pace) => {
      deps.meter.waited(waitedMs);
      // The term that was open when the key was taken; what it allows is checked before each request.
      if (term !== undefined) await serve(key, board, settings, deps, term, pace, stop);
      queue.done(key, deps.clock.steadyMs());
      const state = states.get(key);
      if (state !== undefined) forgetIfNothing(key, state);
      hasCaughtUp ||= isLeading() && queue.depth === 0;
      work.pump();
    });
    drained.abort();
    await Promise.all([...topics, tokens, election, ringing]);
  };

  const takePart = async (stop: AbortSignal): Promise<void> => {
    if (settings.election === undefined) lead(aloneForEver());
    else await elect(settings.election, deps, lead, stop);
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

  return { run, standing };
}

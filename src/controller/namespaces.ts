import { rememberedUntilMs } from '../core/controller/announcement.ts';
import {
  doubted,
  isNothing,
  labelledIn,
  restored,
  secretGone,
  secretListed,
  secretSeen,
  unknownNamespace,
  unlabelledIn,
  type NamespaceState,
} from '../core/controller/namespace-state.ts';
import type { Facts } from '../core/controller/watch-events.ts';

/** What the events of one topic make of the table; each tells the namespaces for which something changed. */
export type TopicEvents = {
  /** The namespace that an object is about. */
  keyOf(facts: Facts): string;
  /** @param isListed it stands in a list, which is never behind what was seen before. */
  put(facts: Facts, isListed: boolean): string[];
  gone(facts: Facts): string[];
  /** Everything there was at this revision has been put; what is not among these namespaces is gone. */
  listed(present: ReadonlySet<string>, resourceVersion: string): string[];
};

/** What is known of every namespace that carries the label or holds a pull secret. No clock, no socket, no decision. */
export type NamespaceTable = {
  readonly namespaces: TopicEvents;
  readonly secrets: TopicEvents;
  /** Both topics have been listed. */
  isSynced(): boolean;
  /** This process begins to lead: what it wrote before may have been changed by who led since, and is proven anew. */
  doubt(): void;
  /** The server's data were restored from a backup: nothing that was noted holds until all is listed anew. */
  restored(): void;
  get(namespace: string): NamespaceState | undefined;
  /**
   * Drops a namespace of which nothing is left, and on which nobody works; whether it did. What was said of it, and how
   * often it was served, is remembered for a while: it may come back.
   */
  dropped(namespace: string, nowMs: number): boolean;
  all(): IterableIterator<[string, NamespaceState]>;
};

/** An empty table. It grows with the namespaces that are labelled or hold a secret, and with nothing else. */
export function namespaceTable(): NamespaceTable {
  const states = new Map<string, NamespaceState>();
  const synced = { namespaces: false, secrets: false };
  return {
    namespaces: namespaceEvents(states, () => (synced.namespaces = true)),
    secrets: secretEvents(states, () => (synced.secrets = true)),
    isSynced: () => synced.namespaces && synced.secrets,
    doubt() {
      for (const state of states.values()) doubted(state);
    },
    restored() {
      synced.namespaces = false;
      synced.secrets = false;
      for (const state of states.values()) restored(state);
    },
    get: (namespace) => states.get(namespace),
    dropped(namespace, nowMs) {
      const state = states.get(namespace);
      if (state === undefined || !isNothing(state) || (rememberedUntilMs(state) ?? 0) > nowMs) return false;
      return states.delete(namespace);
    },
    all: () => states.entries(),
  };
}

type States = Map<string, NamespaceState>;

function namespaceEvents(states: States, isSynced: () => void): TopicEvents {
  const unlabel = (namespace: string, terminating?: boolean): string[] => {
    const state = states.get(namespace);
    if (state === undefined) return [];
    unlabelledIn(state, terminating ?? state.terminating);
    return [namespace];
  };
  return {
    keyOf: ({ name }) => name,
    put(facts) {
      labelledIn(stateOf(states, facts.name), facts);
      return [facts.name];
    },
    gone: ({ name, terminating }) => unlabel(name, terminating),
    listed(present) {
      isSynced();
      const lost = [...states].filter(([name, state]) => state.labelled && !present.has(name));
      return lost.flatMap(([name]) => unlabel(name));
    },
  };
}

function secretEvents(states: States, isSynced: () => void): TopicEvents {
  // Nearly all have the same registries: one list of them is kept, and not one for each.
  let shared: readonly string[] = [];
  return {
    keyOf: ({ namespace }) => namespace,
    put(facts, isListed) {
      if (shared.join() !== facts.registries.join()) shared = facts.registries;
      secretSeen(stateOf(states, facts.namespace), { ...facts, registries: shared }, isListed);
      return [facts.namespace];
    },
    gone({ namespace, resourceVersion }) {
      const state = states.get(namespace);
      if (state === undefined) return [];
      secretGone(state, resourceVersion);
      return [namespace];
    },
    listed(present, resourceVersion) {
      isSynced();
      const changed: string[] = [];
      for (const [namespace, state] of states) {
        const { secret, written } = state;
        secretListed(state, present.has(namespace), resourceVersion);
        if (state.secret !== secret || state.written !== written) changed.push(namespace);
      }
      return changed;
    },
  };
}

function stateOf(states: States, namespace: string): NamespaceState {
  const known = states.get(namespace);
  if (known !== undefined) return known;
  const state = unknownNamespace();
  states.set(namespace, state);
  return state;
}

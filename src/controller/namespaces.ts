import {
  labelledIn,
  secretGone,
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
  /** Everything there is has been put; what is not among these namespaces is gone. */
  listed(present: ReadonlySet<string>): string[];
};

/** What is known of every namespace that carries the label or holds a pull secret. No clock, no socket, no decision. */
export type NamespaceTable = {
  readonly namespaces: TopicEvents;
  readonly secrets: TopicEvents;
  /** Both topics have been listed. */
  isSynced(): boolean;
  /** This process begins to lead: what it wrote before may have been changed by who led since, and is proven anew. */
  lead(): void;
  get(namespace: string): NamespaceState | undefined;
  /** Drops a namespace of which nothing is left; whether it did. */
  dropped(namespace: string): boolean;
  all(): IterableIterator<[string, NamespaceState]>;
};

/** An empty table. It grows with the namespaces that are labelled or hold a secret, and with nothing else. */
export function namespaceTable(): NamespaceTable {
  const states = new Map<string, NamespaceState>();
  const synced = { namespaces: false, secrets: false };
  const dropped = (namespace: string): boolean => {
    const state = states.get(namespace);
    const isNothing = state !== undefined && !state.labelled && state.secret === undefined;
    return isNothing && states.delete(namespace);
  };
  return {
    namespaces: namespaceEvents(states, dropped, () => (synced.namespaces = true)),
    secrets: secretEvents(states, dropped, () => (synced.secrets = true)),
    isSynced: () => synced.namespaces && synced.secrets,
    lead() {
      for (const state of states.values()) state.written = undefined;
    },
    get: (namespace) => states.get(namespace),
    dropped,
    all: () => states.entries(),
  };
}

type States = Map<string, NamespaceState>;
type Drop = (namespace: string) => boolean;

function namespaceEvents(states: States, drop: Drop, isSynced: () => void): TopicEvents {
  const unlabel = (namespace: string, terminating?: boolean): string[] => {
    const state = states.get(namespace);
    if (state === undefined) return [];
    unlabelledIn(state, terminating ?? state.terminating);
    drop(namespace);
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

function secretEvents(states: States, drop: Drop, isSynced: () => void): TopicEvents {
  const lose = (namespace: string, resourceVersion?: string): string[] => {
    const state = states.get(namespace);
    if (state === undefined) return [];
    secretGone(state, resourceVersion);
    drop(namespace);
    return [namespace];
  };
  return {
    keyOf: ({ namespace }) => namespace,
    put(facts, isListed) {
      secretSeen(stateOf(states, facts.namespace), facts, isListed);
      return [facts.namespace];
    },
    gone: ({ namespace, resourceVersion }) => lose(namespace, resourceVersion),
    listed(present) {
      isSynced();
      const lost = [...states].filter(([name, state]) => state.secret !== undefined && !present.has(name));
      return lost.flatMap(([name]) => lose(name));
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

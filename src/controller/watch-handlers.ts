import type { NamespaceState } from '../core/controller/namespace-state.ts';
import type { Clock, Log } from '../ports.ts';
import type { Backlog } from './backlog.ts';
import type { NamespaceTable, TopicEvents } from './namespaces.ts';
import { remindMs } from './trouble.ts';
import type { WatchHandler } from './watch-position.ts';

export type WatchHandlers = { namespaces: WatchHandler; secrets: WatchHandler };

/**
 * Brings what the watches show into the table, and what that changes into the backlog.
 * @param isKept whether this replica has to say that a namespace which loses the label keeps its secret. Of one whose label
 *   comes and goes it is said once an hour.
 */
export function watchHandlers(
  table: NamespaceTable,
  backlog: Backlog,
  { clock, log }: { clock: Clock; log: Log },
  isKept: () => boolean,
): WatchHandlers {
  const tellKept = (namespace: string): void => {
    const state = table.get(namespace);
    if (state?.labelled !== true || state.terminating || !hasOurs(state) || !isKept()) return;
    const agoMs = clock.steadyMs() - (state.keptToldMs ?? Number.NEGATIVE_INFINITY);
    if (agoMs < remindMs) return;
    state.keptToldMs = clock.steadyMs();
    log('info', 'Namespace lost its label', { namespace, reason: 'SecretKept' });
  };
  const handler = (events: TopicEvents, onGone: (namespace: string) => void): WatchHandler => ({
    keyOf: (facts) => events.keyOf(facts),
    put: (facts, isListed) => backlog.look(events.put(facts, isListed)),
    gone(facts) {
      if (!facts.terminating) onGone(events.keyOf(facts));
      backlog.look(events.gone(facts));
    },
    listed(present, resourceVersion) {
      for (const [namespace] of table.all()) if (!present.has(namespace)) onGone(namespace);
      const wasSynced = table.isSynced();
      backlog.look(events.listed(present, resourceVersion));
      if (wasSynced || !table.isSynced()) return;
      log('info', 'In sync', { namespaces: labelled(table) });
      backlog.lookAtAll();
    },
  });
  return { namespaces: handler(table.namespaces, tellKept), secrets: handler(table.secrets, () => undefined) };
}

/** What we wrote may not have been seen yet. */
function hasOurs({ secret, written }: NamespaceState): boolean {
  return secret === undefined ? written !== undefined : secret.managedByUs;
}

function labelled(table: NamespaceTable): number {
  let count = 0;
  for (const [, state] of table.all()) if (state.labelled) count += 1;
  return count;
}

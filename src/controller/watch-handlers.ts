import type { Log } from '../ports.ts';
import type { Backlog } from './backlog.ts';
import type { NamespaceTable, TopicEvents } from './namespaces.ts';
import type { WatchHandler } from './watch-position.ts';

export type WatchHandlers = { namespaces: WatchHandler; secrets: WatchHandler };

/** Brings what the watches show into the table, and what that changes into the backlog. */
export function watchHandlers(table: NamespaceTable, backlog: Backlog, log: Log): WatchHandlers {
  const handler = (events: TopicEvents): WatchHandler => ({
    keyOf: (facts) => events.keyOf(facts),
    put: (facts, isListed) => backlog.look(events.put(facts, isListed)),
    gone: (facts) => backlog.look(events.gone(facts)),
    listed(present, resourceVersion) {
      const wasSynced = table.isSynced();
      backlog.look(events.listed(present, resourceVersion));
      if (wasSynced || !table.isSynced()) return;
      log('info', 'In sync', { namespaces: labelled(table) });
      backlog.lookAtAll();
    },
  });
  return { namespaces: handler(table.namespaces), secrets: handler(table.secrets) };
}

function labelled(table: NamespaceTable): number {
  let count = 0;
  for (const [, state] of table.all()) if (state.labelled) count += 1;
  return count;
}

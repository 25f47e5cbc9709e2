import type { Settings } from '../config/settings.ts';
import { isRecord, text, type ApiReply } from '../core/api/reply.ts';
import { connectionOf, transportOf, type ClusterSettings, type Surroundings } from './surroundings.ts';
import { METADATA_LIST } from './kubernetes/cluster.ts';
import { impersonating } from './kubernetes/impersonation.ts';
import type { Transport } from './kubernetes/requests.ts';

/** Whoever has pressed Tab waits no longer. */
const PATIENCE_MS = 2000;
/** More than anybody reads. */
const MOST_NAMES = 500;

export type CompleteSettings = ClusterSettings & Pick<Settings, 'as' | 'asGroups' | 'namespace'>;

/** What is asked of the machine and of the cluster to complete a command line; nothing is read or sent before a name is asked for. */
export function openComplete(settings: CompleteSettings, around: Surroundings) {
  const { sink, write } = around;
  // Nothing is told here, and no plugin may ask anything.
  const quiet = { ...around, log: () => undefined, hasTerminal: false };
  let transport: Transport | undefined;
  const names = async (path: (namespace: string) => string): Promise<string[]> => {
    const found = await connectionOf(settings, quiet);
    if (!found.ok) return [];
    const { as, asGroups } = settings;
    const connection = as === undefined ? found.value : impersonating(found.value, as, asGroups);
    transport = transportOf(connection, { ...settings, requestTimeoutMs: PATIENCE_MS }, quiet);
    const namespace = settings.namespace ?? found.value.namespace ?? 'default';
    const query = { method: 'GET', path: `${path(encodeURIComponent(namespace))}?limit=${MOST_NAMES}` } as const;
    return namesIn(await transport.request({ ...query, accept: METADATA_LIST }, AbortSignal.timeout(PATIENCE_MS)));
  };
  const namesOf = async (kind: 'contexts' | 'namespaces' | 'pods'): Promise<readonly string[]> => {
    switch (kind) {
      case 'contexts':
        return (await import('./kubernetes/kubeconfig/kubeconfig.ts')).contextNames(settings.kubeconfig, around);
      case 'namespaces':
        return names(() => '/api/v1/namespaces');
      case 'pods':
        return names((namespace) => `/api/v1/namespaces/${namespace}/pods`);
    }
  };
  return { ok: true as const, value: { sink, write, namesOf, close: () => transport?.close() } };
}

function namesIn(reply: ApiReply): string[] {
  const items = reply.kind === 'answer' && reply.status === 200 && isRecord(reply.body) ? reply.body['items'] : [];
  const metadata = (Array.isArray(items) ? items : []).map((item: unknown) => (isRecord(item) ? item['metadata'] : {}));
  return metadata.map((each: unknown) => (isRecord(each) ? text(each['name']) : '')).filter((name) => name !== '');
}

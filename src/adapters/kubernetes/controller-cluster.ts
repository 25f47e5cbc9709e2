import type { LeasePlace } from '../../core/controller/lease.ts';
import type { ControllerCluster, WatchEnd, WatchListener, WatchStart, WatchTopic } from '../../ports.ts';
import { clusterOn, METADATA, METADATA_LIST, secretPath } from './cluster.ts';
import { readEvents } from './event-stream.ts';
import type { ApiRequest, Transport } from './requests.ts';

/** The requests of the controller over a transport. */
export function controllerCluster(transport: Transport): ControllerCluster {
  // The Lease waits for nothing else.
  const apart = transport.apart();
  return {
    ...clusterOn(transport),
    listTopic: (topic, page, signal) =>
      transport.request({ method: 'GET', path: listPath(topic, page), accept: METADATA_LIST }, signal),
    watchTopic: (topic, start, listener, signal) =>
      events(transport, { method: 'GET', path: watchPath(topic, start), accept: METADATA }, listener, signal),
    deleteSecret: ({ namespace, secretName }, still, signal) =>
      transport.request(
        {
          method: 'DELETE',
          path: secretPath(namespace, secretName),
          body: JSON.stringify({ apiVersion: 'v1', kind: 'DeleteOptions', preconditions: still }),
        },
        signal,
      ),
    readLease: (place, signal) => apart.request({ method: 'GET', path: leasePath(place) }, signal),
    createLease: (place, body, signal) => apart.request({ method: 'POST', path: leasesPath(place), body }, signal),
    updateLease: (place, body, signal) => apart.request({ method: 'PUT', path: leasePath(place), body }, signal),
    watchLease: (place, start, listener, signal) =>
      events(transport, { method: 'GET', path: leaseWatchPath(place, start) }, listener, signal),
    createEvent: (namespace, body, signal) =>
      transport.request(
        { method: 'POST', path: `/apis/events.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/events`, body },
        signal,
      ),
  };
}

async function events(
  transport: Transport,
  request: ApiRequest,
  listener: WatchListener,
  signal: AbortSignal,
): Promise<WatchEnd> {
  const opened = await transport.open(request, signal);
  if (opened.kind !== 'stream') return opened;
  listener.opened?.();
  return readEvents(opened.answer, listener.event, signal);
}

function listPath(topic: WatchTopic, { limit, continueToken }: { limit: number; continueToken?: string }): string {
  const query = selection(topic);
  query.set('limit', String(limit));
  if (continueToken !== undefined) query.set('continue', continueToken);
  return `/api/v1/${topic.kind}?${query.toString()}`;
}

function watchPath(topic: WatchTopic, { resourceVersion, timeoutSeconds }: WatchStart): string {
  const query = watching(selection(topic), timeoutSeconds);
  if (resourceVersion === undefined) {
    // Not older than now: what is missing in the list is really gone.
    query.set('sendInitialEvents', 'true');
    query.set('resourceVersionMatch', 'NotOlderThan');
    query.set('resourceVersion', '');
  } else {
    query.set('resourceVersion', resourceVersion);
  }
  return `/api/v1/${topic.kind}?${query.toString()}`;
}

function watching(query: URLSearchParams, timeoutSeconds: number): URLSearchParams {
  query.set('watch', 'true');
  query.set('allowWatchBookmarks', 'true');
  query.set('timeoutSeconds', String(timeoutSeconds));
  return query;
}

function selection(topic: WatchTopic): URLSearchParams {
  if (topic.kind === 'secrets') return new URLSearchParams({ fieldSelector: `metadata.name=${topic.secretName}` });
  const name = topic.name === undefined ? {} : { fieldSelector: `metadata.name=${topic.name}` };
  return new URLSearchParams({ labelSelector: topic.labelSelector, ...name });
}

function leasesPath({ namespace }: LeasePlace): string {
  return `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases`;
}

/** By its name alone, as the role allows it; without a revision a watch begins with what there is. */
function leaseWatchPath(place: LeasePlace, { timeoutSeconds }: Pick<WatchStart, 'timeoutSeconds'>): string {
  const query = watching(new URLSearchParams({ fieldSelector: `metadata.name=${place.name}` }), timeoutSeconds);
  return `${leasesPath(place)}?${query.toString()}`;
}

function leasePath(place: LeasePlace): string {
  return `${leasesPath(place)}/${encodeURIComponent(place.name)}`;
}

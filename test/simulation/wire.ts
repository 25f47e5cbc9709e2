import type { ApiReply } from '../../src/core/api/reply.ts';
import type { ControllerCluster, WatchEnd, WatchStart, WatchTopic } from '../../src/ports.ts';
import type { Dice } from './dice.ts';
import { ok, status, type Change, type Metadata, type Server } from './server.ts';
import { planFor, type Life, type VirtualTime } from './virtual-time.ts';

/** What goes wrong between a replica and the server just now; probabilities. */
export type Weather = {
  serverIsDown: boolean;
  /** Of a request being answered 429 or 5xx. */
  overload: number;
  /** Of a connection breaking before or after the server has done its work. */
  breakage: number;
  /** Of a request that is never answered. */
  hang: number;
  /** Most milliseconds that a request takes each way. */
  latencyMs: number;
  /** Of an event that never arrives, and of one that arrives twice. */
  drop: number;
  duplicate: number;
  /** Of a watch that goes silent with the next event. */
  silence: number;
};

export const fairWeather: Weather = {
  serverIsDown: false,
  overload: 0,
  breakage: 0,
  hang: 0,
  latencyMs: 20,
  drop: 0,
  duplicate: 0,
  silence: 0,
};

export type WireOptions = {
  time: VirtualTime;
  server: Server;
  dice: Dice;
  life: Life;
  weather: () => Weather;
  isCutOff: () => boolean;
  /** Servers before 1.27 cannot. */
  canStream: boolean;
  bookmarkMs: number;
  /** Breaks the watches that are open, as a server that restarts does. */
  openWatches: Set<() => void>;
  requestTimeoutMs: number;
  /** Before the server does what a request asks for. */
  onRequest: () => void;
  /** Before a write of a secret is carried out, whose it would be. */
  onWrite(namespace: string, body: string): void;
  onDelete(namespace: string): void;
  onEvent(namespace: string, body: string): void;
};

/** The cluster as one replica reaches it. */
export function wire(options: WireOptions): ControllerCluster {
  const { server } = options;
  const request = (work: () => ApiReply, signal: AbortSignal) => exchange(options, work, signal);
  return {
    server: 'https://simulated',
    listNamespaces: (_, signal) => request(() => ok({ items: [] }), signal),
    applySecret: ({ namespace, body, fieldManager, force }, signal) =>
      request(() => server.apply(namespace, body, fieldManager, force, () => options.onWrite(namespace, body)), signal),
    readSecret: (namespace, _, signal) => request(() => secretOf(server, namespace), signal),
    readSecretMetadata: (namespace, _, signal) => request(() => secretOf(server, namespace), signal),
    listTopic: (topic, _, signal) =>
      request(
        () =>
          ok({
            items: server.list(topic).map((metadata) => ({ metadata })),
            metadata: { resourceVersion: String(server.revision) },
          }),
        signal,
      ),
    watchTopic: (topic, start, onEvent, signal) => watch(options, topic, start, onEvent, signal),
    deleteSecret: ({ namespace }, still, signal) =>
      request(() => {
        const metadata = server.secrets.get(namespace)?.metadata;
        if (metadata === undefined) return status(404, 'not found');
        if (metadata.uid !== still.uid || metadata.resourceVersion !== still.resourceVersion)
          return status(409, 'precondition failed');
        options.onDelete(namespace);
        server.deleteSecret(namespace);
        return ok({});
      }, signal),
    readLease: (_, signal) =>
      request(() => (server.lease === undefined ? status(404, 'not found') : ok(server.lease)), signal),
    createLease: (_, body, signal) => request(() => server.putLease(body, true), signal),
    updateLease: (_, body, signal) => request(() => server.putLease(body, false), signal),
    watchLease: (_, __, ___, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve({ kind: 'ended', why: 'stopped' }));
      }),
    createEvent: (namespace, body, signal) =>
      request(() => {
        options.onEvent(namespace, body);
        return ok({}, 201);
      }, signal),
  };
}

function secretOf(server: Server, namespace: string): ApiReply {
  const secret = server.secrets.get(namespace);
  if (secret === undefined) return status(404, 'secrets "ecr-creds" not found');
  return ok({
    kind: 'Secret',
    metadata: secret.metadata,
    type: secret.type,
    data: { '.dockerconfigjson': secret.data },
  });
}

/**
 * One request: on its way, at the server, on its way back. A request that its client gives up before it arrived at the
 * server is not carried out.
 */
function exchange(
  { time, dice, life, weather, isCutOff, requestTimeoutMs, onRequest }: WireOptions,
  work: () => ApiReply,
  signal: AbortSignal,
): Promise<ApiReply> {
  if (signal.aborted) return Promise.resolve(broken('Aborted'));
  onRequest();
  return new Promise((resolve) => {
    let isGivenUp = false;
    const finish = (reply: ApiReply) => {
      if (isGivenUp) return;
      isGivenUp = true;
      timeout.cancelled = true;
      signal.removeEventListener('abort', onAbort);
      resolve(reply);
    };
    const onAbort = () => finish(broken('Aborted'));
    const timeout = planFor(time, life, requestTimeoutMs, () => finish(broken('TimedOut')));
    signal.addEventListener('abort', onAbort);
    const back = (reply: ApiReply) => planFor(time, life, dice.between(1, weather().latencyMs), () => finish(reply));

    time.plan(dice.between(1, weather().latencyMs), () => {
      const { serverIsDown, hang, overload, breakage } = weather();
      if (isGivenUp || !life.isAlive()) return;
      if (serverIsDown || isCutOff()) return void back(broken('Unreachable'));
      if (dice.happens(hang)) {
        if (dice.happens(0.5)) work();
        return;
      }
      if (dice.happens(overload)) return void back(overloaded(dice));
      if (dice.happens(breakage)) {
        if (dice.happens(0.5)) work();
        return void back(broken('Interrupted'));
      }
      back(work());
    });
  });
}

function overloaded(dice: Dice): ApiReply {
  if (dice.happens(0.5)) return { kind: 'answer', status: 429, body: 'Too many requests', retryAfterMs: 1000 };
  return status(dice.pick([500, 503, 504]) ?? 500, 'etcdserver: leader changed');
}

function broken(cause: 'Unreachable' | 'TimedOut' | 'Interrupted' | 'Aborted'): ApiReply {
  return { kind: 'broken', cause, message: cause };
}

/** A watch: events arrive in their order, each a little later. */
function watch(
  options: WireOptions,
  topic: WatchTopic,
  start: WatchStart,
  onEvent: (event: unknown) => void,
  signal: AbortSignal,
): Promise<WatchEnd> {
  const { time, server, dice, life, weather, bookmarkMs } = options;
  return new Promise((resolve) => {
    let isOver = false;
    let isSilent = false;
    let lastMs = 0;
    let unlisten = () => {};
    const end = (how: WatchEnd) => {
      if (isOver) return;
      isOver = true;
      options.openWatches.delete(cut);
      unlisten();
      signal.removeEventListener('abort', onAbort);
      resolve(how);
    };
    const onAbort = () => end({ kind: 'ended', why: 'stopped' });
    const cut = () => void planFor(time, life, 5, () => end({ kind: 'ended', why: 'the connection broke' }));
    options.openWatches.add(cut);
    signal.addEventListener('abort', onAbort);

    const deliver = (event: unknown) => {
      if (options.isCutOff()) isSilent = true;
      if (isSilent) return;
      lastMs = Math.max(lastMs, time.nowMs() + dice.between(1, weather().latencyMs));
      planFor(time, life, lastMs - time.nowMs(), () => {
        if (!isOver) onEvent(event);
      });
    };
    const send = ({ type, metadata }: Pick<Change, 'type' | 'metadata'>) => {
      const { drop, duplicate, silence } = weather();
      if (dice.happens(silence)) isSilent = true;
      if (dice.happens(drop)) return;
      deliver({ type, object: { metadata } });
      if (dice.happens(duplicate)) deliver({ type, object: { metadata } });
    };
    const bookmark = (isInitial: boolean) => {
      const annotations = isInitial ? { 'k8s.io/initial-events-end': 'true' } : {};
      deliver({ type: 'BOOKMARK', object: { metadata: { resourceVersion: String(server.revision), annotations } } });
    };
    const keepAlive = () => {
      if (isOver || !life.isAlive()) return unlisten();
      bookmark(false);
      time.plan(bookmarkMs, keepAlive);
    };
    const begin = (first: readonly Pick<Change, 'type' | 'metadata'>[]) => {
      if (start.resourceVersion === undefined) {
        for (const { type, metadata } of first) deliver({ type, object: { metadata } });
      } else {
        for (const change of first) send(change);
      }
      if (start.resourceVersion === undefined) bookmark(true);
      unlisten = server.listen((change) => {
        if (change.topic === topic.kind) send(change);
      });
      time.plan(bookmarkMs, keepAlive);
      planFor(time, life, start.timeoutSeconds * 1000, () => {
        if (!isSilent) end({ kind: 'ended', why: 'the server ended it' });
      });
    };

    const open = async () => {
      const reply = await exchange(options, () => opening(options, topic, start, begin), signal);
      // What was opened goes on; an answer that got lost ends it, as the connection does.
      if (reply.kind === 'broken' || reply.status !== 200) end(reply);
    };
    void open();
  });
}

function opening(
  { server, canStream }: WireOptions,
  topic: WatchTopic,
  { resourceVersion }: WatchStart,
  begin: (first: readonly Pick<Change, 'type' | 'metadata'>[]) => void,
): ApiReply {
  if (resourceVersion === undefined) {
    if (!canStream)
      return status(
        422,
        'sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled',
      );
    begin(server.list(topic).map((metadata: Metadata) => ({ type: 'ADDED' as const, metadata })));
    return ok({});
  }
  const missed = server.since(Number(resourceVersion));
  if (missed === undefined) return status(410, 'too old resource version');
  begin(missed.filter((change) => change.topic === topic.kind));
  return ok({});
}

import type { Context } from './context.ts';
import type { Stream } from './exchange.ts';
import type { KubeObject } from './objects.ts';
import { matcherOf } from './read.ts';
import { formOf, presentEvent } from './representation.ts';
import type { Form } from './representation.ts';
import { groupVersion } from './resources.ts';
import type { Resource } from './resources.ts';
import type { Matcher } from './selectors.ts';
import { badRequest } from './status.ts';
import type { Change, ChangeType } from './store.ts';

/** A watch without `timeoutSeconds` ends by itself between 30 and 60 minutes after it began. */
const usualTimeoutMs = 45 * 60_000;
/** A bookmark goes out so long before the end. */
const lastBookmarkMs = 2_000;

/** Serves a watch until its time is up or its client is gone. */
export function watch(context: Context, resource: Resource): void {
  const { exchange, info, server } = context;
  const form = formOf(exchange.header('accept'));
  const matches = matcherOf(context, resource) ?? ((): boolean => true);
  const initial = info.query.get('sendInitialEvents') === 'true';
  const since = Number(info.query.get('resourceVersion') ?? 0);
  if (Number.isNaN(since))
    throw badRequest(
      `Invalid value: "${info.query.get('resourceVersion')}": strconv.ParseUint: parsing: invalid syntax`,
    );
  const stream = withFault(context, exchange.stream(200, { 'content-type': 'application/json' }));
  const watcher = new Watcher(resource, form, matches, stream);
  if (since === 0 || initial) watcher.sendAll(server.store.list(resource));
  else if (!catchUp(context, resource, since, watcher)) return;
  if (initial) {
    server.store.elsewhere();
    watcher.bookmark(server.store.revision, { 'k8s.io/initial-events-end': 'true' });
  }
  follow(context, resource, initial ? 0 : since, watcher, stream);
}

function catchUp(context: Context, resource: Resource, since: number, watcher: Watcher): boolean {
  const history = context.server.store.since(resource, since);
  if ('changes' in history) {
    for (const change of history.changes) watcher.send(change);
    return true;
  }
  watcher.tooOld(since, history.forgottenAt);
  return false;
}

function follow(context: Context, resource: Resource, since: number, watcher: Watcher, stream: Stream): void {
  const { exchange, info, server } = context;
  const { store } = server;
  // After a restore the counter may be behind what a watch goes on from: it is silent until it is reached.
  const stop = store.listen(resource, (change) => {
    if (change.revision > since) watcher.send(change);
  });
  const timers: NodeJS.Timeout[] = [];
  const end = (): void => {
    stop();
    for (const timer of timers) clearTimeout(timer);
  };
  exchange.onClose(end);
  const timeoutMs = Number(info.query.get('timeoutSeconds') ?? 0) * 1000 || usualTimeoutMs;
  timers.push(
    setTimeout(() => {
      end();
      stream.end();
    }, timeoutMs),
  );
  if (info.query.get('allowWatchBookmarks') !== 'true') return;
  const bookmark = (): void => {
    store.elsewhere();
    watcher.bookmark(store.revision);
  };
  timers.push(setInterval(bookmark, server.bookmarkEveryMs));
  if (timeoutMs > lastBookmarkMs) timers.push(setTimeout(bookmark, timeoutMs - lastBookmarkMs));
}

/** What one watch sees: its selector makes some changes into others, as losing a label is a DELETED. */
class Watcher {
  readonly #resource: Resource;
  readonly #form: Form;
  readonly #matches: Matcher;
  readonly #stream: Stream;
  #first = true;

  constructor(resource: Resource, form: Form, matches: Matcher, stream: Stream) {
    this.#resource = resource;
    this.#form = form;
    this.#matches = matches;
    this.#stream = stream;
  }

  sendAll(objects: readonly KubeObject[]): void {
    for (const object of objects) if (this.#matches(object)) this.#write('ADDED', object);
  }

  send(change: Change): void {
    const { type, object, before } = change;
    const is = type !== 'DELETED' && this.#matches(object);
    const was = before !== undefined && this.#matches(before);
    if (is) this.#write(was ? 'MODIFIED' : 'ADDED', object);
    // The last state that the selector matched, under the revision at which it stopped to.
    else if (was)
      this.#write('DELETED', { ...before, metadata: { ...before.metadata, resourceVersion: String(change.revision) } });
  }

  #write(type: ChangeType, object: KubeObject): void {
    const presented = presentEvent(this.#resource, object, this.#form, this.#first);
    this.#first = false;
    this.#stream.write(`${JSON.stringify({ type, object: presented })}\n`);
  }

  bookmark(revision: number, annotations?: Record<string, string>): void {
    const metadata = { resourceVersion: String(revision), ...(annotations === undefined ? {} : { annotations }) };
    const { kind } = this.#resource;
    const object =
      this.#form === 'metadata'
        ? { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata }
        : { kind, apiVersion: groupVersion(this.#resource), metadata: { ...metadata, creationTimestamp: null } };
    this.#stream.write(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`);
  }

  tooOld(since: number, forgottenAt: number): void {
    const message = `too old resource version: ${since} (${forgottenAt})`;
    const status = { status: 'Failure', message, reason: 'Expired', code: 410 };
    const object = { kind: 'Status', apiVersion: 'v1', metadata: {}, ...status };
    this.#stream.write(`${JSON.stringify({ type: 'ERROR', object })}\n`);
    this.#stream.end();
  }
}

/** The stream as a fault lets it through. */
function withFault({ fault }: Context, stream: Stream): Stream {
  if (fault === undefined) return stream;
  if ('watch' in fault) return faultyEvents(fault.watch, fault.events ?? Number.POSITIVE_INFINITY, stream);
  if ('breakAfterBytes' in fault) return breaking(fault.breakAfterBytes, stream);
  if ('hang' in fault) return { ...stream, write: () => undefined, end: () => undefined };
  return stream;
}

function faultyEvents(how: 'silent' | 'drop' | 'duplicate', events: number, stream: Stream): Stream {
  if (how === 'silent') return { ...stream, write: () => undefined, end: () => undefined };
  let left = events;
  const write = (line: string): void => {
    left -= 1;
    const met = left >= 0;
    if (how === 'duplicate' && met) stream.write(line);
    if (how === 'duplicate' || !met) stream.write(line);
  };
  return { ...stream, write };
}

function breaking(bytes: number, stream: Stream): Stream {
  let left = bytes;
  if (left === 0) setImmediate(() => stream.destroy());
  const write = (line: string): void => {
    if (left <= 0) return;
    const part = Buffer.from(line).subarray(0, left);
    left -= part.length;
    stream.write(part.toString());
    if (left <= 0) setTimeout(() => stream.destroy(), 10);
  };
  return { ...stream, write };
}

import { answerReader } from '../../src/adapters/kubernetes/answer.ts';
import type { BodyListener, HttpAnswer } from '../../src/adapters/http/answering.ts';
import { broken as brokenReply } from '../../src/adapters/kubernetes/broken.ts';
import type { ApiRequest, Transport } from '../../src/adapters/kubernetes/requests.ts';
import type { ApiReply, BrokenCause } from '../../src/core/api/reply.ts';
import type { Dice } from './dice.ts';
import { answerOf, selected, status, type Answer, type Writes } from './model/api.ts';
import type { Change, Store, Topic } from './model/store.ts';
import { planFor, type Life, type VirtualTime } from './virtual-time.ts';

/** What goes wrong between a process and the API servers just now; probabilities, and milliseconds where the name says so. */
export type Weather = {
  serverIsDown: boolean;
  /** Of a request being answered 429 or 5xx. */
  overload: number;
  /** Of a request being answered 401, 403, 404, 409, 410 or 422 for no good reason. */
  refusal: number;
  /** Of a connection breaking before or after the server has done its work. */
  breakage: number;
  /** Of a request that is never answered, with its work done or not. */
  hang: number;
  /** Of an answer that is no JSON, or ends early. */
  garbage: number;
  /** Most that a request takes each way. */
  latencyMs: number;
  /** Most that the server which a watch is opened at lags behind. */
  lagMs: number;
  /** Of an event that never arrives, and of one that arrives twice. */
  drop: number;
  duplicate: number;
  /** Of a watch that goes silent with the next event. */
  silence: number;
};

export const fairWeather: Weather = {
  serverIsDown: false,
  overload: 0,
  refusal: 0,
  breakage: 0,
  hang: 0,
  garbage: 0,
  latencyMs: 20,
  lagMs: 0,
  drop: 0,
  duplicate: 0,
  silence: 0,
};

export type NetworkOptions = {
  time: VirtualTime;
  store: Store;
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
  /** What a request goes through on its way, where a story has it so: undefined lets it pass. */
  readonly fate?: (request: ApiRequest) => Fate | undefined;
  /** Whether an event of a watch arrives, where a story has it so. */
  readonly arrives?: (change: Pick<Change, 'topic' | 'type'>) => boolean;
  /** All namespaces with the label have arrived as they were then or later, and nothing is under way that was asked before. */
  readonly onListed?: (asOfMs: number) => void;
  /** After a write was carried out. */
  readonly onWritten?: (request: ApiRequest) => void;
  /** Before the server does what a request asks for. */
  readonly onRequest: (request: ApiRequest) => void;
  writes: Writes;
};

/** What becomes of one request: its answer is lost with its work done or not, or it is answered by something else. */
export type Fate = 'lostBefore' | 'lostAfter' | 'hangsBefore' | 'hangsAfter' | Answer | { afterMs: number };

/** The way of one process to the API servers: the adapters' own requests and parsers over a wire that is a model. */
export function network(options: NetworkOptions): Transport {
  const transport: Transport = {
    server: 'https://simulated',
    async request(request, signal) {
      const sentMs = options.time.nowMs();
      const reply = await exchange(options, request, signal);
      if (isWholeList(request, reply)) noteListed(options, sentMs);
      return reply;
    },
    open: (request, signal) => open(options, request, signal),
    apart: () => transport,
    close: () => {},
  };
  return transport;
}

/** An answer as the adapters are handed it. */
class Response implements HttpAnswer {
  readonly headers: ReadonlyMap<string, string>;
  readonly status: number;
  readonly reason = '';
  isDestroyed = false;
  readonly #onDestroy: () => void;
  #listener: BodyListener | undefined;
  /** What came before somebody reads. */
  readonly #pending: ((listener: BodyListener) => void)[] = [];

  constructor(status: number, headers: Record<string, string>, onDestroy: () => void = () => {}) {
    this.status = status;
    this.headers = new Map(Object.entries(headers));
    this.#onDestroy = onDestroy;
  }

  destroy(): void {
    if (this.isDestroyed) return;
    this.isDestroyed = true;
    this.#onDestroy();
  }

  pause(): void {}

  resume(): void {}

  tell(listener: BodyListener): void {
    this.#listener = listener;
    queueMicrotask(() => this.#flush());
  }

  arrive(part: Buffer): void {
    this.#pending.push((listener) => listener.data(part));
    this.#flush();
  }

  end(isWhole: boolean): void {
    this.#pending.push((listener) => listener.over(isWhole));
    this.#flush();
  }

  #flush(): void {
    if (this.#listener === undefined) return;
    for (const tell of this.#pending.splice(0)) if (!this.isDestroyed) tell(this.#listener);
  }
}

const readAnswer = answerReader(() => 0);
const json = { 'content-type': 'application/json' };

/** What the adapter's reader makes of these bytes. */
function read({ status: code, body, retryAfter }: Answer, isWhole: boolean): ApiReply {
  const isText = typeof body === 'string';
  const type = isText ? { 'content-type': 'text/plain' } : json;
  const headers = retryAfter === undefined ? type : { ...type, 'retry-after': retryAfter };
  const response = new Response(code, headers);
  const came: { reply?: ApiReply } = {};
  readAnswer(response, (reply) => (came.reply ??= reply));
  response.arrive(Buffer.from(isText ? body : JSON.stringify(body)));
  response.end(isWhole);
  return came.reply ?? broken('Interrupted');
}

function broken(cause: BrokenCause): ApiReply {
  return brokenReply(cause, cause);
}

/**
 * One request: on its way, at the server, on its way back. A request that its client gives up before it arrived at the
 * server is not carried out.
 */
function exchange(options: NetworkOptions, request: ApiRequest, signal: AbortSignal): Promise<ApiReply> {
  const { store, writes, onWritten } = options;
  return carried(options, request, signal, () => {
    const answer = answerOf(store, request, writes);
    if (request.method !== 'GET' && answer.status < 300) onWritten?.(request);
    return answer;
  });
}

/** By then what was asked before an answer came has been carried out, or never will be. */
const requestSlackMs = 30_000;

/** Tells, once nothing is on its way any more that was asked before, that all namespaces were seen. */
function noteListed({ time, life, onListed }: NetworkOptions, asOfMs: number): void {
  if (onListed !== undefined) planFor(time, life, requestSlackMs, () => onListed(asOfMs));
}

/** Whether it is a whole list: a page of one is asked for to see how far the data have come, one by name to see that one. */
function isWholeList({ method, path }: ApiRequest, reply: ApiReply): boolean {
  if (method !== 'GET' || !path.startsWith('/api/v1/namespaces?')) return false;
  if (reply.kind !== 'answer' || reply.status !== 200) return false;
  return !/fieldSelector|limit=1(&|$)|continue=/.test(path) && !JSON.stringify(reply.body).includes('"continue"');
}

function carried(
  options: NetworkOptions,
  request: ApiRequest,
  signal: AbortSignal,
  work: () => Answer,
): Promise<ApiReply> {
  const { time, dice, life, weather, requestTimeoutMs, onRequest } = options;
  if (signal.aborted) return Promise.resolve(broken('Aborted'));
  onRequest(request);
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
    const back = (reply: ApiReply, afterMs = 0) =>
      planFor(time, life, dice.between(1, weather().latencyMs) + afterMs, () => finish(reply));

    time.plan(dice.between(1, weather().latencyMs), () => {
      if (isGivenUp || !life.isAlive()) return;
      const fate = options.fate?.(request) ?? fateOf(options);
      if (fate === undefined) return void back(read(work(), true));
      if (typeof fate === 'object') {
        return void ('afterMs' in fate ? back(read(work(), true), fate.afterMs) : back(read(fate, true)));
      }
      if (fate === 'unreachable') return void back(broken('Unreachable'));
      if (fate === 'cutShort') return void back(read({ status: 200, body: JSON.stringify(work().body) }, false));
      if (fate === 'lostAfter' || fate === 'hangsAfter') work();
      if (fate === 'lostAfter' || fate === 'lostBefore') back(broken('Interrupted'));
    });
  });
}

function fateOf({ dice, weather, isCutOff }: NetworkOptions): Fate | 'unreachable' | 'cutShort' | undefined {
  const { serverIsDown, hang, overload, refusal, breakage, garbage } = weather();
  if (serverIsDown || isCutOff()) return 'unreachable';
  if (dice.happens(hang)) return dice.happens(0.5) ? 'hangsBefore' : 'hangsAfter';
  if (dice.happens(overload)) return overloaded(dice);
  if (dice.happens(refusal)) return refused(dice);
  if (dice.happens(garbage)) return dice.happens(0.5) ? 'cutShort' : { status: 502, body: '<html>Bad gateway</html>' };
  if (dice.happens(breakage)) return dice.happens(0.5) ? 'lostBefore' : 'lostAfter';
  return undefined;
}

function overloaded(dice: Dice): Answer {
  if (dice.happens(0.5)) return tooMany('1');
  return status(dice.pick([500, 503, 504]) ?? 500, 'InternalError', 'etcdserver: leader changed');
}

/** @param retryAfter seconds. */
export function tooMany(retryAfter: string): Answer {
  return { status: 429, body: 'Too many requests, please try again later.\n', retryAfter };
}

function refused(dice: Dice): Answer {
  const code = dice.pick([401, 403, 404, 409, 410, 422]) ?? 401;
  return status(code, 'Refused', 'for no good reason');
}

/** A watch, or what its request was answered instead. */
async function open(options: NetworkOptions, request: ApiRequest, signal: AbortSignal): ReturnType<Transport['open']> {
  const held: { response?: Response } = {};
  const reply = await carried(options, request, signal, () =>
    opening(options, request.path, (begin) => (held.response = begin())),
  );
  const { response } = held;
  if (reply.kind === 'answer' && reply.status === 200 && response !== undefined) {
    return { kind: 'stream', answer: response };
  }
  // What was opened goes on; an answer that got lost ends it, as the connection does.
  response?.destroy();
  return reply;
}

function opening(options: NetworkOptions, path: string, begin: (open: () => Response) => void): Answer {
  const { store, canStream } = options;
  const [place = ''] = path.split('?');
  const topic = place.split('/').at(-1) as Topic; // as the adapters ask for it
  const query = new URLSearchParams(path.split('?')[1] ?? '');
  const timeoutMs = 1000 * Number(query.get('timeoutSeconds') ?? 300);
  if (query.get('sendInitialEvents') === 'true') {
    if (!canStream) {
      const message =
        'ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled';
      return status(422, 'Invalid', message);
    }
    const first = selected(store, topic, path).map((metadata) => ({
      topic,
      type: 'ADDED' as const,
      object: { metadata },
    }));
    begin(() => stream(options, topic, { first, since: 0, isInitial: true, timeoutMs }));
    return { status: 200, body: {} };
  }
  if (!query.has('resourceVersion')) {
    const objects = store.lease === undefined ? [] : [store.lease];
    const first = objects.map((object) => ({ topic, type: 'ADDED' as const, object }));
    begin(() => stream(options, topic, { first, since: 0, isInitial: false, timeoutMs }));
    return { status: 200, body: {} };
  }
  const since = Number(query.get('resourceVersion'));
  const missed = store.since(topic, since);
  begin(() => {
    if (missed !== undefined) return stream(options, topic, { first: missed, since, isInitial: false, timeoutMs });
    return refusedStream(options, status(410, 'Expired', `too old resource version: ${since} (${store.revision})`));
  });
  return { status: 200, body: {} };
}

/** A watch that says what is wrong with it, and ends. */
function refusedStream({ time, life, dice, weather }: NetworkOptions, { body }: Answer): Response {
  const response = new Response(200, json);
  planFor(time, life, dice.between(1, weather().latencyMs), () => {
    response.arrive(Buffer.from(`${JSON.stringify({ type: 'ERROR', object: body })}\n`));
    response.end(true);
  });
  return response;
}

type Begin = {
  first: readonly Pick<Change, 'topic' | 'type' | 'object'>[];
  /** After a restore the counter may be behind what a watch goes on from: it is silent until it is reached. */
  since: number;
  isInitial: boolean;
  timeoutMs: number;
};

/** A watch: events arrive in their order, each a little later. */
function stream(options: NetworkOptions, topic: Topic, { first, since, isInitial, timeoutMs }: Begin): Response {
  const { time, store, dice, life, weather, bookmarkMs, isCutOff, arrives } = options;
  const lagMs = dice.between(0, weather().lagMs);
  const openedMs = time.nowMs();
  let isSilent = false;
  let lastMs = 0;
  const lines: Buffer[] = [];
  const unlisten = store.listen((change) => {
    if (change.topic === topic && change.revision > since) send(change);
  });
  const response = new Response(200, json, () => {
    options.openWatches.delete(cut);
    unlisten();
  });
  const end = (isWhole: boolean) => {
    response.end(isWhole);
    unlisten();
  };
  const cut = () => void planFor(time, life, 5, () => end(false));
  options.openWatches.add(cut);

  const deliver = (event: unknown, isEndOfList = false) => {
    if (isCutOff()) isSilent = true;
    if (isSilent) return;
    lastMs = Math.max(lastMs, time.nowMs() + lagMs + dice.between(1, weather().latencyMs));
    lines.push(Buffer.from(`${JSON.stringify(event)}\n`));
    // Lines of one connection come in their order, whichever of them is late.
    planFor(time, life, lastMs - time.nowMs(), () => {
      response.arrive(lines.shift() ?? Buffer.alloc(0));
      if (isEndOfList && !response.isDestroyed && topic === 'namespaces') noteListed(options, openedMs);
    });
  };
  const send = ({ type, object }: Pick<Change, 'topic' | 'type' | 'object'>) => {
    const { drop, duplicate, silence } = weather();
    if (arrives?.({ topic, type }) === false) return;
    if (dice.happens(silence)) isSilent = true;
    if (dice.happens(drop)) return;
    deliver({ type, object });
    if (dice.happens(duplicate)) deliver({ type, object });
  };
  const bookmark = (isEndOfList = false) => {
    const resourceVersion = String(Math.max(store.revision, since));
    const annotations = isEndOfList ? { 'k8s.io/initial-events-end': 'true' } : {};
    deliver({ type: 'BOOKMARK', object: { metadata: { resourceVersion, annotations } } }, isEndOfList);
  };
  const keepAlive = () => {
    if (response.isDestroyed || !life.isAlive()) return response.destroy();
    // Behind what it goes on from, a server has nothing to say.
    if (store.revision >= since) bookmark();
    time.plan(bookmarkMs, keepAlive);
  };
  // A list is whole and of one moment, whatever gets lost later.
  if (isInitial) for (const { type, object } of first) deliver({ type, object });
  else for (const change of first) send(change);
  if (isInitial) bookmark(true);
  time.plan(bookmarkMs, keepAlive);
  planFor(time, life, timeoutMs, () => {
    if (!isSilent) end(true);
  });
  return response;
}

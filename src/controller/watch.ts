import { listFailure, pageOf, secretsFailure } from '../core/api/pages.ts';
import { retryAfterMs, type ApiReply } from '../core/api/reply.ts';
import { isOverload, isTransient, retryDelayMs } from '../core/api/retry.ts';
import { factsIn, judgeRefusedWatch, type Facts } from '../core/controller/watch-events.ts';
import type { Horizon } from '../core/controller/horizon.ts';
import { brokenWatch, watchFailure } from '../core/controller/refusals.ts';
import type { Failure } from '../core/failures/errors.ts';
import type { ControllerCluster, Meter, Random, Clock, WatchEnd, WatchStart, WatchTopic } from '../ports.ts';
import { pageReader, pages, type PagedList, type ReadPage } from '../serving/pages.ts';
import type { Pulse } from '../serving/pulse.ts';
import { createRounds } from '../serving/rounds.ts';
import { relisted, unwatched, type WatchHandler, type Watching, type WatchTimings } from './watch-position.ts';
import { openSession, type WatchSession } from './watch-session.ts';
import type { Trouble } from './trouble.ts';

export type WatchDeps = {
  horizon: Horizon;
  /** Nothing else asks the server again and again, and so sees when its data were restored. */
  isAlone: boolean;
  cluster: ControllerCluster;
  clock: Clock;
  random: Random;
  meter: Meter;
  /** That the topic cannot be seen. */
  trouble: Trouble;
  pulse: Pulse;
};

/** A server that could not stream a list is asked again after so long: it may have been upgraded. */
const streamAgainMs = 24 * 60 * 60_000;
/** Answers in a row that make no sense; then all is listed anew instead of asked for from the same revision again. */
const toleratedOdd = 3;

export const usualWatchTimings: WatchTimings = { silenceMs: 150_000, relistMs: 30 * 60_000, watchSeconds: 300 };

/**
 * Watches what a topic is about until `stop`: lists (streamed where the server can, else in pages), watches on from there,
 * resumes where a watch ended, lists anew where the revision is too old or time is up, and replaces a watch that fell silent.
 */
export async function watch(
  topic: WatchTopic,
  handler: WatchHandler,
  timings: WatchTimings,
  deps: WatchDeps,
  stop: AbortSignal,
): Promise<void> {
  const { clock, random, horizon, meter, trouble } = deps;
  const position = unwatched();
  const onSense = () => {
    position.odd = 0;
    trouble.over();
    meter.watchHeard(topic.kind);
  };
  const beat = deps.pulse.part(`the watch of ${topic.kind}`);
  const watchdogBeat = deps.pulse.part(`the watchdog of the watch of ${topic.kind}`);
  const watching: Watching = { topic, handler, timings, position, clock, random, horizon, onSense, watchdogBeat };
  const round = async (): Promise<number> => {
    const end = await next(watching, deps)(watching, deps, stop);
    if (stop.aborted || end === 'goOn') return 0;
    const { reason, failure } = end;
    meter.watchRestarted(topic.kind, reason);
    if (failure !== undefined) trouble.met(failure, { reason });
    position.failures += 1;
    position.odd = end.isOdd === true ? position.odd + 1 : 0;
    if (position.odd >= toleratedOdd) position.resourceVersion = undefined;
    return retryDelayMs(position.failures, end.retryAfterMs, random());
  };
  const rounds = createRounds(clock, round, beat);
  horizon.onRestored(() => {
    position.resourceVersion = undefined;
    watching.session?.endFor('DataRestored');
    rounds.wake();
  });
  await rounds.run(stop);
}

function next({ position, clock }: Watching, { isAlone }: WatchDeps): typeof watchOnce {
  if (position.resourceVersion === undefined) return clock.steadyMs() < position.listsUntilMs ? listPages : watchOnce;
  return position.isDoubtful && isAlone ? askRevision : watchOnce;
}

/** Asks how far the server's data have come, before a watch goes on from where another broke off. */
async function askRevision(
  { topic, position, horizon }: Watching,
  { cluster }: WatchDeps,
  stop: AbortSignal,
): Promise<End> {
  const since = horizon.newest();
  const reply = await cluster.listTopic(topic, { limit: 1 }, stop);
  if (isTransient(reply)) return refused(reply, topic, cluster.server);
  position.isDoubtful = false;
  const page = pageOf(reply, factsIn);
  if (page !== undefined) horizon.answered(page.resourceVersion, since);
  return 'goOn';
}

/** How a list or a watch ended: the next one follows at once, or after a pause. */
type End =
  | 'goOn'
  | {
      reason: string;
      failure?: Failure;
      retryAfterMs?: number | undefined;
      /** What came made no sense, and may make none again from the same revision. */
      isOdd?: boolean;
    };

async function watchOnce(watching: Watching, { cluster, trouble }: WatchDeps, stop: AbortSignal): Promise<End> {
  const { topic, timings, position, random } = watching;
  const { resourceVersion } = position;
  const start: WatchStart = {
    timeoutSeconds: Math.floor(timings.watchSeconds * (1 + random())),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
  const session = openSession(watching, stop);
  watching.session = session;
  const opened = () => {
    if (position.odd === 0 && !session.isListing()) trouble.over();
  };
  const listener = { opened, event: session.onEvent };
  const end = await cluster.watchTopic(topic, start, listener, session.signal);
  delete watching.session;
  session.close();
  position.isDoubtful = session.lastedMs() < 1000 * (start.timeoutSeconds - 1);
  return judgeEnd(end, session, watching, cluster.server);
}

/** One that ends sooner, time after time, must not be asked for in a loop. */
const longMs = 5000;

function judgeEnd(end: WatchEnd, session: WatchSession, { position, topic, clock }: Watching, server: string): End {
  const isSound = end.kind === 'ended' && session.lastedMs() >= longMs;
  if (isSound) position.failures = 0;
  const why = session.why();
  if (why === 'Resync' || why === 'DataRestored') return 'goOn';
  if (why !== undefined) return endedHere(why, server);
  if (end.kind === 'ended') return isSound ? 'goOn' : endedThere(end.why, server);
  const step = judgeRefusedWatch(end);
  if (step === 'cannotStream') {
    position.listsUntilMs = clock.steadyMs() + streamAgainMs;
    return 'goOn';
  }
  if (step === 'relist') {
    position.resourceVersion = undefined;
    return { reason: 'RevisionTooOld' };
  }
  return refused(end, topic, server);
}

/** A watch that was given up for what it showed, or for showing nothing. */
function endedHere(reason: string, server: string): End {
  if (reason === 'RevisionTooOld') return { reason };
  const failure = brokenWatch(reasonsInWords[reason] ?? reason, server);
  return { reason, failure, isOdd: reason !== 'Silent' };
}

const reasonsInWords: Readonly<Record<string, string>> = {
  EventUnreadable: 'an event came that nobody can read',
  ServerError: 'the server ended it with an error',
  Silent: 'nothing came for so long that it must be dead',
};

function endedThere(why: string, server: string): End {
  const isOdd = why === 'an event is no JSON' || why === 'an event is too large';
  return {
    reason: 'ConnectionEnded',
    failure: brokenWatch(`it ended a moment after it was opened: ${why}`, server),
    isOdd,
  };
}

function refused(reply: ApiReply, topic: WatchTopic, server: string): End {
  const reason = reply.kind === 'answer' ? `Http${reply.status}` : reply.cause;
  const isOdd = reply.kind === 'answer' && !isOverload(reply) && reply.status !== 401 && reply.status !== 403;
  return { reason, failure: watchFailure(reply, topic, server), retryAfterMs: retryAfterMs(reply), isOdd };
}

/** A list in pages, for servers that cannot stream it. */
async function listPages(watching: Watching, deps: WatchDeps, stop: AbortSignal): Promise<End> {
  const { topic, handler, position, horizon } = watching;
  const since = horizon.newest();
  const present = new Set<string>();
  let resourceVersion = '';
  let failure: Failure | undefined;
  for await (const page of pages(topicReader(topic, deps, stop), (why) => (failure = why))) {
    for (const facts of page.items) {
      present.add(handler.keyOf(facts));
      handler.put(facts, true);
    }
    ({ resourceVersion } = page);
  }
  if (failure !== undefined) return { reason: failure.code, failure };
  deps.trouble.over();
  deps.meter.watchHeard(topic.kind);
  horizon.answered(resourceVersion, since);
  position.resourceVersion = resourceVersion;
  relisted(watching);
  handler.listed(present, resourceVersion);
  return 'goOn';
}

function topicReader(topic: WatchTopic, deps: WatchDeps, stop: AbortSignal): ReadPage<Facts> {
  const { cluster } = deps;
  const { server } = cluster;
  const list: PagedList<Facts> = {
    server,
    ask: (page) => cluster.listTopic(topic, page, stop),
    itemOf: factsIn,
    ofOneMoment: true,
    failure: (reply) =>
      topic.kind === 'secrets' ? secretsFailure(reply, server, topic.secretName) : listFailure(reply, server),
  };
  return pageReader(list, deps, stop);
}

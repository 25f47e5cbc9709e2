import { listFailure, pageOf, secretsFailure } from '../core/api/pages.ts';
import { retryAfterMs, whyNot, type ApiReply } from '../core/api/reply.ts';
import { isTransient, retryDelayMs } from '../core/api/retry.ts';
import { factsIn, judgeRefusedWatch, type Facts } from '../core/controller/watch-events.ts';
import type { Horizon } from '../core/controller/horizon.ts';
import type { Failure } from '../core/failures/errors.ts';
import type { ControllerCluster, Log, Meter, Random, Clock, WatchEnd, WatchStart, WatchTopic } from '../ports.ts';
import { pageReader, pages, type PagedList, type ReadPage } from '../serving/pages.ts';
import { createRounds } from '../serving/rounds.ts';
import {
  relisted,
  unwatched,
  type Position,
  type WatchHandler,
  type Watching,
  type WatchTimings,
} from './watch-position.ts';
import { openSession, type WatchSession } from './watch-session.ts';

export type WatchDeps = {
  horizon: Horizon;
  /** Nothing else asks the server again and again, and so sees when its data were restored. */
  isAlone: boolean;
  cluster: ControllerCluster;
  clock: Clock;
  random: Random;
  log: Log;
  meter: Meter;
};

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
  const { clock, random, horizon, meter, log } = deps;
  const position = unwatched();
  const watching: Watching = { topic, handler, timings, position, clock, random, horizon };
  const round = async (): Promise<number> => {
    const end = await next(watching, deps)(watching, deps, stop);
    if (stop.aborted || end === 'goOn') return 0;
    meter.watchRestarted(topic.kind, end.reason);
    if (end.why !== undefined) complain(watching, end.reason, end.why, log);
    position.failures += 1;
    return retryDelayMs(position.failures, end.retryAfterMs, random());
  };
  const rounds = createRounds(clock, round);
  horizon.onRestored(() => {
    position.resourceVersion = undefined;
    watching.session?.endFor('DataRestored');
    rounds.wake();
  });
  await rounds.run(stop);
}

function next({ position }: Watching, { isAlone }: WatchDeps): typeof watchOnce {
  if (position.resourceVersion === undefined) return position.canStream ? watchOnce : listPages;
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
  if (isTransient(reply)) return refused(reply);
  position.isDoubtful = false;
  const page = pageOf(reply, factsIn);
  if (page !== undefined) horizon.answered(page.resourceVersion, since);
  return 'goOn';
}

/** How a list or a watch ended: the next one follows at once, or after a pause. */
type End = 'goOn' | { reason: string; why?: string; retryAfterMs?: number | undefined };

async function watchOnce(watching: Watching, { cluster }: WatchDeps, stop: AbortSignal): Promise<End> {
  const { topic, timings, position, random } = watching;
  const { resourceVersion } = position;
  const start: WatchStart = {
    timeoutSeconds: Math.floor(timings.watchSeconds * (1 + random())),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
  const session = openSession(watching, stop);
  watching.session = session;
  const end = await cluster.watchTopic(topic, start, (event) => session.onEvent(event), session.signal);
  delete watching.session;
  session.close();
  position.isDoubtful = session.lastedMs() < 1000 * (start.timeoutSeconds - 1);
  return judgeEnd(end, session, position);
}

/** One that ends sooner, time after time, must not be asked for in a loop. */
const longMs = 5000;

function judgeEnd(end: WatchEnd, session: WatchSession, position: Position): End {
  const isSound = end.kind === 'ended' && session.lastedMs() >= longMs;
  if (isSound) position.failures = 0;
  const why = session.why();
  if (why === 'Resync' || why === 'DataRestored') return 'goOn';
  if (why !== undefined) return { reason: why };
  if (end.kind === 'ended') return isSound ? 'goOn' : { reason: 'ConnectionEnded' };
  const step = judgeRefusedWatch(end);
  if (step === 'cannotStream') {
    position.canStream = false;
    return 'goOn';
  }
  if (step === 'relist') {
    position.resourceVersion = undefined;
    return { reason: 'RevisionTooOld' };
  }
  return refused(end);
}

function refused(reply: ApiReply): End {
  const reason = reply.kind === 'answer' ? `Http${reply.status}` : reply.cause;
  return { reason, why: whyNot(reply), retryAfterMs: retryAfterMs(reply) };
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
  if (failure !== undefined) return { reason: failure.code, why: failure.why };
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

/** Says once what keeps a watch from being opened. */
function complain({ topic, position }: Watching, reason: string, why: string, log: Log): void {
  const isNews = position.failures === 0 || position.complaint !== why;
  position.complaint = why;
  log(isNews ? 'warn' : 'debug', 'Watch could not be opened, trying again', { resource: topic.kind, reason, why });
}

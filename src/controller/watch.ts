import { listFailure, secretsFailure } from '../core/api/pages.ts';
import { retryAfterMs, whyNot } from '../core/api/reply.ts';
import { retryDelayMs } from '../core/api/retry.ts';
import { factsIn, judgeRefusedWatch, type Facts } from '../core/controller/watch-events.ts';
import type { Failure } from '../core/failures/errors.ts';
import type { ControllerCluster, Log, Meter, Random, Clock, WatchEnd, WatchStart, WatchTopic } from '../ports.ts';
import { pageReader, pages, type PagedList, type ReadPage } from '../serving/pages.ts';
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
  const { clock, random, meter, log } = deps;
  const position = unwatched();
  const watching: Watching = { topic, handler, timings, position, clock, random };
  while (!stop.aborted) {
    const isPaged = position.resourceVersion === undefined && !position.canStream;
    const end = await (isPaged ? listPages : watchOnce)(watching, deps, stop);
    if (stop.aborted) return;
    if (end === 'goOn') continue;
    meter.watchRestarted(topic.kind, end.reason);
    if (end.why !== undefined) complain(watching, end.reason, end.why, log);
    position.failures += 1;
    await clock.sleep(retryDelayMs(position.failures, end.retryAfterMs, random()), stop);
  }
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
  const end = await cluster.watchTopic(topic, start, (event) => session.onEvent(event), session.signal);
  session.close();
  return judgeEnd(end, session, position);
}

function judgeEnd(end: WatchEnd, session: WatchSession, position: Position): End {
  const isSound = end.kind === 'ended' && session.isLong();
  if (isSound) position.failures = 0;
  const why = session.why();
  if (why === 'Resync') return 'goOn';
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
  const reason = end.kind === 'answer' ? `Http${end.status}` : end.cause;
  return { reason, why: whyNot(end), retryAfterMs: retryAfterMs(end) };
}

/** A list in pages, for servers that cannot stream it. */
async function listPages(watching: Watching, deps: WatchDeps, stop: AbortSignal): Promise<End> {
  const { topic, handler, position } = watching;
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

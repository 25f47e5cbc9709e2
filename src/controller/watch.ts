import { retryAfterMs, whyNot } from '../core/api/reply.ts';
import { listFailure, secretsFailure } from '../core/api/pages.ts';
import { retryDelayMs } from '../core/api/retry.ts';
import type { Failure } from '../core/failures/errors.ts';
import { pageReader, pages, type PagedList, type ReadPage } from '../serving/pages.ts';
import { factsIn, judgeEvent, judgeRefusedWatch, type Facts } from '../core/controller/watch-events.ts';
import type { ControllerCluster, Log, Meter, Random, SteadyClock, WatchEnd, WatchTopic } from '../ports.ts';

export type WatchDeps = {
  cluster: ControllerCluster;
  clock: SteadyClock;
  random: Random;
  log: Log;
  meter: Meter;
};

/** What is told of the objects that are followed. */
export type WatchHandler = {
  /** @param isListed it stands in a list, which is never behind what was seen before. */
  put(facts: Facts, isListed: boolean): void;
  gone(facts: Facts): void;
  /** Everything there is has been put; what is not among these keys is gone. */
  listed(present: ReadonlySet<string>): void;
  /** What tells the objects apart. */
  keyOf(facts: Facts): string;
};

export type WatchTimings = {
  /** A watch that says nothing for so long is dead; servers send bookmarks every minute. */
  silenceMs: number;
  /** All is listed anew so often, in case an event was lost on its way; less up to a fifth. */
  relistMs: number;
  /** The server is asked to end a watch after so long, plus up to as much again. */
  watchSeconds: number;
};

export const usualWatchTimings: WatchTimings = { silenceMs: 150_000, relistMs: 30 * 60_000, watchSeconds: 300 };

/** Where a follower is. */
type Position = {
  /** Absent: everything has to be listed. */
  resourceVersion: string | undefined;
  canStream: boolean;
  /** In a row. */
  failures: number;
  relistAtMs: number;
  complaint: string | undefined;
};

/**
 * Follows what a topic is about until `stop`: lists (streamed where the server can, else in pages), watches on from there,
 * resumes where a watch ended, lists anew where the revision is too old or time is up, and replaces a watch that fell silent.
 */
export async function watch(
  topic: WatchTopic,
  follower: WatchHandler,
  timings: WatchTimings,
  deps: WatchDeps,
  stop: AbortSignal,
): Promise<void> {
  const position: Position = {
    resourceVersion: undefined,
    canStream: true,
    failures: 0,
    relistAtMs: 0,
    complaint: undefined,
  };
  while (!stop.aborted) {
    const isPaged = position.resourceVersion === undefined && !position.canStream;
    const end = isPaged
      ? await listPages(topic, follower, position, timings, deps, stop)
      : await watchOnce(topic, follower, position, timings, deps, stop);
    if (stop.aborted) return;
    if (end === 'goOn') continue;
    deps.meter.watchRestarted(topic.kind, end.reason);
    if (end.why !== undefined) complain(topic, end.why, position, deps.log);
    position.failures += 1;
    await deps.clock.sleep(retryDelayMs(position.failures, end.retryAfterMs, deps.random()), stop);
  }
}

/** How a list or a watch ended: the next one follows at once, or after a pause. */
type End = 'goOn' | { reason: string; why?: string; retryAfterMs?: number | undefined };

async function watchOnce(
  topic: WatchTopic,
  follower: WatchHandler,
  position: Position,
  timings: WatchTimings,
  deps: WatchDeps,
  stop: AbortSignal,
): Promise<End> {
  const { clock, random } = deps;
  let present = position.resourceVersion === undefined ? new Set<string>() : undefined;
  const beganMs = clock.steadyMs();
  const session: Session = { isSynced: present === undefined, heardMs: beganMs, why: undefined };
  const ended = new AbortController();
  const endFor = (why: string) => {
    session.why ??= why;
    ended.abort(why);
  };

  const onEvent = (event: unknown) => {
    if (ended.signal.aborted) return;
    session.heardMs = clock.steadyMs();
    const step = judgeEvent(event);
    if (step[0] === 'relist' || step[0] === 'restart') {
      if (step[0] === 'relist') position.resourceVersion = undefined;
      return endFor(step[1]);
    }
    if (step[0] === 'put') {
      present?.add(follower.keyOf(step[1]));
      follower.put(step[1], !session.isSynced);
    } else if (step[0] === 'gone') {
      present?.delete(follower.keyOf(step[1]));
      follower.gone(step[1]);
    } else if (step[1].synced && present !== undefined && !session.isSynced) {
      session.isSynced = true;
      position.relistAtMs = relistAtMs(timings, deps);
      follower.listed(present);
      present = undefined;
    }
    if (session.isSynced) position.resourceVersion = step[1].resourceVersion;
  };

  const onStop = () => endFor('Stopped');
  stop.addEventListener('abort', onStop);
  void watchdog(session, position, timings, clock, endFor, ended.signal);
  const { resourceVersion } = position;
  const end = await deps.cluster.watchTopic(
    topic,
    {
      timeoutSeconds: Math.floor(timings.watchSeconds * (1 + random())),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    onEvent,
    ended.signal,
  );
  ended.abort('Ended');
  stop.removeEventListener('abort', onStop);
  const isSound = end.kind === 'ended' && clock.steadyMs() - beganMs >= soundMs;
  if (isSound) position.failures = 0;
  return judgeEnd(session.why, end, position, isSound);
}

type Session = { isSynced: boolean; heardMs: number; why: string | undefined };

/** A watch that lasted so long was a good one; one that ends at once, time after time, must not be asked for in a loop. */
const soundMs = 5000;

/** Ends a watch that fell silent, and one that has gone on for long enough to be checked against a list. */
async function watchdog(
  session: Session,
  position: Position,
  { silenceMs }: WatchTimings,
  clock: SteadyClock,
  endFor: (why: string) => void,
  over: AbortSignal,
): Promise<void> {
  while (!over.aborted) {
    const nowMs = clock.steadyMs();
    if (session.heardMs + silenceMs <= nowMs) return endFor('Silent');
    if (session.isSynced && position.relistAtMs <= nowMs) {
      position.resourceVersion = undefined;
      return endFor('Resync');
    }
    const relistMs = session.isSynced ? position.relistAtMs : Number.POSITIVE_INFINITY;
    await clock.sleep(Math.min(session.heardMs + silenceMs, relistMs) - nowMs, over);
  }
}

function judgeEnd(why: string | undefined, end: WatchEnd, position: Position, isSound: boolean): End {
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
async function listPages(
  topic: WatchTopic,
  handler: WatchHandler,
  position: Position,
  timings: WatchTimings,
  deps: WatchDeps,
  stop: AbortSignal,
): Promise<End> {
  const present = new Set<string>();
  let resourceVersion: string | undefined;
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
  position.relistAtMs = relistAtMs(timings, deps);
  handler.listed(present);
  return 'goOn';
}

function topicReader(topic: WatchTopic, deps: WatchDeps, stop: AbortSignal): ReadPage<Facts> {
  const { cluster } = deps;
  const { server } = cluster;
  const list: PagedList<Facts> = {
    server,
    ask: (page) => cluster.listTopic(topic, page, stop),
    itemOf: factsIn,
    failure: (reply) =>
      topic.kind === 'secrets' ? secretsFailure(reply, server, topic.secretName) : listFailure(reply, server),
  };
  return pageReader(list, deps, stop);
}

function relistAtMs({ relistMs }: WatchTimings, { clock, random }: WatchDeps): number {
  return clock.steadyMs() + Math.floor(relistMs * (1 - 0.2 * random()));
}

/** Says once what keeps a watch from being opened. */
function complain(topic: WatchTopic, why: string, position: Position, log: Log): void {
  const isNews = position.failures === 0 || position.complaint !== why;
  position.complaint = why;
  log(isNews ? 'warn' : 'debug', 'Watch could not be opened, trying again', { resource: topic.kind, why });
}

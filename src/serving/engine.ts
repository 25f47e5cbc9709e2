import type { Happened, Machine, Moment } from '../core/api/machine.ts';
import type { ApiReply } from '../core/api/reply.ts';
import { isOverload, isTransient } from '../core/api/retry.ts';
import { workQueue, type Lane, type Taken } from '../core/queue/work-queue.ts';
import type { Clock, Random } from '../ports.ts';
import { createAlarm, type Alarm } from './alarm.ts';
import { momentOf } from './moment.ts';

/** What is done for each key, by who runs the engine. Each is called in one turn with what led to it, and must not throw. */
export type Hands<Job, Request, End> = {
  /** Its turn has come, after so long: the job to do; undefined where there is nothing to do. */
  readonly begin: (key: string, waitedMs: number) => Job | undefined;
  readonly next: Machine<Job, Request, End>;
  /** Makes one request; never rejects. `Aborted` where it was given up from here. */
  readonly ask: (request: Request, key: string) => Promise<ApiReply>;
  /** A job has ended; what is to be done for the same key at once. */
  readonly ended: (key: string, end: End, job: Job) => Job | undefined;
  /** It will not be ended: the engine was stopped, or its request was given up. With its job where it was begun. */
  readonly left: (key: string, job?: Job) => void;
  /** Nothing is under way for it any more. */
  readonly done: (key: string) => void;
};

export type EngineSettings = {
  /** Requests in flight at most. */
  concurrency: number;
  /** Whether work may be taken up at all. */
  readonly isOpen: () => boolean;
};

export type EngineDeps = { clock: Clock; random: Random };

/** A request that has not been answered for so long does not count among those that go well: others are begun beside it. */
const patienceMs = 1000;
/** Jobs that wait in the middle of their work; while there are so many, no others are begun, and memory is bounded. */
const mostPaused = 1000;
/** The clock is looked at so often though nothing is due. */
const longestSleepMs = 60 * 60_000;

type Work<Job> = { job: Job; isDropped: boolean; isResumed: boolean };

/**
 * Works through keys, a bounded number of requests at a time. It begins with one and adds one for each that went well, so
 * that a few keys share one connection and many soon fill the bound; an overloaded server halves it. What waits for its
 * time holds nothing, and a request that hangs does not keep the others.
 */
export class Engine<Job, Request, End> {
  readonly #hands: Hands<Job, Request, End>;
  readonly #settings: EngineSettings;
  readonly #deps: EngineDeps;
  readonly #queue = workQueue();
  readonly #works = new Map<string, Work<Job>>();
  /** Since when each request is under way, the oldest first. */
  readonly #inFlight = new Map<string, number>();
  readonly #over = Promise.withResolvers<void>();
  readonly #alarm: Alarm;
  /** Requests that go well at a time. */
  #allowed = 1;
  /** Requests under way of jobs that had to wait before. */
  #resumed = 0;
  #phase: 'idle' | 'running' | 'stopped' = 'idle';
  #isPumping = false;
  /** Whether keys come by and by, and whether all have come; without, it ends only when it is told. */
  #feed: 'none' | 'open' | 'ended' = 'none';
  #onRoom = () => {};

  constructor(hands: Hands<Job, Request, End>, settings: EngineSettings, deps: EngineDeps) {
    this.#hands = hands;
    this.#settings = settings;
    this.#deps = deps;
    this.#alarm = createAlarm(deps.clock, () => this.pump(), this.#over.reject);
  }

  /** Ready or in work. */
  get depth(): number {
    return this.#queue.depth;
  }

  /** Not in work, and waiting for their time. */
  get delayed(): number {
    return this.#queue.delayed;
  }

  /** When it should have taken up work that it could; undefined where it has nothing to do, or does something. */
  get overdueSinceMs(): number | undefined {
    if (this.#phase !== 'running' || !this.#settings.isOpen() || this.#inFlight.size > 0) return undefined;
    return this.#queue.readySinceMs() ?? this.#queue.nextDueMs();
  }

  isInWork(key: string): boolean {
    return this.#works.has(key);
  }

  /** Work for a key, now; one in work is done once more afterwards. */
  add(key: string, lane: Lane): void {
    if (this.#phase === 'stopped') this.#hands.left(key);
    else this.#queue.add(key, lane, this.#deps.clock.steadyMs());
  }

  /** Work for a key at a time by the steady clock. */
  addAt(key: string, dueMs: number): void {
    if (this.#phase !== 'stopped') this.#queue.addAt(key, dueMs);
  }

  /** Nothing is to be done for it any more: what waits is dropped, and what is under way makes no further request. */
  forget(key: string): void {
    this.#queue.forget(key);
    const work = this.#works.get(key);
    if (work === undefined) return;
    work.isDropped = true;
    if (!this.#inFlight.has(key)) this.#leave(key, this.#now());
  }

  /** The same for all. */
  clear(): void {
    this.#queue.clear();
    for (const key of this.#works.keys()) this.forget(key);
  }

  /**
   * Works until `stop`: then nothing new is begun and nothing waits, but what was begun makes its requests.
   * @param feed keys that come by and by, taken as there is room; where given, it ends when all are done, too.
   * @throws what its hands threw, which is a bug.
   */
  async run(stop: AbortSignal, feed?: AsyncIterable<readonly string[]>): Promise<void> {
    const onStop = () => this.#stop();
    this.#phase = 'running';
    stop.addEventListener('abort', onStop, { once: true });
    if (feed !== undefined) this.#fill(feed).catch(this.#over.reject);
    if (stop.aborted) onStop();
    else this.pump();
    try {
      await this.#over.promise;
    } finally {
      this.#alarm.clear();
      stop.removeEventListener('abort', onStop);
    }
  }

  /** Takes up what can be, by one reading of the clock. To be called whenever work was added or became possible. */
  pump(): void {
    if (this.#phase === 'idle' || this.#isPumping) return;
    this.#isPumping = true;
    const now = this.#now();
    for (let next = this.#take(now); next !== undefined; next = this.#take(now)) this.#begin(next, now);
    this.#isPumping = false;
    if (this.#queue.fresh < this.#settings.concurrency) this.#onRoom();
    if (this.#isDone()) this.#over.resolve();
    else this.#alarm.set(this.#wakeAtMs(now.steadyMs), now.steadyMs);
  }

  #now(): Moment {
    return momentOf(this.#deps.clock);
  }

  #take({ steadyMs }: Moment): Taken | undefined {
    const { isOpen, concurrency } = this.#settings;
    if (!isOpen() || this.#inFlight.size >= concurrency || this.#isFull(steadyMs)) return undefined;
    return this.#queue.take(steadyMs, {
      fresh: this.#queue.paused < mostPaused,
      // However many hang time after time, the others have half.
      resumed: this.#resumed < Math.max(1, concurrency / 2),
    });
  }

  /** Whether as many requests are under way as go well at a time; those that are late do not count. */
  #isFull(steadyMs: number): boolean {
    let count = this.#inFlight.size;
    if (count < this.#allowed) return false;
    for (const sinceMs of this.#inFlight.values()) {
      if (sinceMs + patienceMs > steadyMs) break;
      count -= 1;
    }
    return count >= this.#allowed;
  }

  #begin({ key, waitedMs, isResumed }: Taken, now: Moment): void {
    let work = this.#works.get(key);
    if (work === undefined) {
      const job = this.#hands.begin(key, waitedMs);
      if (job === undefined) return this.#finish(key, now);
      work = { job, isDropped: false, isResumed };
      this.#works.set(key, work);
    }
    work.isResumed = isResumed;
    this.#advance(key, work, ['go'], now);
  }

  #advance(key: string, work: Work<Job>, happened: Happened, now: Moment): void {
    const isStopped = this.#phase === 'stopped';
    const [kind, detail, job] = this.#hands.next(work.job, happened, now, this.#deps.random());
    work.job = job;
    if (kind === 'end') {
      const more = this.#hands.ended(key, detail, job);
      if (more === undefined) return this.#finish(key, now);
      work.job = more;
      if (work.isDropped || isStopped) return this.#leave(key, now);
      return this.#advance(key, work, ['go'], now);
    }
    if (work.isDropped || (kind === 'wait' && isStopped)) return this.#leave(key, now);
    if (kind === 'ask') this.#send(key, work, detail, now);
    else this.#queue.pause(key, detail);
  }

  #send(key: string, work: Work<Job>, request: Request, { steadyMs }: Moment): void {
    const share = work.isResumed ? 1 : 0;
    this.#inFlight.set(key, steadyMs);
    this.#resumed += share;
    const take = (reply: ApiReply): void => {
      this.#inFlight.delete(key);
      this.#resumed -= share;
      this.#pace(reply);
      const now = this.#now();
      if (reply.kind === 'broken' && reply.cause === 'Aborted') this.#leave(key, now);
      else this.#advance(key, work, ['answered', reply], now);
      this.pump();
    };
    this.#hands.ask(request, key).then(take).catch(this.#over.reject);
  }

  #pace(reply: ApiReply): void {
    if (isOverload(reply)) this.#allowed = Math.max(1, Math.floor(this.#allowed / 2));
    else if (!isTransient(reply)) this.#allowed = Math.min(this.#settings.concurrency, this.#allowed + 1);
  }

  #finish(key: string, { steadyMs }: Moment): void {
    this.#works.delete(key);
    this.#queue.done(key, steadyMs);
    this.#hands.done(key);
  }

  #leave(key: string, now: Moment): void {
    this.#hands.left(key, this.#works.get(key)?.job);
    this.#finish(key, now);
  }

  #isDone(): boolean {
    if (this.#works.size > 0 || this.#feed === 'open') return false;
    const isEmpty = this.#queue.depth === 0 && this.#queue.delayed === 0;
    return this.#phase === 'stopped' || (this.#feed === 'ended' && isEmpty);
  }

  /** When something becomes possible by time alone; the rest waits for whoever ends what prevents it. */
  #wakeAtMs(nowMs: number): number {
    const dueMs = this.#queue.nextDueMs() ?? Number.POSITIVE_INFINITY;
    const next = dueMs > nowMs ? dueMs : Number.POSITIVE_INFINITY;
    return Math.min(next, this.#lateAtMs(nowMs), nowMs + longestSleepMs);
  }

  /** When the next request under way is late, and others may be begun beside it. */
  #lateAtMs(nowMs: number): number {
    const { size } = this.#inFlight;
    if (size < this.#allowed || size >= this.#settings.concurrency) return Number.POSITIVE_INFINITY;
    for (const sinceMs of this.#inFlight.values()) if (sinceMs + patienceMs > nowMs) return sinceMs + patienceMs;
    return Number.POSITIVE_INFINITY;
  }

  #stop(): void {
    this.#phase = 'stopped';
    const now = this.#now();
    const waiting = [...this.#queue.ready()];
    this.#queue.clear();
    for (const key of waiting) this.#hands.left(key);
    for (const key of this.#works.keys()) if (!this.#inFlight.has(key)) this.#leave(key, now);
    this.pump();
  }

  async #fill(feed: AsyncIterable<readonly string[]>): Promise<void> {
    this.#feed = 'open';
    for await (const keys of feed) {
      for (const key of keys) this.add(key, 'routine');
      this.pump();
      if (this.#queue.fresh < this.#settings.concurrency) continue;
      await new Promise<void>((resolve) => (this.#onRoom = resolve));
    }
    this.#feed = 'ended';
    this.pump();
  }
}

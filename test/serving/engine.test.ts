import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { persistent, untried, type Trying } from '../../src/core/api/attempts.ts';
import type { Machine } from '../../src/core/api/machine.ts';
import type { ApiReply } from '../../src/core/api/reply.ts';
import { Engine, type Hands } from '../../src/serving/engine.ts';
import { clockOf, virtualTime, type VirtualTime } from '../simulation/virtual-time.ts';

const done: ApiReply = { kind: 'answer', status: 200, body: {} };
const tooMany: ApiReply = { kind: 'answer', status: 429, body: '' };
const timedOut: ApiReply = { kind: 'broken', cause: 'TimedOut', message: 'no answer' };
const aborted: ApiReply = { kind: 'broken', cause: 'Aborted', message: 'given up' };

/** So many requests, one after the other. */
type Job = Trying<number>;
const machine: Machine<Job, number, ApiReply> = persistent<number, number, ApiReply>((left, happened) => {
  if (happened[0] === 'go') return ['ask', left, left];
  return left > 1 ? ['ask', left - 1, left - 1] : ['end', happened[1], left];
});

type Answer = { reply: ApiReply; afterMs: number };

/** An engine in virtual time, whose requests are answered as `server` says. */
class Stage {
  readonly time: VirtualTime = virtualTime(0);
  readonly stop = new AbortController();
  readonly served = new Map<string, number>();
  readonly left: string[] = [];
  readonly begun: string[] = [];
  readonly asked: string[] = [];
  inFlight = 0;
  most = 0;
  isOpen = true;
  requests = 1;
  ended: string | undefined;
  readonly engine: Engine<Job, number, ApiReply>;

  constructor(
    server: (key: string, attempt: number) => Answer,
    concurrency = 8,
    hands: Partial<Hands<Job, number, ApiReply>> = {},
  ) {
    const attempts = new Map<string, number>();
    const clock = clockOf(this.time, { isAlive: () => true, frozenUntilMs: () => 0, wallOffsetMs: () => 0 });
    const all: Hands<Job, number, ApiReply> = {
      begin: (key) => {
        this.begun.push(key);
        return untried(this.requests);
      },
      next: machine,
      ask: (_, key) => {
        const attempt = (attempts.get(key) ?? 0) + 1;
        attempts.set(key, attempt);
        this.asked.push(key);
        this.inFlight += 1;
        this.most = Math.max(this.most, this.inFlight);
        const { reply, afterMs } = server(key, attempt);
        return new Promise((resolve) => {
          this.time.plan(afterMs, () => {
            this.inFlight -= 1;
            resolve(reply);
          });
        });
      },
      ended: (key) => void this.served.set(key, this.time.nowMs()),
      left: (key) => void this.left.push(key),
      done: () => {},
      ...hands,
    };
    this.engine = new Engine(all, { concurrency, isOpen: () => this.isOpen }, { clock, random: () => 0.5 });
  }

  /** Begins to work, to the end of the feed or until stopped. */
  run(...pages: string[][]): this {
    const running =
      pages.length === 0 ? this.engine.run(this.stop.signal) : this.engine.run(this.stop.signal, inTurn(pages));
    running.then(
      () => (this.ended = 'well'),
      (bug: unknown) => (this.ended = String(bug)),
    );
    return this;
  }

  /** Lets time pass up to then. */
  async until(atMs: number): Promise<this> {
    await new Promise((resolve) => setImmediate(resolve));
    const goal = { isThere: false };
    this.time.plan(atMs - this.time.nowMs(), () => (goal.isThere = true));
    while (!goal.isThere) await this.time.step();
    return this;
  }
}

async function* inTurn(pages: string[][]): AsyncGenerator<string[], void> {
  yield* pages;
}

const names = (count: number, prefix = 'ns') => Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
const fast = (): Answer => ({ reply: done, afterMs: 10 });

describe('the engine', () => {
  it('serves every key of every page, and ends', async () => {
    const stage = await new Stage(fast).run(names(30, 'a'), [], names(30, 'b')).until(1000);
    assert.equal(stage.served.size, 60);
    assert.equal(stage.ended, 'well');
  });

  it('ends at once where there is nothing to do, and without a feed only when it is told', async () => {
    assert.equal((await new Stage(fast).run([]).until(1)).ended, 'well');
    const stage = await new Stage(fast).run().until(3 * 3_600_000);
    assert.equal(stage.ended, undefined);
    stage.stop.abort('SIGTERM');
    assert.equal((await stage.until(3 * 3_600_000 + 1)).ended, 'well');
  });

  it('begins with one request, and has twice as many each time that all went well, up to its bound', async () => {
    const stage = new Stage(() => ({ reply: done, afterMs: 100 }), 6).run(names(100));
    const seen: number[] = [];
    for (let atMs = 50; atMs < 500; atMs += 100) seen.push((await stage.until(atMs)).inFlight);
    assert.deepEqual(seen, [1, 2, 4, 6, 6]);
    assert.equal((await stage.until(5000)).most, 6);
  });

  for (const [what, reply] of Object.entries({ '429': tooMany, 'no answer': timedOut })) {
    it(`has fewer at a time when the server is overloaded: ${what}`, async () => {
      let isOverloaded = false;
      const server = () => ({ reply: isOverloaded ? reply : done, afterMs: 100 });
      const stage = await new Stage(server, 16).run(names(1000)).until(850);
      assert.equal(stage.inFlight, 16);
      isOverloaded = true;
      assert.ok((await stage.until(1150)).inFlight <= 2);
      isOverloaded = false;
      assert.equal((await stage.until(3000)).inFlight, 16, 'and as many as before once it goes well');
    });
  }

  it('is not kept from others by ten whose requests hang, though their turn comes first', async () => {
    const server = (key: string) => (key.startsWith('hang') ? { reply: timedOut, afterMs: 15_000 } : fast());
    const stage = await new Stage(server, 16).run([...names(10, 'hang'), ...names(50)]).until(12_000);
    assert.equal(stage.served.size, 50);
    await stage.until(600_000);
    assert.equal(stage.served.size, 60, 'and these are given up in the end');
    assert.equal(stage.ended, 'well');
  });

  it('is not kept from others by forty that hang time after time, more than it has room for', async () => {
    const server = (key: string) => (key.startsWith('hang') ? { reply: timedOut, afterMs: 15_000 } : fast());
    const stage = await new Stage(server, 16).run([...names(40, 'hang'), ...names(50)]).until(60_000);
    assert.equal([...stage.served.keys()].filter((key) => key.startsWith('ns')).length, 50);
    assert.ok(stage.most <= 16);
    for (const key of names(20, 'new')) stage.engine.add(key, 'routine');
    stage.engine.pump();
    await stage.until(62_000);
    const late = [...stage.served.keys()].filter((key) => key.startsWith('new')).length;
    assert.equal(late, 20, 'though all that hang have come again');
  });

  it('is not kept from others by one that is asked to wait for a minute', async () => {
    const later: ApiReply = { kind: 'answer', status: 429, body: '', retryAfterMs: 60_000 };
    const server = (key: string, attempt: number) =>
      key === 'waits' && attempt === 1 ? { reply: later, afterMs: 10 } : fast();
    const stage = await new Stage(server, 1).run(['waits', ...names(20)]).until(1000);
    assert.equal(stage.served.size, 20);
    assert.equal(stage.inFlight, 0, 'what waits holds nothing');
    await stage.until(61_000);
    assert.equal(stage.served.get('waits'), 60_145, 'and comes again when it is due');
  });

  it('has no more jobs waiting in the middle of their work than memory has room for, and reads on later', async () => {
    let isDown = true;
    const server = () => ({ reply: isDown ? { ...tooMany, retryAfterMs: 30_000 } : done, afterMs: 1 });
    const pages = [names(700, 'a'), names(700, 'b'), names(700, 'c'), names(700, 'd')];
    const stage = await new Stage(server, 64).run(...pages).until(2500);
    assert.ok(stage.begun.length <= 1100, `${stage.begun.length} were begun`);
    isDown = false;
    await stage.until(60_000);
    assert.equal(stage.served.size, 2800);
  });

  it('makes the requests of what was begun once it is told to stop, but begins nothing and waits for nothing', async () => {
    const server = (key: string) => ({ reply: key === 'a' ? tooMany : done, afterMs: 100 });
    const stage = new Stage(server, 3);
    stage.requests = 3;
    stage.run(['a', 'b', 'c', 'd', 'e']);
    await stage.until(350);
    stage.stop.abort('SIGTERM');
    assert.deepEqual(stage.left.toSorted(), ['a', 'e']);
    await stage.until(360);
    assert.equal(stage.ended, undefined, 'not before they are answered');
    await stage.until(1000);
    assert.deepEqual([...stage.served.keys()], ['b', 'c', 'd']);
    assert.equal(stage.ended, 'well');
  });

  it('leaves what fails for the moment once it is told to stop', async () => {
    const stage = await new Stage(() => ({ reply: tooMany, afterMs: 100 })).run(['a']).until(50);
    stage.stop.abort('SIGTERM');
    await stage.until(200);
    assert.deepEqual(stage.left, ['a']);
    assert.equal(stage.ended, 'well');
  });

  it('ends where it was told to stop before it began', async () => {
    const stage = new Stage(fast);
    stage.stop.abort('SIGTERM');
    await stage.run(['a', 'b']).until(10);
    assert.deepEqual(stage.left, ['a', 'b']);
    assert.equal(stage.ended, 'well');
  });

  it('leaves a job whose request was given up', async () => {
    const stage = await new Stage(() => ({ reply: aborted, afterMs: 10 })).run(['a']).until(100);
    assert.deepEqual([stage.left, [...stage.served.keys()], stage.ended], [['a'], [], 'well']);
  });

  it('does a key once more that is wanted while it is in work, never twice at a time', async () => {
    const stage = await new Stage(() => ({ reply: done, afterMs: 100 })).run().until(1);
    const want = (key: string) => {
      stage.engine.add(key, 'urgent');
      stage.engine.pump();
    };
    for (const atMs of [10, 20, 30]) {
      await stage.until(atMs);
      want('a');
    }
    await stage.until(5000);
    assert.deepEqual(stage.begun, ['a', 'a']);
    assert.equal(stage.most, 1);
  });

  it('begins nothing while it is closed, and all that waited once it is open', async () => {
    const stage = new Stage(fast);
    stage.isOpen = false;
    stage.run().engine.add('a', 'urgent');
    stage.engine.addAt('b', 50);
    stage.engine.pump();
    assert.deepEqual((await stage.until(1000)).begun, []);
    stage.isOpen = true;
    stage.engine.pump();
    assert.deepEqual((await stage.until(2000)).begun, ['a', 'b']);
  });

  it('drops what is forgotten while it waits', async () => {
    const stage = await new Stage(() => ({ reply: tooMany, afterMs: 10 })).run().until(1);
    stage.engine.add('a', 'urgent');
    stage.engine.add('b', 'urgent');
    stage.engine.addAt('c', 500);
    stage.engine.pump();
    await stage.until(20);
    for (const key of ['a', 'b', 'c']) stage.engine.forget(key);
    const asked = stage.asked.length;
    await stage.until(60_000);
    assert.deepEqual([stage.asked.length - asked, stage.engine.depth, stage.engine.delayed], [0, 0, 0]);
  });

  it('makes no further request for what is forgotten under way, but hears how it ended', async () => {
    const stage = new Stage(() => ({ reply: done, afterMs: 100 }), 2).run();
    stage.requests = 2;
    stage.engine.add('a', 'urgent');
    stage.engine.pump();
    await stage.until(150);
    stage.engine.add('b', 'urgent');
    stage.engine.pump();
    await stage.until(160);
    stage.engine.clear();
    await stage.until(1000);
    assert.deepEqual([...stage.served.keys()], ['a'], 'its last request was under way');
    assert.deepEqual(stage.left, ['b'], 'it had another one to make');
    assert.equal(stage.engine.depth, 0);
  });

  it('goes on at once with what the end of a job leads to', async () => {
    const story: string[] = [];
    const follow: Partial<Hands<Job, number, ApiReply>> = {
      ended(key, _, { job }) {
        story.push(`${key} ${job}`);
        return story.length === 1 ? untried(7) : undefined;
      },
      next: (job, happened) => (happened[0] === 'go' ? ['ask', job.job, job] : ['end', done, job]),
      done: (key) => void story.push(`${key} is done`),
    };
    await new Stage(fast, 1, follow).run(['a', 'b']).until(1000);
    assert.deepEqual(story, ['a 1', 'a 7', 'a is done', 'b 1', 'b is done']);
  });

  it('leaves what the end of a job leads to where the key is forgotten meanwhile', async () => {
    const left: unknown[] = [];
    const follow: Partial<Hands<Job, number, ApiReply>> = {
      ended: () => untried(7),
      left: (key, job) => void left.push([key, job?.job]),
    };
    const stage = await new Stage(() => ({ reply: done, afterMs: 100 }), 1, follow).run(['a']).until(50);
    stage.engine.forget('a');
    await stage.until(1000);
    assert.deepEqual([left, stage.asked, stage.ended], [[['a', 7]], ['a'], 'well']);
  });

  for (const hand of ['begin', 'next', 'ask', 'ended', 'done'] as const) {
    it(`ends with what its hands throw, which is a bug: ${hand}`, async () => {
      const throws = () => {
        throw new Error(`a bug in ${hand}`);
      };
      const stage = await new Stage(fast, 1, { [hand]: throws }).run(['a', 'b']).until(1000);
      assert.match(stage.ended ?? '', new RegExp(`a bug in ${hand}`));
    });
  }

  it('ends with a bug in what it does when time is up', async () => {
    let isBad = false;
    const next: typeof machine = (...given) => {
      if (isBad) throw new Error('a bug');
      return machine(...given);
    };
    const stage = await new Stage(() => ({ reply: tooMany, afterMs: 10 }), 1, { next }).run(['a']).until(20);
    isBad = true;
    assert.match((await stage.until(60_000)).ended ?? '', /a bug/);
  });

  it('sleeps through nothing that becomes due while it looks at the clock', async () => {
    for (let drift = 0.5; drift < 40; drift += 0.5) {
      const sleeps: number[] = [];
      let nowMs = 0;
      const clock = {
        nowMs: () => nowMs,
        // Time passes with each look.
        steadyMs: () => (nowMs += drift),
        sleep: (delayMs: number, signal?: AbortSignal) => {
          sleeps.push(delayMs);
          return new Promise<void>((resolve) => {
            if (delayMs < 60_000) setImmediate(() => resolve((nowMs += delayMs) as never));
            signal?.addEventListener('abort', () => resolve());
          });
        },
      };
      let attempts = 0;
      const hands: Hands<Job, number, ApiReply> = {
        begin: () => untried(1),
        next: machine,
        ask: () => Promise.resolve((attempts += 1) < 4 ? tooMany : done),
        ended: () => undefined,
        left: () => {},
        done: () => {},
      };
      const engine = new Engine(hands, { concurrency: 1, isOpen: () => true }, { clock, random: () => 0.05 });
      await engine.run(new AbortController().signal, inTurn([['a']]));
      assert.equal(attempts, 4, `drift ${drift}: ${sleeps.join(' ')}`);
    }
  });
});

describe('work that the engine should have taken up', () => {
  it('is none where nothing is to be done, or its time has not come', async () => {
    const stage = new Stage(() => ({ reply: done, afterMs: 10 })).run();
    assert.equal(stage.engine.overdueSinceMs, undefined);
    stage.engine.addAt('later', 5000);
    await stage.until(1);
    assert.equal(stage.engine.overdueSinceMs, 5000);
  });

  it('is none while a request is under way', async () => {
    const stage = new Stage(() => ({ reply: done, afterMs: 10_000 }), 1).run();
    stage.engine.add('first', 'routine');
    stage.engine.add('second', 'routine');
    stage.engine.pump();
    assert.equal(stage.engine.overdueSinceMs, undefined);
  });

  it('is there from the moment that it came where nobody takes it up', () => {
    const stage = new Stage(() => ({ reply: done, afterMs: 10 })).run();
    stage.engine.add('forgotten', 'urgent');
    assert.equal(stage.engine.overdueSinceMs, 0);
  });

  it('is none while no work may be taken up at all', () => {
    const stage = new Stage(() => ({ reply: done, afterMs: 10 })).run();
    stage.isOpen = false;
    stage.engine.add('waiting', 'urgent');
    assert.equal(stage.engine.overdueSinceMs, undefined);
  });
});

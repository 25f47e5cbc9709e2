import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { usualWatchTimings, watch } from '../../src/controller/watch.ts';
import type { ApiReply } from '../../src/core/api/reply.ts';
import type { PageQuery } from '../../src/core/api/pages.ts';
import { createHorizon } from '../../src/core/controller/horizon.ts';
import type { ControllerCluster, WatchEnd, WatchListener, WatchStart, WatchTopic } from '../../src/ports.ts';
import { createPulse } from '../../src/serving/pulse.ts';

function answer(status: number, body: object): ApiReply {
  return { kind: 'answer', status, body };
}

function page(resourceVersion: string, name: string, continueToken?: string): ApiReply {
  const metadata = { resourceVersion, ...(continueToken === undefined ? {} : { continue: continueToken }) };
  return answer(200, { metadata, items: [{ metadata: { name, resourceVersion } }] });
}

const cannotStream = answer(400, { message: 'sendInitialEvents is forbidden' });
const ended: WatchEnd = { kind: 'ended', why: 'the server ended it' };
const object = (name: string, resourceVersion: string) => ({ metadata: { name, resourceVersion } });
const added = (name: string, resourceVersion: string) => ({ type: 'ADDED', object: object(name, resourceVersion) });
const listed = (resourceVersion: string) => ({
  type: 'BOOKMARK',
  object: { metadata: { resourceVersion, annotations: { 'k8s.io/initial-events-end': 'true' } } },
});

/** What a watch shows before it ends, or how the request for it is answered. */
type Shown = { events: unknown[]; end?: WatchEnd; lastsMs?: number } | ApiReply;

type Script = {
  /** Pages by their token, each in turn. */
  pages?: Record<string, ApiReply[]>;
  /** Watches in turn; the last has it stop. */
  watches: Shown[];
  isAlone?: true;
};

/** Runs a watch and tells what it asked for and told. */
async function told({ pages = {}, watches, isAlone }: Script): Promise<string[]> {
  const stop = new AbortController();
  const time = { nowMs: 0 };
  const story: string[] = [];
  const left = [...watches];
  const asked: Pick<ControllerCluster, 'server' | 'listTopic' | 'watchTopic'> = {
    server: 'https://api',
    listTopic: (_, { continueToken = '' }: PageQuery) => {
      story.push(`lists ${continueToken || 'from the start'}`);
      return Promise.resolve(pages[continueToken]?.shift() ?? answer(500, {}));
    },
    watchTopic: (_: WatchTopic, { resourceVersion }: WatchStart, { opened, event }: WatchListener) => {
      story.push(resourceVersion === undefined ? 'streams' : `watches from ${resourceVersion}`);
      const shown = left.shift();
      if (left.length === 0) stop.abort('SIGTERM');
      if (shown === undefined || 'kind' in shown) return Promise.resolve(shown ?? ended);
      opened?.();
      for (const each of shown.events) event(each);
      time.nowMs += shown.lastsMs ?? 10_000;
      return Promise.resolve(shown.end ?? ended);
    },
  };
  const handler = {
    keyOf: ({ name }: { name: string }) => name,
    put: ({ name }: { name: string }) => void story.push(`puts ${name}`),
    gone: ({ name }: { name: string }) => void story.push(`${name} is gone`),
    listed: (present: ReadonlySet<string>) => void story.push(`has listed ${[...present].join(' ')}`),
  };
  const deps = {
    cluster: asked as ControllerCluster, // what a watch asks for
    clock: { nowMs: () => time.nowMs, steadyMs: () => time.nowMs, sleep: () => Promise.resolve() },
    random: () => 0,
    horizon: createHorizon(),
    isAlone: isAlone === true,
    pulse: createPulse(),
    trouble: {
      met: ({ code, why }: { code: string; why: string }) => void story.push(`${code}: ${why}`),
      over: () => void story.push('over'),
      lastsMs: () => undefined,
      failure: () => undefined,
    },
    meter: {
      watchHeard: () => undefined,
      watchRestarted: (_: string, reason: string) => void story.push(`restarts for ${reason}`),
    } as never, // nothing else is counted
  };
  await watch({ kind: 'namespaces', labelSelector: 'a=b' }, handler, usualWatchTimings, deps, stop.signal);
  return story.filter((line) => line !== 'over');
}

describe('a watch', () => {
  it('whose list in pages grew too old begins it anew: what has changed since in the pages before would be missed', async () => {
    const story = await told({
      pages: {
        '': [page('5', 'a', 'old'), page('9', 'b')],
        old: [answer(410, { kind: 'Status', message: 'too old', metadata: { continue: 'fresh' } })],
        fresh: [page('9', 'b')],
      },
      watches: [cannotStream, { events: [] }],
    });
    assert.deepEqual(story, [
      'streams',
      'lists from the start',
      'lists old',
      'puts a',
      'restarts for ApiListFailed',
      'ApiListFailed: HTTP 410: too old',
      'lists from the start',
      'puts b',
      'has listed b',
      'watches from 9',
    ]);
  });

  const begun: Shown = { events: [added('a', '5'), listed('6')] };
  const odd: Record<string, [shown: Shown, reason: string, told: string]> = {
    'an event that nobody can read': [
      { events: [{ type: 'ADDED', object: { metadata: {} } }] },
      'EventUnreadable',
      'ApiWatchFailed: an event came that nobody can read',
    ],
    'an event of an unknown type': [
      { events: [{ type: 'CHANGED', object: object('a', '7') }] },
      'EventUnreadable',
      'ApiWatchFailed: an event came that nobody can read',
    ],
    'an error that is no 410': [
      { events: [{ type: 'ERROR', object: { code: 500 } }] },
      'ServerError',
      'ApiWatchFailed: the server ended it with an error',
    ],
    'a line that is no JSON': [
      { events: [], end: { kind: 'ended', why: 'an event is no JSON' }, lastsMs: 1 },
      'ConnectionEnded',
      'ApiWatchFailed: it ended a moment after it was opened: an event is no JSON',
    ],
    'a revision that the server calls too large': [
      answer(504, { message: 'Too large resource version' }),
      'Http504',
      'ApiWatchFailed: HTTP 504: Too large resource version',
    ],
  };
  for (const [what, [shown, reason, line]] of Object.entries(odd)) {
    it(`is tried twice more from the same revision after ${what}, and then all is listed anew`, async () => {
      const story = await told({ watches: [begun, shown, shown, shown, begun, { events: [] }] });
      const tried = ['watches from 6', `restarts for ${reason}`, line];
      assert.deepEqual(story, [
        'streams',
        'puts a',
        'has listed a',
        ...tried,
        ...tried,
        ...tried,
        'streams',
        'puts a',
        'has listed a',
        'watches from 6',
      ]);
    });
  }

  it('goes on from the same revision however often the server is overloaded', async () => {
    const busy = answer(503, { message: 'busy' });
    const story = await told({ watches: [begun, busy, busy, busy, busy, { events: [] }] });
    assert.deepEqual(
      new Set(story.slice(3)),
      new Set(['watches from 6', 'restarts for Http503', 'ApiWatchFailed: HTTP 503: busy']),
    );
  });

  it('lists anew where its revision is too old, which is no trouble', async () => {
    const story = await told({ watches: [begun, answer(410, { message: 'gone' }), begun, { events: [] }] });
    assert.deepEqual(story.slice(3), [
      'watches from 6',
      'restarts for RevisionTooOld',
      'streams',
      'puts a',
      'has listed a',
      'watches from 6',
    ]);
  });

  it('that broke off goes on from where it was, once it is known that the data are not from a backup', async () => {
    const broke: Shown = { events: [added('b', '7')], lastsMs: 100_000 };
    const alone = await told({
      isAlone: true,
      pages: { '': [page('8', 'x'), page('9', 'x')] },
      watches: [begun, broke, { events: [] }],
    });
    assert.deepEqual(alone.slice(3), [
      'lists from the start',
      'watches from 6',
      'puts b',
      'lists from the start',
      'watches from 7',
    ]);
    const older = await told({
      isAlone: true,
      pages: { '': [page('4', 'x')] },
      watches: [begun, begun, { events: [] }],
    });
    assert.deepEqual(
      older.slice(3, 6),
      ['lists from the start', 'streams', 'puts a'],
      'and lists all anew where they are',
    );
    const among = await told({ watches: [begun, broke, { events: [] }] });
    assert.deepEqual(among.slice(3), ['watches from 6', 'puts b', 'watches from 7'], 'which others see by the Lease');
  });

  it('asks a server that could not stream a list once more after a day, and not before', async () => {
    const hours = (count: number) => count * 3_600_000;
    const tooOld = answer(410, { message: 'gone' });
    const story = await told({
      pages: { '': [page('5', 'a'), page('6', 'a')] },
      watches: [
        cannotStream,
        { events: [], lastsMs: hours(23) },
        tooOld,
        { events: [], lastsMs: hours(2) },
        tooOld,
        begun,
        { events: [] },
      ],
    });
    assert.deepEqual(
      story.filter((line) => /^(streams|lists)/.test(line)),
      ['streams', 'lists from the start', 'lists from the start', 'streams'],
    );
  });
});

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createPulse } from '../../src/serving/pulse.ts';
import { usualWatchTimings, watch } from '../../src/controller/watch.ts';
import type { ApiReply } from '../../src/core/api/reply.ts';
import type { PageQuery } from '../../src/core/api/pages.ts';
import { createHorizon } from '../../src/core/controller/horizon.ts';
import type { ControllerCluster, WatchStart } from '../../src/ports.ts';

function answer(status: number, body: object): ApiReply {
  return { kind: 'answer', status, body };
}

function page(resourceVersion: string, name: string, continueToken?: string): ApiReply {
  const metadata = { resourceVersion, ...(continueToken === undefined ? {} : { continue: continueToken }) };
  return answer(200, { metadata, items: [{ metadata: { name, resourceVersion } }] });
}

it('a list in pages whose token grew too old is begun anew: what has changed since in the pages before would be missed', async () => {
  const stop = new AbortController();
  const story: string[] = [];
  const pages: Record<string, ApiReply[]> = {
    '': [page('5', 'a', 'old'), page('9', 'b')],
    old: [answer(410, { kind: 'Status', message: 'too old', metadata: { continue: 'fresh' } })],
    fresh: [page('9', 'b')],
  };
  const asked: Pick<ControllerCluster, 'server' | 'listTopic' | 'watchTopic'> = {
    server: 'https://api',
    listTopic: (_, { continueToken = '' }: PageQuery) => {
      story.push(`lists ${continueToken || 'from the start'}`);
      return Promise.resolve(pages[continueToken]?.shift() ?? answer(500, {}));
    },
    watchTopic: (_, { resourceVersion }: WatchStart) => {
      if (resourceVersion === undefined)
        return Promise.resolve(answer(400, { message: 'sendInitialEvents is forbidden' }));
      story.push(`watches from ${resourceVersion}`);
      stop.abort('SIGTERM');
      return Promise.resolve({ kind: 'ended', why: 'stopped' });
    },
  };
  const handler = {
    keyOf: ({ name }: { name: string }) => name,
    put: ({ name }: { name: string }) => void story.push(`puts ${name}`),
    gone: () => undefined,
    listed: (present: ReadonlySet<string>) => void story.push(`has listed ${[...present].join(' ')}`),
  };
  const deps = {
    cluster: asked as ControllerCluster, // what a watch asks for
    clock: { nowMs: () => 0, steadyMs: () => 0, sleep: () => Promise.resolve() },
    random: () => 0,
    horizon: createHorizon(),
    isAlone: false,
    pulse: createPulse(),
    trouble: { met: () => undefined, over: () => undefined, lastsMs: () => undefined },
    meter: { watchRestarted: (_: string, reason: string) => void story.push(`restarts for ${reason}`) } as never, // nothing else is counted
  };
  await watch({ kind: 'namespaces', labelSelector: 'a=b' }, handler, usualWatchTimings, deps, stop.signal);
  assert.deepEqual(story, [
    'lists from the start',
    'lists old',
    'puts a',
    'restarts for ApiListFailed',
    'lists from the start',
    'puts b',
    'has listed b',
    'watches from 9',
  ]);
});

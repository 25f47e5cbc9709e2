import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { status, type StatusDeps, type StatusSettings } from '../../src/commands/status.ts';
import type { ApiReply } from '../../src/core/api/reply.ts';
import { sinkOf } from '../support/sink.ts';
import { standingTime } from '../support/standing-time.ts';

const answer = (body: unknown): ApiReply => ({ kind: 'answer', status: 200, body });
const settings: StatusSettings = {
  secretName: 's',
  labelName: 'l',
  labelValue: 'v',
  output: 'text',
  watch: false,
  problems: false,
  deadlineMs: 60_000,
};

/** Status of so many namespaces, read by somebody who takes so long for each line, from a server that takes so long. */
async function read(count: number, { lineMs, answerMs }: { lineMs: number; answerMs: number }) {
  const { clock, until } = standingTime();
  const items = Array.from({ length: count }, (_, index) => ({
    metadata: { name: `n${String(index).padStart(4, '0')}` },
  }));
  let shown = '';
  const deps: StatusDeps = {
    cluster: {
      server: 'https://kube',
      async listNamespaces(_, signal) {
        await clock.sleep(answerMs, signal);
        return signal.aborted ? { kind: 'broken', cause: 'Aborted', message: 'stopped' } : answer({ items });
      },
      listSecrets: () => Promise.resolve(answer({ items: [] })),
    },
    clock,
    random: () => 0,
    log: () => {},
    async write(text) {
      shown += text;
      await clock.sleep(lineMs, new AbortController().signal);
    },
    sink: sinkOf(),
    coloured: false,
    screen: () => ({}),
    isTerminal: false,
    unread: new AbortController().signal,
  };
  const running = status(settings, deps, new AbortController().signal);
  await until(10_000_000);
  return { code: await running, shown };
}

describe('status, in a pager', () => {
  it('waits for whoever reads, however long: that is no time of its own', async () => {
    const { code, shown } = await read(150, { lineMs: 20_000, answerMs: 1000 });
    assert.equal(code, 5);
    assert.match(shown, /^150 namespaces: 150 missing$/m);
  });
  it('waits no longer than its deadline for the API server', async () => {
    assert.equal((await read(150, { lineMs: 0, answerMs: 61_000 })).code, 5);
    assert.doesNotMatch((await read(150, { lineMs: 0, answerMs: 61_000 })).shown, /150 namespaces/);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { prune, type PruneDeps, type PruneSettings } from '../../src/commands/prune.ts';
import type { ApiReply } from '../../src/core/api/reply.ts';
import { sinkOf } from '../support/sink.ts';
import { standingTime } from '../support/standing-time.ts';
import { ourMetadata, ourSecret } from '../support/secrets.ts';

const answer = (status: number, body: unknown): ApiReply => ({ kind: 'answer', status, body });
const done = answer(200, { kind: 'Status' });
const settings: PruneSettings = {
  secretName: 's',
  labelName: 'l',
  labelValue: 'v',
  output: 'text',
  all: false,
  yes: false,
  dryRun: false,
  concurrency: 1,
  deadlineMs: 60_000,
};

async function pruned(changes: Partial<PruneSettings>, isTerminal: boolean) {
  const removed: string[] = [];
  let shown = '';
  const deps: PruneDeps = {
    cluster: {
      server: 'https://kube',
      listNamespaces: () => Promise.resolve(answer(200, { items: [] })),
      listSecrets: () => Promise.resolve(answer(200, { items: [{ metadata: { ...ourMetadata, namespace: 'a' } }] })),
      readSecret: () => Promise.resolve(answer(200, ourSecret())),
      listServiceAccounts: () => Promise.resolve(answer(200, { items: [] })),
      patchServiceAccount: () => Promise.resolve(done),
      removeSecret({ namespace }, _, dryRun) {
        removed.push(`${namespace}${dryRun ? ' as if' : ''}`);
        return Promise.resolve(done);
      },
    },
    clock: standingTime().clock,
    random: () => 0,
    log: () => {},
    write: (text) => {
      shown += text;
      return Promise.resolve();
    },
    sink: sinkOf(),
    screen: () => ({}),
    isTerminal,
  };
  const code = await prune({ ...settings, ...changes }, deps, new AbortController().signal);
  return { code, removed, shown };
}

describe('prune', () => {
  it('shows on a terminal what it would remove, and how to have it done', async () => {
    const { code, removed, shown } = await pruned({}, true);
    assert.deepEqual([code, removed], [0, ['a as if']]);
    assert.match(shown, /would remove {2}a\/s\n1 would be removed\nNothing was removed: that takes --yes\.\n$/);
  });
  it('wants to be told elsewhere, and asks for nothing', async () => {
    assert.deepEqual(await pruned({}, false), { code: 2, removed: [], shown: '' });
  });
  for (const isTerminal of [true, false]) {
    it(`removes what it is told to, ${isTerminal ? 'on a terminal' : 'and elsewhere'}`, async () => {
      assert.deepEqual((await pruned({ yes: true }, isTerminal)).removed, ['a']);
    });
    it(`removes nothing in a dry run, ${isTerminal ? 'on a terminal' : 'and elsewhere'}`, async () => {
      assert.deepEqual((await pruned({ dryRun: true }, isTerminal)).removed, ['a as if']);
    });
  }
});

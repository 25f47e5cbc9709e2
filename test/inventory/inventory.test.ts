import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApiReply } from '../../src/core/api/reply.ts';
import type { PruneCounts, PruneOutcome } from '../../src/core/inventory/prune.ts';
import { inventory } from '../../src/inventory/inventory.ts';
import { sweep } from '../../src/inventory/prune.ts';
import type { PruneCluster } from '../../src/ports.ts';
import { ourMetadata, ourSecret } from '../support/secrets.ts';

const answer = (status: number, body: unknown): ApiReply => ({ kind: 'answer', status, body });
const done = answer(200, { kind: 'Status' });
const busy = answer(503, 'busy');
const list = (items: object[], more?: string) =>
  answer(200, { items, metadata: more === undefined ? {} : { continue: more } });
const namespaces = (names: string[], more?: string) =>
  list(
    names.map((name) => ({ metadata: { name } })),
    more,
  );
const secrets = (names: string[], more?: string) =>
  list(
    names.map((namespace) => ({ metadata: { ...ourMetadata, namespace } })),
    more,
  );

type World = {
  namespaces?: Record<string, ApiReply>;
  secrets?: Record<string, ApiReply>;
  remove?: (namespace: string) => ApiReply;
};

const scope = { labelSelector: 'l=v', secretName: 'ecr-creds' };
/** Nothing waits for real: time passes by as much as anybody sleeps. */
function depsOf() {
  let nowMs = 0;
  const sleep = async (delayMs: number) => {
    await new Promise(setImmediate);
    nowMs += Math.max(0, delayMs);
  };
  return { clock: { nowMs: () => nowMs, steadyMs: () => nowMs, sleep }, random: () => 0 };
}

function clusterOf(world: World): PruneCluster {
  const page = (pages: Record<string, ApiReply> = {}, token = 'first') =>
    Promise.resolve(pages[token] ?? answer(403, { message: 'no' }));
  const whole = answer(200, ourSecret());
  return {
    server: 'https://kube',
    listNamespaces: ({ name, continueToken }) =>
      name === undefined ? page(world.namespaces, continueToken) : Promise.resolve(namespaces([])),
    listSecrets: ({ continueToken }) => page(world.secrets, continueToken),
    readSecret: () => Promise.resolve(whole),
    listServiceAccounts: () => Promise.resolve(list([])),
    patchServiceAccount: () => Promise.resolve(done),
    removeSecret: ({ namespace }) => Promise.resolve(world.remove?.(namespace) ?? done),
  };
}

async function read(world: World) {
  const found = inventory(scope, { ...depsOf(), cluster: clusterOf(world) }, new AbortController().signal);
  const entries: string[] = [];
  for await (const { namespace, labelled, secret } of found.entries) {
    entries.push(
      `${namespace}${labelled ? '' : ' without the label'}${secret === undefined ? ' without a secret' : ''}`,
    );
  }
  return { entries, failure: found.failure()?.code };
}

describe('the inventory', () => {
  it('has each namespace once, from both lists, page by page', async () => {
    const { entries, failure } = await read({
      namespaces: { first: namespaces(['a', 'b'], 'x'), x: namespaces(['d']) },
      secrets: { first: secrets(['b'], 'y'), y: secrets(['c', 'd']) },
    });
    assert.deepEqual(entries, ['a without a secret', 'b', 'c without the label', 'd']);
    assert.equal(failure, undefined);
  });
  it('is in the order of keys, in which a dash comes before the end of a name', async () => {
    const { entries } = await read({
      namespaces: { first: namespaces(['a', 'a-b']) },
      secrets: { first: secrets(['a-b', 'a']) },
    });
    assert.deepEqual(entries, ['a-b', 'a']);
  });
  it('ends where a list breaks off, which is told', async () => {
    const broken = { namespaces: { first: namespaces(['a', 'b'], 'gone') }, secrets: { first: secrets([]) } };
    assert.equal((await read(broken)).failure, 'ApiListForbidden');
    assert.equal((await read({ namespaces: { first: namespaces([]) } })).failure, 'SecretListForbidden');
  });
  it('ends where a list is not in order, in which secrets would be called missing that are there', async () => {
    const { entries, failure } = await read({
      namespaces: { first: namespaces(['a', 'b']) },
      secrets: { first: secrets(['b', 'a']) },
    });
    assert.deepEqual([entries.at(-1), failure], ['b', 'SecretListFailed']);
  });
});

describe('removing what is left', () => {
  const swept = async (world: World, changes: { stop?: AbortController; tell?: () => Promise<void> } = {}) => {
    const told: [string, PruneOutcome[0]][] = [];
    const { stop = new AbortController(), tell = () => Promise.resolve() } = changes;
    const { counts, ended } = await sweep(
      scope,
      { labelSelector: 'l=v', all: false, dryRun: false, concurrency: 4 },
      { ...depsOf(), cluster: clusterOf(world) },
      async ({ namespace }, [outcome]) => {
        told.push([namespace, outcome]);
        await tell();
      },
      stop.signal,
    );
    return { told, counts, ended: ended?.code };
  };
  const none: PruneCounts = { removed: 0, kept: 0, gone: 0, failed: 0 };

  it('is done for each namespace that has a secret of ours without the label, and told', async () => {
    const { told, counts, ended } = await swept({
      namespaces: { first: namespaces(['a']) },
      secrets: { first: secrets(['a', 'b', 'c']) },
    });
    assert.deepEqual(told, [
      ['b', 'removed'],
      ['c', 'removed'],
    ]);
    assert.deepEqual([counts, ended], [{ ...none, removed: 2 }, undefined]);
  });
  it('goes on with the others where one fails', async () => {
    const { counts } = await swept({
      namespaces: { first: namespaces([]) },
      secrets: { first: secrets(['b', 'c']) },
      remove: (namespace) =>
        namespace === 'b' ? answer(403, { message: 'User "x" cannot delete resource "secrets"' }) : done,
    });
    assert.deepEqual(counts, { ...none, removed: 1, failed: 1 });
  });
  it('is not whole where a list broke off, though what was read is done', async () => {
    const { counts, ended } = await swept({
      namespaces: { first: namespaces([]) },
      secrets: { first: secrets(['b'], 'gone') },
    });
    assert.deepEqual([counts.removed, ended], [1, 'ListIncomplete']);
    assert.equal((await swept({ namespaces: { first: namespaces([]) } })).ended, 'SecretListForbidden');
  });
  it('tells what had failed where it was stopped', async () => {
    const stop = new AbortController();
    const { counts, ended, told } = await swept(
      {
        namespaces: { first: namespaces([]) },
        secrets: { first: secrets(['b', 'c']) },
        remove() {
          stop.abort('SIGTERM');
          return busy;
        },
      },
      { stop },
    );
    assert.deepEqual([counts, told, ended], [{ ...none, failed: 1 }, [['b', 'failed']], 'Interrupted']);
  });
  it('begins no more than whoever is told keeps up with', async () => {
    const names = Array.from({ length: 60 }, (_, number) => `n${String(number).padStart(2, '0')}`);
    let removed = 0;
    let ahead = 0;
    let told = 0;
    await swept(
      {
        namespaces: { first: namespaces([]) },
        secrets: { first: secrets(names) },
        remove() {
          removed += 1;
          ahead = Math.max(ahead, removed - told);
          return done;
        },
      },
      {
        async tell() {
          for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
          told += 1;
        },
      },
    );
    assert.equal(told, 60);
    assert.ok(ahead <= 10, `${ahead} were removed before they were told`);
  });
});

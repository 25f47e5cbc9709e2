import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { createBacklog, type Backlog } from '../../src/controller/backlog.ts';
import { namespaceTable, type NamespaceTable } from '../../src/controller/namespaces.ts';
import { workQueue, type Lane, type WorkQueue } from '../../src/core/queue/work-queue.ts';
import { secretWritten } from '../../src/core/controller/namespace-state.ts';
import { pullSecret } from '../../src/core/secret/pull-secret.ts';
import { factsOf } from '../support/facts.ts';

const token = { hosts: ['a.example'], password: 'p', issuedAtMs: 0, expiresAtMs: 50_000 };
const secret = pullSecret('ecr-creds', [token], { wallMs: 0, steadyMs: 0 });
describe('the backlog', () => {
  let table: NamespaceTable;
  let queue: WorkQueue;
  let backlog: Backlog;
  let isReady: boolean;
  let pumped: number;
  let forgotten: string[];

  beforeEach(() => {
    table = namespaceTable();
    queue = workQueue();
    isReady = true;
    pumped = 0;
    forgotten = [];
    const keeper = { secret: () => secret, run: () => Promise.resolve() };
    const clock = { nowMs: () => 1000, steadyMs: () => 1000, sleep: () => Promise.resolve() };
    const engine = {
      add: (key: string, lane: Lane) => queue.add(key, lane, 1000),
      addAt: (key: string, dueMs: number) => queue.addAt(key, dueMs),
      forget(key: string) {
        queue.forget(key);
        forgotten.push(key);
      },
      clear: () => queue.clear(),
      isInWork: (key: string) => queue.isInWork(key),
      pump: () => void (pumped += 1),
      get depth() {
        return queue.depth;
      },
    };
    const deps = { table, engine, keeper, clock, isReady: () => isReady };
    backlog = createBacklog({ prune: true }, deps);
  });

  const label = (name: string) => table.namespaces.put(factsOf(name), false);
  const take = () => queue.take(1000, { fresh: true, resumed: true })?.key;
  /** As the engine does it. */
  const done = (name: string) => {
    queue.done(name, 1000);
    backlog.done(name);
  };

  it('queues a namespace for which something changed, and has it handed out', () => {
    backlog.look(label('a'));
    assert.equal(take(), 'a');
    assert.equal(pumped, 1);
  });

  it('puts what has just changed before what is looked at because all is', () => {
    label('a');
    backlog.lookAtAll();
    backlog.look(label('b'));
    assert.deepEqual([take(), take()], ['b', 'a']);
  });

  it('queues nothing for a namespace that needs nothing', () => {
    label('a');
    backlog.look(table.namespaces.gone(factsOf('a')));
    backlog.look(table.namespaces.put(factsOf('b', { terminating: true }), false));
    assert.equal(take(), undefined);
  });

  it('queues one whose secret is newer than ours: somebody has newer tokens', () => {
    label('a');
    const newer = { managedByUs: true, registries: ['a.example'], expiresAtMs: 60_000 };
    backlog.look(table.secrets.put(factsOf('ecr-creds', { namespace: 'a', ...newer }), false));
    assert.equal(take(), 'a');
  });

  it('queues nothing while this process may not write, and all of it once it may', () => {
    isReady = false;
    backlog.look(label('a'));
    assert.equal(take(), undefined);
    isReady = true;
    backlog.restart();
    assert.equal(take(), 'a');
  });

  it('forgets one that is gone, though this process may not write', () => {
    backlog.look(label('a'));
    isReady = false;
    backlog.look(table.namespaces.gone(factsOf('a')));
    isReady = true;
    assert.equal(take(), undefined);
  });

  it('begins a term with an empty queue, and proves all that was written before', () => {
    const seen = factsOf('ecr-creds', { namespace: 'a', resourceVersion: '11' });
    label('a');
    backlog.look(table.secrets.put(seen, false));
    const state = table.get('a');
    if (state !== undefined) state.written = { resourceVersion: '11', expiresAtMs: 50_000 };
    queue.addAt('b', 5000);
    backlog.restart();
    assert.equal(queue.nextDueMs(), undefined);
    assert.equal(take(), 'a');
    assert.equal(table.get('a')?.written, undefined);
  });

  it('has caught up once all that was known is done, and stays so when more comes', () => {
    label('a');
    backlog.restart();
    assert.equal(backlog.hasCaughtUp(), false);
    take();
    assert.equal(backlog.hasCaughtUp(), false, 'it is in work');
    done('a');
    assert.equal(backlog.hasCaughtUp(), true);
    backlog.look(label('b'));
    assert.equal(backlog.hasCaughtUp(), true);
    backlog.restart();
    assert.equal(backlog.hasCaughtUp(), false, 'not since this term began');
  });

  it('has not caught up while it may not write', () => {
    isReady = false;
    assert.equal(backlog.hasCaughtUp(), false);
  });

  it('lets go of a namespace of which nothing is left once its work is done', () => {
    backlog.look(label('a'));
    take();
    queue.addAt('a', 5000);
    backlog.look(table.namespaces.gone(factsOf('a')));
    assert.deepEqual(forgotten, ['a'], 'what is under way makes no further request');
    assert.notEqual(table.get('a'), undefined, 'only the end of the work tells what it left');
    done('a');
    assert.equal(table.get('a'), undefined);
    assert.equal(queue.nextDueMs(), undefined);
  });

  it('remembers what was said of one of which nothing else is left, until more may be said', () => {
    backlog.look(label('a'));
    take();
    const state = table.get('a');
    if (state !== undefined) state.said = { code: 'QuotaExceeded', atMs: 900 };
    done('a');
    backlog.look(table.namespaces.gone(factsOf('a')));
    assert.notEqual(table.get('a'), undefined);
    assert.equal(queue.nextDueMs(), 600_900, 'and is looked at again then');
    if (state !== undefined) state.said = { code: 'QuotaExceeded', atMs: -600_000 };
    backlog.look(table.namespaces.gone(factsOf('a')));
    assert.equal(table.get('a'), undefined);
  });

  it('has what was written while the label was lost removed', () => {
    backlog.look(label('a'));
    take();
    backlog.look(table.namespaces.gone(factsOf('a')));
    const state = table.get('a');
    if (state !== undefined) secretWritten(state, { resourceVersion: '11', expiresAtMs: 50_000 });
    done('a');
    assert.equal(take(), 'a');
  });

  it('leaves what could not be removed to its time', () => {
    backlog.look(label('a'));
    take();
    backlog.look(table.namespaces.gone(factsOf('a')));
    const state = table.get('a');
    if (state !== undefined) Object.assign(state, { written: { resourceVersion: '11', expiresAtMs: 1 }, failures: 1 });
    done('a');
    assert.equal(take(), undefined);
  });
});

/** What once went wrong, each told again in a world in which nothing else does. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { usualWatchTimings } from '../../src/controller/watch.ts';
import { annotations, managedBy, timestamp } from '../../src/core/secret/pull-secret.ts';
import { registryHost } from './model/ecr.ts';
import { isLeading } from './invariants.ts';
import { status } from './model/api.ts';
import { tooMany } from './network.ts';
import { epochMs } from './virtual-time.ts';
import { calmWorld, holdsToken, isServed, leaderOf, named, newWorld, passes, within } from './story.ts';
import type { World } from './world.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

const first = named(1);

describe('an overload in which the Lease is lost', () => {
  it('ends no replica: all is served soon after it, however often it comes', async () => {
    const world = await calmWorld({ replicas: 2, namespaces: 20 });
    for (let round = 1; round <= 5; round += 1) {
      for (const name of world.store.namespaces.keys()) world.store.deleteSecret(name);
      world.weather.overload = 1;
      await within(world, minuteMs, 'nobody leads', () => leaderOf(world) === undefined);
      await passes(world, round * 20 * secondMs);
      world.weather.overload = 0;
      await within(world, minuteMs, 'served again', () => isServed(world));
    }
  });

  it('leaves no namespace of a pass uncounted', async () => {
    const isOver = () => world.time.nowMs() > 20 * secondMs;
    const fate = ({ method }: { method: string }) => (method === 'PATCH' && !isOver() ? tooMany('1') : undefined);
    const world: World = newWorld({ replicas: 0, namespaces: 100 }, { fate });
    const pass = world.startPass();
    await within(world, 10 * minuteMs, 'the pass has ended', () => !pass.isAlive());
    const [told = ''] = world.story.filter((line) => line.includes('Pass finished'));
    const counts = [...told.matchAll(/"(applied|unchanged|adopted|skipped|refused|failed|notDone)":(\d+)/g)];
    assert.equal(
      counts.reduce((sum, [, , count]) => sum + Number(count), 0),
      100,
    );
    assert.equal(pass.exitCode === 0, isServed(world));
  });
});

describe('namespaces whose requests are not answered and that are served first', () => {
  const hanging = Array.from({ length: 10 }, (_, index) => named(index + 1));
  const isOfThem = (path: string) => hanging.some((name) => path.includes(`/namespaces/${name}/`));

  it('do not keep the controller from the others', async () => {
    const fate = ({ path }: { path: string }) => (isOfThem(path) ? ('hangsBefore' as const) : undefined);
    const world = newWorld({ namespaces: 60 }, { fate });
    await within(world, 15 * secondMs, 'the others are served', () => isServed(world, hanging));
    assert.equal(
      hanging.some((name) => holdsToken(world, name)),
      false,
    );
    await passes(world, minuteMs);
    assert.ok(leaderOf(world) !== undefined);
    world.store.deleteSecret(named(60));
    await within(world, 2 * secondMs, 'a deleted one is back', () => isServed(world, hanging));
  });

  it('do not keep a pass from the others', async () => {
    const fate = ({ path }: { path: string }) => (isOfThem(path) ? ('hangsBefore' as const) : undefined);
    const world = newWorld({ replicas: 0, namespaces: 60 }, { fate });
    world.startPass();
    await within(world, 20 * secondMs, 'the others are served', () => isServed(world, hanging));
  });

  it('nor does one that is told to come again in an hour', async () => {
    const fate = ({ path }: { path: string }) => (path.includes(`/${first}/`) ? tooMany('3600') : undefined);
    const world = newWorld({ namespaces: 20 }, { fate });
    await within(world, 5 * secondMs, 'the others are served', () => isServed(world, [first]));
    const job = newWorld({ replicas: 0, namespaces: 20 }, { fate });
    job.startPass();
    await within(job, 5 * secondMs, 'the others are served', () => isServed(job, [first]));
  });
});

describe('an etcd that is restored from a backup', () => {
  for (const canStream of [true, false]) {
    it(`has its secrets and what is made after it served within ten seconds${canStream ? '' : ', from lists, too'}`, async () => {
      const world = await calmWorld({ tokenLifeMs: hourMs, canStream });
      const { store, time } = world;
      const restore = store.backup();
      await passes(world, 2 * hourMs);
      restore();
      assert.equal(isServed(world), false, 'what the backup holds has expired');
      for (const cut of world.openWatches) cut();
      store.createNamespace('made-after', true, time.nowMs());
      await within(world, 10 * secondMs, 'all are served', () => isServed(world));
    });
  }
});

describe('a standby that has not seen the last renewals of a Lease, and finds the same old record in a restored etcd', () => {
  const rows = { 'knows that etcd was restored': 0, 'could not look while the API server was away': 500 };
  for (const [what, downMs] of Object.entries(rows)) {
    it(`does not lead beside its holder where it ${what}`, async () => {
      const deaf = { name: '' };
      const arrives = ({ topic }: { topic: string }, name: string) => topic !== 'leases' || name !== deaf.name;
      // It knows by its next whole list, which comes early here.
      const watchTimings = { ...usualWatchTimings, ...(downMs === 0 ? { relistMs: 1.5 * secondMs } : {}) };
      const world = await calmWorld({ replicas: 2, watchTimings }, { arrives });
      const { store, weather, openWatches, replicas } = world;
      const isRenewed = () => store.lease?.metadata.resourceVersion !== renewal;
      const renewal = store.lease?.metadata.resourceVersion;
      await within(world, 5 * secondMs, 'the Lease is renewed', isRenewed);
      await passes(world, 100);
      const leader = leaderOf(world);
      assert.ok(leader !== undefined);
      deaf.name = replicas.find((replica) => replica !== leader)?.name ?? '';
      const restore = store.backup();
      await passes(world, 10 * secondMs);
      if (downMs === 0) store.createNamespace('lost', true, world.time.nowMs());
      await passes(world, 4.2 * secondMs);
      restore();
      // Its term lasts for some seconds yet, and it cannot renew the Lease.
      leader.cutOffUntilMs = world.time.nowMs() + 8 * secondMs;
      weather.serverIsDown = downMs > 0;
      for (const cut of openWatches) cut();
      world.time.plan(downMs, () => (weather.serverIsDown = false));
      for (let step = 0; step < 1000; step += 1) {
        await passes(world, 20);
        assert.ok(replicas.filter(isLeading).length <= 1, `two lead\n${world.story.slice(-12).join('\n')}`);
      }
      assert.ok(leaderOf(world) !== undefined);
    });
  }
});

describe('a secret that is mended', () => {
  it('while its refusal is on the way is served at once', async () => {
    const came = { isMended: false };
    const mend = () => {
      came.isMended = true;
      world.store.deleteSecret(first);
      const data = Buffer.from('{"auths":{}}').toString('base64');
      world.store.putSecret(first, { data, dataOwner: 'somebody', isApplied: false }, 'somebody');
    };
    const fate = ({ method, path }: { method: string; path: string }) => {
      if (method !== 'GET' || !path.includes('/secrets/') || came.isMended) return undefined;
      world.time.plan(50, mend);
      return { afterMs: 2000 };
    };
    const world: World = newWorld({ namespaces: 1 }, { fate });
    world.store.putSecret(first, { type: 'Opaque', data: '', dataOwner: 'somebody', isApplied: false }, 'somebody');
    await within(world, 10 * secondMs, 'it is mended', () => came.isMended);
    await within(world, 5 * secondMs, 'it is served', () => isServed(world));
  });
});

/** Somebody else's newer tokens, in a secret as this program writes it. */
function rivalWrites({ store, ecr }: World, namespace: string): string {
  ecr.mood = 'well';
  const { password, expiresAtMs } = ecr.issue();
  const auth = Buffer.from(`AWS:${password}`).toString('base64');
  const config = { auths: { [registryHost]: { username: 'AWS', password, auth } } };
  const data = Buffer.from(JSON.stringify(config)).toString('base64');
  const notes = { [annotations.registries]: registryHost, [annotations.expiresAt]: timestamp(expiresAtMs) };
  const labels = { [managedBy.label]: managedBy.value };
  const owned = { dataOwner: 'ecr-cred-helper', isApplied: true };
  store.putSecret(namespace, { data, annotations: notes, labels, ...owned }, 'ecr-cred-helper');
  return data;
}

describe('a newer token of another instance, written while a request of ours is lost', () => {
  for (const kind of ['controller', 'pass'] as const) {
    it(`is not replaced by the older one of a ${kind} that tries again`, async () => {
      const came: { newer?: string } = {};
      const world = newWorld(
        { namespaces: 1, replicas: kind === 'controller' ? 1 : 0 },
        {
          fate: ({ method, path }) => {
            const isTakeover = method === 'PATCH' && path.includes('force=true');
            const isMine = kind === 'pass' ? isTakeover : method === 'PATCH';
            if (!isMine || came.newer !== undefined) return undefined;
            world.time.plan(20, () => (came.newer = rivalWrites(world, first)));
            return 'lostBefore';
          },
        },
      );
      world.ecr.mood = 'short';
      const data = Buffer.from('{"auths":{}}').toString('base64');
      world.store.putSecret(first, { data, dataOwner: 'somebody', isApplied: false }, 'somebody');
      if (kind === 'pass') world.startPass();
      await within(world, minuteMs, 'it came', () => came.newer !== undefined);
      await passes(world, minuteMs);
      const [newer, held] = [came.newer ?? '', world.store.secrets.get(first)?.data ?? ''];
      assert.ok((world.ecr.expiryOf(held) ?? 0) >= (world.ecr.expiryOf(newer) ?? Number.NaN), 'no older one is there');
    });
  }
});

describe('a label that is taken off while the secret is being made', () => {
  it('leaves no login behind with --prune, though no event tells of the secret', async () => {
    const world = newWorld(
      { namespaces: 1, prune: true },
      {
        arrives: ({ topic }) => topic !== 'secrets',
        fate: ({ method }) => {
          if (method !== 'PATCH') return undefined;
          world.store.setLabel(first, false, world.time.nowMs());
          return { afterMs: 3000 };
        },
      },
    );
    await within(world, 10 * secondMs, 'it is made', () => world.store.secrets.has(first));
    await within(world, 10 * secondMs, 'it is gone', () => !world.store.secrets.has(first));
    await passes(world, minuteMs);
    assert.equal(world.store.secrets.has(first), false);
  });
});

describe('what happens while the wall clock is wrong', () => {
  for (const offset of [13, -13]) {
    it(`is put right soon after it is right again: ${offset} hours off`, async () => {
      const world = await calmWorld();
      const [replica] = world.replicas;
      assert.ok(replica !== undefined);
      replica.offsetMs = offset * hourMs;
      await passes(world, minuteMs);
      world.store.deleteSecret(first);
      await passes(world, 10 * minuteMs);
      replica.offsetMs = 0;
      await within(world, 15 * secondMs, 'it is back', () => isServed(world));
    });
  }
});

describe('a secret that is deleted', () => {
  for (const canStream of [true, false]) {
    it(`while no watch is open, in what is forgotten by then, is back soon${canStream ? '' : ', from lists, too'}`, async () => {
      const world = await calmWorld({ canStream });
      world.weather.serverIsDown = true;
      for (const cut of world.openWatches) cut();
      await passes(world, 5 * secondMs);
      world.store.deleteSecret(first);
      world.store.compact();
      await passes(world, secondMs);
      world.weather.serverIsDown = false;
      await within(world, 10 * secondMs, 'it is back', () => isServed(world));
    });
  }

  it('while the answer to the write of it is on its way is back soon', async () => {
    let isDone = false;
    const world = newWorld(
      { namespaces: 1 },
      {
        fate: ({ method }) => (method === 'PATCH' && !isDone ? { afterMs: 3000 } : undefined),
        onWritten: ({ method }) => {
          if (method !== 'PATCH' || isDone) return;
          isDone = true;
          world.time.plan(10, () => world.store.deleteSecret(first));
        },
      },
    );
    await within(world, 10 * secondMs, 'it was written', () => isDone);
    await passes(world, 100);
    assert.equal(world.store.secrets.has(first), false);
    await within(world, 5 * secondMs, 'it is back', () => isServed(world));
  });
});

describe('a first retry', () => {
  it('is made, whenever it becomes due', async () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const failed = new Set<string>();
      const fate = ({ method, path }: { method: string; path: string }) => {
        if (method !== 'PATCH' || failed.has(path)) return undefined;
        failed.add(path);
        return status(500, 'InternalError', 'etcdserver: leader changed');
      };
      const world = newWorld({ namespaces: 10 }, { fate, readingMs: seed % 2 === 0 ? 2 : 0.02 }, seed);
      await within(world, 20 * secondMs, `served, with seed ${seed}`, () => isServed(world));
    }
  });
});

/** A secret as this program makes it, but without a login, which says that it lives until then. */
function forges({ store }: World, namespace: string, expiresAtMs: number): void {
  const notes = { [annotations.registries]: registryHost, [annotations.expiresAt]: timestamp(expiresAtMs) };
  const labels = { [managedBy.label]: managedBy.value };
  const data = Buffer.from('{"auths":{}}').toString('base64');
  const owned = { dataOwner: 'somebody', isApplied: false };
  store.putSecret(namespace, { data, annotations: notes, labels, ...owned }, 'somebody');
}

describe('a secret without a login', () => {
  const lives = {
    'that says it lives for ever': Date.UTC(9999, 0, 1),
    'that says it lives for eleven hours': undefined,
  };
  for (const [what, forEver] of Object.entries(lives)) {
    it(`${what} is put right at once by a controller, and no other is written for it`, async () => {
      const came: string[] = [];
      const world = await calmWorld(
        { namespaces: 20 },
        { onWritten: ({ path }) => path.includes('/secrets/') && came.push(path) },
      );
      came.splice(0);
      forges(world, first, forEver ?? epochMs + world.time.nowMs() + 11.9 * hourMs);
      await within(world, 5 * secondMs, 'it holds a login', () => holdsToken(world, first));
      await passes(world, 15 * minuteMs);
      assert.equal(came.length, 1, came.join('\n'));
    });

    it(`${what} is put right by a pass`, async () => {
      const world = newWorld({ replicas: 0 });
      forges(world, first, forEver ?? epochMs + world.time.nowMs() + 11.9 * hourMs);
      const pass = world.startPass();
      await within(world, minuteMs, 'the pass has ended', () => !pass.isAlive());
      assert.ok(isServed(world));
      assert.equal(pass.exitCode, 0);
    });
  }
});

describe('two installations that do not know of each other', () => {
  it('do not fight: each writes its tokens when it renews them', async () => {
    const came = { writes: 0 };
    const world = await calmWorld(
      { replicas: 2, namespaces: 10, lease: undefined },
      {
        areApart: true,
        onWritten: ({ method, path }) => method === 'PATCH' && path.includes('/secrets/') && came.writes++,
      },
    );
    await passes(world, 24 * hourMs);
    assert.ok(isServed(world));
    // Twice ten namespaces, at the start and about every six hours.
    assert.ok(came.writes <= 2 * 10 * 6, `${came.writes} writes`);
  });
});

describe('tenants who touch their secrets without end', () => {
  const restless = Array.from({ length: 8 }, (_, index) => named(index + 1));
  const foreign = () =>
    Buffer.from(JSON.stringify({ auths: { 'other.example': {} }, at: Math.random() })).toString('base64');
  /** Each is changed ten times a second. */
  const touches: Record<string, (world: World, name: string, round: number) => void> = {
    'a refused secret is edited': ({ store }, name) =>
      store.putSecret(name, { data: foreign(), dataOwner: 'somebody', isApplied: false }, 'somebody'),
    'a secret comes and goes': ({ store }, name, round) =>
      round % 2 === 0
        ? store.deleteSecret(name)
        : store.putSecret(name, { data: foreign(), dataOwner: 'somebody', isApplied: false }, 'somebody'),
    'the label comes and goes under a full quota': ({ store, time }, name, round) => {
      store.quotas.add(name);
      store.setLabel(name, round % 2 === 0, time.nowMs());
    },
    'the label comes and goes': ({ store, time }, name, round) => store.setLabel(name, round % 2 === 0, time.nowMs()),
  };

  for (const [what, touch] of Object.entries(touches)) {
    it(`${what}: it costs less and less, and the others are served as if nothing were`, async () => {
      const came = { since: Number.POSITIVE_INFINITY, requests: 0 };
      const isRestless = (path: string) => restless.some((name) => path.includes(`/namespaces/${name}/`));
      const world: World = newWorld(
        { namespaces: 48 },
        { fate: ({ path }) => void (isRestless(path) && world.time.nowMs() > came.since && (came.requests += 1)) },
      );
      await within(world, minuteMs, 'all are served', () => isServed(world));
      const touchAll = (round: number) => {
        for (const name of restless) touch(world, name, round);
        if (round < 36_000) world.time.plan(100, () => touchAll(round + 1));
      };
      touchAll(0);
      came.since = world.time.nowMs() + 15 * minuteMs;
      await passes(world, 10 * secondMs);
      const late = named(49);
      world.store.createNamespace(late, true, world.time.nowMs());
      await within(world, 2 * secondMs, 'a new one is served', () => holdsToken(world, late));
      await passes(world, 35 * minuteMs);
      // Eight in twenty minutes: one in five minutes each, of some requests, and an Event in ten.
      assert.ok(came.requests <= 8 * (5 * 4 + 3), `${came.requests} requests`);
      const isLate = (line: string) => Number.parseFloat(line) * secondMs > world.time.nowMs() - 10 * minuteMs;
      const told = world.story.filter((line) => isLate(line) && / (?:error|warn|info): /.test(line));
      // Two tries each in ten minutes, of a line or two.
      assert.ok(told.length <= 8 * 4, told.join('\n'));
      assert.ok(isServed(world, restless));
    });
  }

  it('and mend them at last: they are served within five minutes', async () => {
    const world = await calmWorld();
    for (let round = 0; round < 600; round += 1) {
      touches['a refused secret is edited']?.(world, first, round);
      await passes(world, 100);
    }
    const data = Buffer.from('{"auths":{}}').toString('base64');
    world.store.putSecret(first, { data, dataOwner: 'somebody', isApplied: false }, 'somebody');
    await within(world, 5 * minuteMs + 5 * secondMs, 'it is served', () => isServed(world));
  });

  it('by trial, a few times: each is judged at once, and the right one is served', async () => {
    const world = await calmWorld();
    for (let round = 0; round < 7; round += 1) {
      touches['a refused secret is edited']?.(world, first, round);
      await passes(world, 10 * secondMs);
    }
    const data = Buffer.from('{"auths":{}}').toString('base64');
    world.store.putSecret(first, { data, dataOwner: 'somebody', isApplied: false }, 'somebody');
    await within(world, secondMs, 'it is served', () => isServed(world));
  });
});

describe('another party that undoes each write, while answers get lost', () => {
  it('costs less and less, though nobody can tell that it is a fight', async () => {
    const came = { since: Number.POSITIVE_INFINITY, requests: 0 };
    const world: World = newWorld(
      {},
      {
        fate: ({ method, path }) => {
          if (!path.includes(`/namespaces/${first}/`)) return undefined;
          if (world.time.nowMs() > came.since) came.requests += 1;
          return method === 'PATCH' && world.dice.happens(0.7) ? 'lostAfter' : undefined;
        },
      },
    );
    await within(world, minuteMs, 'all are served', () => isServed(world));
    world.fights.add(first);
    world.store.deleteSecret(first);
    came.since = world.time.nowMs() + 15 * minuteMs;
    await passes(world, 35 * minuteMs);
    assert.ok(came.requests < 200, `${came.requests} requests in twenty minutes`);
  });
});

describe('a Lease that somebody writes by hand', () => {
  it('ends the term of who held it at once, and what is under way with it', async () => {
    const late = { isSo: false };
    const world = await calmWorld(
      {},
      { fate: ({ method }) => (late.isSo && method === 'PATCH' ? 'hangsBefore' : undefined) },
    );
    late.isSo = true;
    const [replica] = world.replicas;
    world.store.deleteSecret(first);
    await within(world, secondMs, 'a request is under way', () => replica?.controller.status().depth === 1);
    const { metadata, spec } = world.store.lease ?? assert.fail('there is a Lease');
    world.store.putLease(metadata.name, metadata.namespace ?? '', { ...spec, holderIdentity: 'somebody' });
    await within(world, 3 * secondMs, 'it does not lead', () => leaderOf(world) === undefined);
    await within(world, 100, 'nothing is under way', () => replica?.controller.status().depth === 0);
  });
});

describe('a label that comes back while the secret is being removed', () => {
  it('is not forgotten: taken off again, it leaves no login behind', async () => {
    const came = { deletes: 0 };
    const world: World = newWorld(
      { namespaces: 1, prune: true },
      {
        fate: ({ method }) => {
          if (method !== 'DELETE') return undefined;
          came.deletes += 1;
          if (came.deletes === 1) world.time.plan(200, () => world.store.setLabel(first, true, world.time.nowMs()));
          return { afterMs: 1000 };
        },
      },
    );
    await within(world, minuteMs, 'it is served', () => isServed(world));
    world.store.setLabel(first, false, world.time.nowMs());
    await within(world, 10 * secondMs, 'the label is back', () => came.deletes === 1);
    await within(world, 10 * secondMs, 'it is served again', () => holdsToken(world, first));
    world.store.setLabel(first, false, world.time.nowMs());
    await within(world, 10 * secondMs, 'the secret is gone', () => !world.store.secrets.has(first));
  });
});

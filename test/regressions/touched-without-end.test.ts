/** Each touch of a refused secret cost requests, lines and Events without limit, and kept renewals from their turn. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { calmWorld, holdsToken, isServed, named, newWorld, passes, within } from '../simulation/story.ts';
import type { World } from '../simulation/world.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const first = named(1);

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

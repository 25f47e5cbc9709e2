/** Who had lost the Lease to a hand that wrote it went on with what was under way. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { calmWorld, leaderOf, named, within } from '../simulation/story.ts';

const secondMs = 1000;
const first = named(1);

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

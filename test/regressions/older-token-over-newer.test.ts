/** The condition of a write was dropped at its first retry, so that an older token replaced a newer one. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { annotations, managedBy, timestamp } from '../../src/core/secret/pull-secret.ts';
import { registryHost } from '../simulation/model/ecr.ts';
import { named, newWorld, passes, within } from '../simulation/story.ts';
import type { World } from '../simulation/world.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const first = named(1);

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

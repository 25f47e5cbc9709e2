/** A note beside the data was believed: a secret without a login was never renewed, or every one was written again. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { annotations, managedBy, timestamp } from '../../src/core/secret/pull-secret.ts';
import { registryHost } from '../simulation/model/ecr.ts';
import { epochMs } from '../simulation/virtual-time.ts';
import { calmWorld, holdsToken, isServed, named, newWorld, passes, within } from '../simulation/story.ts';
import type { World } from '../simulation/world.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const first = named(1);

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

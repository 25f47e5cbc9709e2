/** A refusal that came within ten minutes of a recovery, and stood, was never said in an Event. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { calmWorld, holdsToken, named, passes, within } from '../simulation/story.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const first = named(1);

describe('a refusal soon after a recovery', () => {
  it('is said in an Event of its own once the ten minutes are over, and once', async () => {
    const said: string[] = [];
    const world = await calmWorld(
      {},
      {
        onWritten: ({ path, body }) => {
          if (!path.includes(`/namespaces/${first}/events`)) return;
          said.push((JSON.parse(body ?? '{}') as { reason: string }).reason);
        },
      },
    );
    const { store } = world;
    store.deleteSecret(first);
    store.quotas.add(first);
    await within(world, 2 * minuteMs, 'the quota is said', () => said.length === 1);
    store.quotas.delete(first);
    await within(world, 5 * minuteMs + 10 * secondMs, 'it is served', () => holdsToken(world, first));
    await within(world, secondMs, 'that is said', () => said.length === 2);
    store.deleteSecret(first);
    store.putSecret(first, { type: 'Opaque', data: '', dataOwner: 'somebody', isApplied: false }, 'somebody');
    await passes(world, minuteMs);
    assert.deepEqual(said, ['QuotaExceeded', 'PullSecretRecovered'], 'not yet');
    await within(world, 10 * minuteMs, 'the refusal is said', () => said.length === 3);
    await passes(world, 60 * minuteMs);
    assert.deepEqual(said.slice(2), ['SecretTypeDiffers']);
  });
});

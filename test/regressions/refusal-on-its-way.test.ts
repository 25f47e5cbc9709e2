/** A secret that was mended while its refusal was on the way stayed refused for a day. */
import { describe, it } from 'node:test';
import { isServed, named, newWorld, within } from '../simulation/story.ts';
import type { World } from '../simulation/world.ts';

const secondMs = 1000;
const first = named(1);

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

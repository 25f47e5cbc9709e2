/** Ten namespaces whose writes hung, or one that was told to come again in an hour, kept all others from being served. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tooMany } from '../simulation/network.ts';
import { holdsToken, isServed, leaderOf, named, newWorld, passes, within } from '../simulation/story.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const first = named(1);

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

/** A simulation proves something only where it fails when it should. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { simulate, type Options } from './simulate.ts';

/** The first of these seeds that breaks a promise. */
async function firstBroken(options: Options, seeds: number) {
  for (let seed = 1; seed <= seeds; seed += 1) {
    const verdict = await simulate(seed, options);
    if (verdict.broken !== undefined) return verdict;
  }
  return undefined;
}

describe('the simulation', () => {
  it('tells the same story for the same seed, and others for others', async () => {
    const [one, again, other] = [await simulate(7), await simulate(7), await simulate(8)];
    assert.deepEqual([again.digest, again.steps, again.story], [one.digest, one.steps, one.story]);
    assert.notEqual(other.digest, one.digest);
  });

  it('has as many troubles as it is told, and the same up to there', async () => {
    const whole = await simulate(7, { storyLines: 100_000 });
    const some = await simulate(7, { mostTroubles: 3, storyLines: 100_000 });
    const named = (story: readonly string[]) =>
      story.filter((line) => line.includes('  -- ') && !/storm|well/.test(line));
    assert.equal(some.troubles, 3);
    assert.deepEqual(named(some.story), named(whole.story).slice(0, 3));
  });

  it('goes on for as many days as it is told', async () => {
    assert.ok((await simulate(7, { days: 3 })).virtualMs >= 3 * 86_400_000);
  });

  const sabotages: Record<string, [Options['sabotage'], broken: RegExp]> = {
    'a Lease that does not compare what it replaces': [
      { world: ({ store }) => (store.ignoresLeaseConditions = true) },
      /lead|while/,
    ],
    'tokens that live shorter than ECR says': [
      { world: ({ ecr }) => (ecr.liesByMs = 20 * 3_600_000) },
      /an expired token/,
    ],
    'a controller that believes in its Lease for too long': [
      {
        scenario: (scenario) => ({
          ...scenario,
          lease: scenario.lease && { ...scenario.lease, renewDeadlineMs: 4 * scenario.lease.durationMs },
        }),
      },
      /lead|while/,
    ],
    'a watch that is neither replaced when silent nor listed anew': [
      {
        scenario: (scenario) => ({
          ...scenario,
          boundMs: scenario.boundMs / 2,
          watchTimings: { ...scenario.watchTimings, silenceMs: 1e12, relistMs: 1e12, watchSeconds: 1e9 },
        }),
      },
      /^ns-/,
    ],
  };
  for (const [what, [sabotage = {}, broken]] of Object.entries(sabotages)) {
    it(`notices ${what}`, async () => {
      const verdict = await firstBroken({ sabotage }, 100);
      assert.match(verdict?.broken ?? 'nothing was noticed', broken);
    });
  }
});

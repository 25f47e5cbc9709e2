/** A simulation proves something only where it fails when it should. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
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

describe('npm run simulate', () => {
  const run = (...argv: string[]) =>
    spawnSync(process.execPath, [fileURLToPath(new URL('main.ts', import.meta.url)), ...argv], { encoding: 'utf8' });

  for (const argv of [['--from', 'nine'], ['--seeds=-1'], ['--seeds', '1.5'], ['--seed', '5'], ['7']]) {
    it(`says what is wrong with ${argv.join(' ')}, and runs nothing`, () => {
      const { status, stdout, stderr } = run(...argv);
      assert.deepEqual([status, stdout], [2, '']);
      assert.match(
        stderr,
        /^.*(takes a whole number|Unknown option|Unexpected argument).*\nnpm run simulate -- --help/,
      );
    });
  }

  it('runs the one seed that it is asked for', () => {
    const { status, stdout } = run('--seeds', '1', '--from', '7');
    assert.equal(status, 0);
    assert.match(stdout, /^simulation: 1 seeds kept every promise, 0 did not; /);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createPulse } from '../../src/serving/pulse.ts';
import { createTokenKeeper } from '../../src/controller/tokens.ts';
import { registryHost } from '../simulation/model/ecr.ts';
import { clockOf, epochMs, virtualTime } from '../simulation/virtual-time.ts';

const minute = 60_000;

/** A keeper in virtual time, and when ECR was asked, in minutes. */
function stage() {
  const time = virtualTime();
  const asked: number[] = [];
  const life = { isAlive: () => true, frozenUntilMs: () => 0, wallOffsetMs: () => 0 };
  const stop = new AbortController();
  const keeper = createTokenKeeper(
    { secretName: 'ecr-creds', registries: [] },
    {
      tokens: {
        issue() {
          asked.push(Math.round(time.nowMs() / minute));
          return Promise.resolve({
            kind: 'answer',
            authorizationToken: Buffer.from('AWS:secret').toString('base64'),
            expiresAtMs: epochMs + time.nowMs() + 720 * minute,
            proxyEndpoint: `https://${registryHost}`,
          });
        },
      },
      clock: clockOf(time, life),
      random: () => 0.5,
      log: () => {},
      pulse: createPulse(),
      meter: { ecrCalled: () => {} } as never, // nothing else is counted
    },
    () => {},
  );
  const until = async (minutes: number) => {
    const goal = { isThere: false };
    await new Promise((resolve) => setImmediate(resolve));
    time.plan(minutes * minute - time.nowMs(), () => (goal.isThere = true));
    while (!goal.isThere) await time.step();
  };
  const running = keeper.run(stop.signal);
  return { keeper, asked, until, end: () => (stop.abort('SIGTERM'), running) };
}

describe('the tokens in use', () => {
  it('are renewed at about half of their life', async () => {
    const { asked, until, end } = stage();
    await until(800);
    await end();
    assert.deepEqual(asked, [0, 360, 720]);
  });
});

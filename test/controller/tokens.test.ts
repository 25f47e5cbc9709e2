import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTokenKeeper } from '../../src/controller/tokens.ts';
import { parseRegistryHost } from '../../src/core/secret/registry-host.ts';
import type { AwsReply } from '../../src/core/secret/token.ts';
import { createPulse } from '../../src/serving/pulse.ts';
import { registryHost } from '../simulation/model/ecr.ts';
import { epochMs } from '../simulation/virtual-time.ts';
import { standingTime } from '../support/standing-time.ts';

const minute = 60_000;
const denied: AwsReply = { kind: 'error', name: 'AccessDenied', message: 'no', service: 'ecr' };

/** A keeper, when ECR was asked, in minutes, and what was told. */
function stage(reply?: AwsReply, hosts: string[] = [], refusing = new Map<string, AwsReply>()) {
  const time = standingTime();
  const asked: number[] = [];
  const told: string[] = [];
  const askedOf: string[] = [];
  const ecr = { reply, expiresAtMs: undefined as number | undefined };
  const wall = { offsetMs: 0 };
  const stop = new AbortController();
  const renewals = { count: 0 };
  const keeper = createTokenKeeper(
    { secretName: 'ecr-creds', registries: hosts.flatMap((host) => parseRegistryHost(host) ?? []) },
    {
      tokens: {
        issue({ region = '' }) {
          asked.push(Math.round(time.nowMs() / minute));
          askedOf.push(`${Math.round(time.nowMs() / minute)} ${region}`);
          const issued: AwsReply = {
            kind: 'answer',
            authorizationToken: Buffer.from('AWS:secret').toString('base64'),
            expiresAtMs: ecr.expiresAtMs ?? epochMs + time.nowMs() + 720 * minute,
            proxyEndpoint: `https://${registryHost}`,
          };
          return Promise.resolve(refusing.get(region) ?? ecr.reply ?? issued);
        },
      },
      clock: { ...time.clock, nowMs: () => time.clock.nowMs() + wall.offsetMs },
      random: () => 0.5,
      log: (level, message) => void (level !== 'debug' && told.push(`${level}: ${message}`)),
      pulse: createPulse(),
      meter: { ecrCalled: () => {} } as never, // nothing else is counted
    },
    () => (renewals.count += 1),
  );
  const running = keeper.run(stop.signal);
  const until = (minutes: number) => time.until(minutes * minute);
  return {
    keeper,
    asked,
    askedOf,
    refusing,
    told,
    ecr,
    wall,
    renewals,
    until,
    end: () => (stop.abort('SIGTERM'), running),
  };
}

describe('the tokens in use', () => {
  it('are renewed at about half of their life', async () => {
    const { asked, until, end } = stage();
    await until(800);
    await end();
    assert.deepEqual(asked, [0, 360, 720]);
  });

  it('are renewed within five minutes where the wall clock shows that they are older', async () => {
    const { asked, until, end, wall } = stage();
    await until(100);
    wall.offsetMs = 300 * minute;
    await until(106);
    await end();
    assert.deepEqual([asked.length, (asked[1] ?? 0) <= 105], [2, true], asked.join());
  });

  it('stay in use while ECR gives no others, which is told every hour, with an alarm at each step until they expire', async () => {
    const { keeper, told, ecr, until, end } = stage();
    await until(10);
    ecr.reply = denied;
    await until(1000);
    assert.equal(keeper.secret()?.hosts.length, 1);
    const alarms = told.filter((line) => line.startsWith('error'));
    assert.deepEqual(alarms, [
      'error: Tokens expire soon and ECR gives no others',
      'error: Tokens expire soon and ECR gives no others',
      'error: Tokens have expired and ECR gives no others',
    ]);
    // From the first renewal, after six hours, until now.
    const complaints = told.filter((line) => line === 'warn: ECR gave no tokens, trying again');
    assert.equal(complaints.length, Math.ceil((1000 - 360) / 60));
    const toldBefore = told.length;
    ecr.reply = undefined;
    await until(1010);
    await end();
    assert.deepEqual(told.slice(toldBefore), ['info: ECR answers again', 'info: Tokens refreshed']);
  });

  it('are missed loudly where there never were any', async () => {
    const { keeper, told, asked, until, end } = stage(denied);
    await until(30);
    await end();
    assert.deepEqual([keeper.secret(), told], [undefined, ['error: ECR gave no tokens, trying again']]);
    assert.ok(asked.length > 6, `asked again, later each time: ${asked.join()}`);
  });

  it('are not replaced by others that expire no later', async () => {
    const { keeper, ecr, told, renewals, until, end } = stage();
    await until(10);
    const before = keeper.secret();
    ecr.expiresAtMs = epochMs + 700 * minute;
    await until(400);
    await end();
    assert.equal(keeper.secret(), before);
    assert.equal(renewals.count, 1);
    assert.ok(told.includes('warn: ECR gave no tokens, trying again'));
  });

  describe('of two regions', () => {
    const [here, there] = ['us-east-1', 'eu-west-1'].map((region) => `123456789012.dkr.ecr.${region}.amazonaws.com`);
    const both = [here ?? '', there ?? ''];
    const inUse = (keeper: ReturnType<typeof stage>['keeper']) => [keeper.secret()?.hosts, keeper.secret()?.missing];

    it('are renewed together, and written once', async () => {
      const { askedOf, renewals, until, end } = stage(undefined, both);
      await until(400);
      await end();
      assert.deepEqual(askedOf, ['0 us-east-1', '0 eu-west-1', '360 us-east-1', '360 eu-west-1']);
      assert.equal(renewals.count, 2);
    });

    it('are in use as far as there are any, and the one that is missing is asked for alone, until it comes', async () => {
      const { keeper, refusing, askedOf, renewals, told, until, end } = stage(
        undefined,
        both,
        new Map([['eu-west-1', denied]]),
      );
      await until(66);
      assert.deepEqual(inUse(keeper), [[here], [there]]);
      assert.equal(keeper.failure()?.code, 'AwsAccessDenied');
      assert.equal(askedOf.filter((each) => each.endsWith('us-east-1')).length, 1);
      assert.ok(askedOf.length > 6, 'again and again');
      assert.deepEqual([renewals.count, told.filter((line) => line.startsWith('error')).length], [1, 2]);
      refusing.clear();
      await until(70);
      await end();
      assert.deepEqual(inUse(keeper), [[there, here], []]);
      assert.deepEqual([renewals.count, keeper.failure()], [2, undefined]);
    });

    it('stay in use while they live where one gives no other, and are written without it when it has expired', async () => {
      const { keeper, refusing, renewals, until, end } = stage(undefined, both);
      await until(10);
      refusing.set('eu-west-1', denied);
      await until(719);
      assert.deepEqual(inUse(keeper), [[there, here], []]);
      assert.equal(renewals.count, 2, 'the other one was renewed');
      await until(721);
      await end();
      assert.deepEqual(inUse(keeper), [[here], [there]]);
      assert.equal(renewals.count, 3, 'that one expired when the other one was renewed again');
    });
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  alarmLevel,
  ecrRetryDelayMs,
  holdToken,
  inUse,
  isRenewalDue,
  judgeFreshness,
  refreshAfterMs,
  secretOf,
  untilRenewalMs,
} from '../../../src/core/controller/token-renewal.ts';

const hourMs = 3_600_000;
/** Twelve hours from 0, by the wall clock; got at 1 h of the steady one. */
const token = { hosts: ['a.example'], password: 'p', issuedAtMs: 0, expiresAtMs: 12 * hourMs };
const held = holdToken(token, { wallMs: 0, steadyMs: hourMs }, 0.5);

describe('when a token is renewed', () => {
  for (const [title, now, due] of [
    ['not before half of its life', { wallMs: 6 * hourMs - 1, steadyMs: 7 * hourMs - 1 }, false],
    ['at half of its life', { wallMs: 6 * hourMs, steadyMs: 7 * hourMs }, true],
    ['at half of it by the wall clock, though the steady one slept', { wallMs: 6 * hourMs, steadyMs: hourMs }, true],
    [
      'at half of it by the steady clock, though the wall clock was set back',
      { wallMs: 0, steadyMs: 7 * hourMs },
      true,
    ],
  ] as const) {
    it(title, () => assert.equal(isRenewalDue(held, now), due));
  }

  it('at once where there is none', () => {
    assert.equal(isRenewalDue(undefined, { wallMs: 0, steadyMs: 0 }), true);
    assert.equal(untilRenewalMs(undefined, 0), 0);
  });

  it('so that it may rest until then', () => assert.equal(untilRenewalMs(held, 2 * hourMs), 5 * hourMs));

  it('is spread over a tenth of its life, so that clusters do not ask in step', () => {
    const life = { issuedAtMs: 0, expiresAtMs: 12 * hourMs };
    assert.equal(refreshAfterMs(life, 0), 5.4 * hourMs);
    assert.equal(refreshAfterMs(life, 1), 6.6 * hourMs);
  });

  it('a life that seems longer than ECR gives is none: our clock is behind', () => {
    assert.equal(refreshAfterMs({ issuedAtMs: 0, expiresAtMs: 100 * hourMs }, 0), 5.4 * hourMs);
  });
});

describe('tokens that come', () => {
  it('are taken where there were none', () => assert.equal(judgeFreshness(token, undefined).ok, true));
  it('are taken where they live longer', () => {
    assert.equal(judgeFreshness({ ...token, expiresAtMs: token.expiresAtMs + 1 }, held).ok, true);
  });
  it('are taken where the wall clock was set back since: nobody can tell which are newer', () => {
    const earlier = { ...token, issuedAtMs: -1, expiresAtMs: 11 * hourMs };
    assert.equal(judgeFreshness(earlier, held).ok, true);
  });
  it('are refused where they expire no later than those in use, and it is said where and why', () => {
    const judged = judgeFreshness(token, held);
    assert.ok(!judged.ok);
    assert.equal(judged.failure.code, 'AwsReplyInvalid');
    assert.equal(judged.failure.where, 'a.example');
    assert.match(judged.failure.why, /expires at 1970-01-01T12:00:00Z, no later than the one in use/);
  });
});

describe('the tokens of several regions', () => {
  const region = (host: string, expiresAtMs?: number, atMs = 0) => ({
    hosts: [host],
    held:
      expiresAtMs === undefined
        ? undefined
        : holdToken({ ...token, hosts: [host], expiresAtMs }, { wallMs: atMs, steadyMs: atMs }, 0.5),
  });
  const written = (regions: ReturnType<typeof region>[], wallMs: number) => {
    const secret = secretOf('ecr-creds', regions, inUse(regions, wallMs));
    return secret === undefined ? undefined : [secret.hosts, secret.missing, secret.expiresAtMs / hourMs];
  };
  const [a, b, none] = [region('a', 12 * hourMs, 1), region('b', 10 * hourMs, 2), region('c')];

  it('are written together, and the one that expires first says when', () => {
    assert.deepEqual(written([a, b], 0), [['a', 'b'], [], 10]);
    assert.equal(secretOf('x', [a, b], [a, b])?.gotAt.wallMs, 2);
  });
  it('are written without that of one which gives none', () => {
    assert.deepEqual(written([a, none], 0), [['a'], ['c'], 12]);
  });
  it('are written without one that has expired', () => {
    assert.deepEqual(written([a, b], 10 * hourMs), [['a'], ['b'], 12]);
  });
  it('stay what they are where all have expired, and are none where there never was one', () => {
    assert.deepEqual(written([a, b], 20 * hourMs), [['a', 'b'], [], 10]);
    assert.equal(written([none], 0), undefined);
  });
});

describe('an alarm', () => {
  for (const [title, atMs, level] of [
    ['none while more than a quarter of the life is left', 9 * hourMs - 1, 0],
    ['the first in the last quarter', 9 * hourMs, 1],
    ['the second in the last eighth', 10.5 * hourMs, 2],
    ['the third when it is over', 12 * hourMs, 3],
  ] as const) {
    it(title, () => assert.equal(alarmLevel(held.life, atMs), level));
  }
});

describe('after ECR has failed', () => {
  it('waits longer each time, up to five minutes', () => {
    assert.deepEqual(
      [1, 2, 3, 20].map((failures) => ecrRetryDelayMs(failures, 1)),
      [2100, 4100, 8100, 300_100],
    );
  });
  it('never asks without any pause', () => assert.equal(ecrRetryDelayMs(1, 0), 100));
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createPulse } from '../../src/serving/pulse.ts';
import { createRounds } from '../../src/serving/rounds.ts';

describe('a part of the process', () => {
  const late = (untilMs: number, nowMs: number) => {
    const pulse = createPulse();
    pulse.part('the other')(Number.POSITIVE_INFINITY);
    pulse.part('the one')(untilMs);
    return pulse.late(nowMs);
  };

  it('is not late before its time', () => assert.equal(late(1000, 900), undefined));
  it('is not late within a minute of it, as on a busy machine', () => assert.equal(late(1000, 61_000), undefined));
  it('is late then', () => assert.equal(late(1000, 61_001), 'the one'));
  it('is not late where something else watches over it', () => {
    assert.equal(late(Number.POSITIVE_INFINITY, 1e12), undefined);
  });
});

describe('what is done over and over', () => {
  const stage = () => {
    const time = { nowMs: 0 };
    const naps: (() => void)[] = [];
    const clock = {
      nowMs: () => time.nowMs,
      steadyMs: () => time.nowMs,
      sleep: () => new Promise<void>((resolve) => naps.push(resolve)),
    };
    const pulse = createPulse();
    const stop = new AbortController();
    return { time, naps, clock, pulse, stop };
  };
  const settle = () => new Promise((resolve) => setImmediate(resolve));

  it('is late where it is not woken when it is due', async () => {
    const { time, naps, clock, pulse, stop } = stage();
    const running = createRounds(clock, () => Promise.resolve(1000), pulse.part('it')).run(stop.signal);
    await settle();
    time.nowMs = 61_001;
    assert.equal(pulse.late(time.nowMs), 'it');
    naps.shift()?.();
    await settle();
    assert.equal(pulse.late(time.nowMs), undefined);
    stop.abort('SIGTERM');
    naps.shift()?.();
    await running;
    assert.equal(pulse.late(1e12), undefined, 'nobody waits for what was told to end');
  });

  it('is not late while it is at work, which has limits of its own', async () => {
    const { time, naps, clock, pulse, stop } = stage();
    const rounds = [Promise.resolve(1000), new Promise<number>(() => {})];
    void createRounds(clock, () => rounds.shift() ?? assert.fail(), pulse.part('it')).run(stop.signal);
    await settle();
    time.nowMs = 1000;
    naps.shift()?.();
    await settle();
    assert.equal(rounds.length, 0, 'the second round is under way');
    assert.equal(pulse.late(1e12), undefined);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fewLines } from '../../src/pass/few-lines.ts';
import type { LogLevel } from '../../src/ports.ts';

const told = (run: (log: ReturnType<typeof fewLines>) => void) => {
  const lines: [LogLevel, string, unknown?][] = [];
  run(fewLines((level, message, keys) => lines.push(keys === undefined ? [level, message] : [level, message, keys])));
  return lines;
};

describe('what a pass says of thousands of namespaces', () => {
  it('is twenty lines of a kind, and how many more there are; the rest is for who asks', () => {
    const lines = told(({ log, more }) => {
      for (let index = 0; index < 25; index += 1) log('info', 'Pull secret created');
      log('info', 'Namespace is gone, skipped');
      more();
    });
    assert.equal(lines.filter(([level, message]) => level === 'info' && message === 'Pull secret created').length, 20);
    assert.equal(lines.filter(([level]) => level === 'debug').length, 5);
    assert.deepEqual(lines.at(-1), ['info', 'Pull secret created, and more like it', { more: 5 }]);
    assert.equal(lines.filter(([, message]) => message.startsWith('Namespace is gone')).length, 1);
  });
  it('is everything that is wrong', () => {
    const lines = told(({ log }) => {
      for (let index = 0; index < 30; index += 1) log('error', 'Pull secret could not be written');
    });
    assert.equal(lines.filter(([level]) => level === 'error').length, 30);
  });
});

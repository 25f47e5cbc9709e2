import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { durationInWords, few } from '../../../src/core/text/words.ts';

describe('a length of time in words', () => {
  const cases: Record<string, number> = {
    '0 s': 999,
    '59 s': 59_999,
    '1 min': 60_000,
    '1 min 1 s': 61_000,
    '1 h': 3_600_000,
    '1 h 1 min': 3_661_000,
    '1 d 2 h': 93_600_000,
    '1 d': 86_401_000,
    '7 min': -420_000,
  };
  for (const [words, lengthMs] of Object.entries(cases)) {
    it(`of ${lengthMs} ms is ${words}`, () => assert.equal(durationInWords(lengthMs), words));
  }
});

it('of many names the first few are shown, and how many more there are', () => {
  assert.equal(few(['a', 'b']), 'a, b');
  assert.equal(few(['a', 'b', 'c', 'd', 'e']), 'a, b, c, d, e');
  assert.equal(few(['a', 'b', 'c', 'd', 'e', 'f', 'g']), 'a, b, c, d, e and 2 more');
  assert.equal(few(['a', 'b', 'c'], 1), 'a and 2 more');
});

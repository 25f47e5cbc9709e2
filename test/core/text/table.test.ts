import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  bar,
  columnWidths,
  plainText,
  rowLine,
  shortDuration,
  wrappedLines,
  type Column,
} from '../../../src/core/text/table.ts';
import { shortened } from '../../../src/core/text/shortened.ts';

const columns: readonly Column[] = [
  { title: 'NAME', least: 4, shrinks: 1 },
  { title: 'HOSTS', least: 6, shrinks: 0, yields: 1, cut: 'left' },
  { title: 'AGE', least: 3, yields: 0 },
];
const cells = ['a-long-name', 'registry.example', '5m'].map((text) => ({ text }));
const widths = (width?: number) => columnWidths(columns, [cells], width === undefined ? {} : { columns: width });
const row = (width?: number) => {
  const screen = width === undefined ? {} : { columns: width };
  const line = rowLine(columns, cells, widths(width), screen);
  return (typeof line === 'string' ? [line] : line)
    .map((part) => (typeof part === 'string' ? part : part.text))
    .join('');
};

describe('a table', () => {
  it('is as wide as what stands in it where the screen bears it, or has no end', () => {
    assert.deepEqual(widths(), [11, 16, 3]);
    assert.deepEqual(widths(34), [11, 16, 3]);
  });
  it('leaves out first what may go without loss, then has columns shrink, then leaves out others', () => {
    assert.deepEqual(widths(33), [11, 16, 0]);
    assert.deepEqual(widths(25), [11, 12, 0]);
    assert.deepEqual(widths(15), [7, 6, 0]);
    assert.deepEqual(widths(11), [4, 0, 0]);
  });
  it('has rows that are no longer than the screen, cut at the end that tells less', () => {
    assert.equal(row(), 'a-long-name  registry.example  5m');
    assert.equal(row(25), 'a-long-name  …try.example');
    assert.equal(row(11), 'a-l…');
    assert.equal(row(3), 'a-…', 'narrower than its narrowest column');
  });
});

describe('a text for people', () => {
  it('is broken between words, and what follows is set in', () => {
    assert.deepEqual(wrappedLines('one two three', { columns: 8 }), ['one two', '  three']);
    assert.deepEqual(wrappedLines('one two three', {}), ['one two three']);
    assert.deepEqual(wrappedLines('unbreakable word', { columns: 5 }), ['unbreakable', '  word']);
  });
  it('of others has one column a character, and nothing that moves a cursor', () => {
    assert.equal(plainText('a\u001B[2Jé漢'), 'a?[2J??');
  });
  it('that is long is cut between words, so that no half of a credential is left', () => {
    assert.equal(shortened('one two three', 9), 'one two…');
    assert.equal(shortened('short', 9), 'short');
    assert.equal(shortened(`${'x'.repeat(20)} y`, 9), `${'x'.repeat(20)} y…`, 'a word stays whole');
  });
});

describe('a length of time', () => {
  const cases = {
    0: '0s',
    999: '0s',
    59_000: '59s',
    61_000: '1m1s',
    3_600_000: '1h',
    43_199_000: '11h59m',
    90_000_000: '1d1h',
  };
  for (const [lengthMs, text] of Object.entries(cases)) {
    it(`of ${lengthMs} ms is ${text}`, () => assert.equal(shortDuration(Number(lengthMs)), text));
  }
  it('is a bar that is full at 1, has something as long as anything is left, and is empty at 0', () => {
    assert.deepEqual(
      [1, 2, 0.5, 0.01, 0, -1].map((share) => bar(share, 4)),
      ['====', '====', '==..', '=...', '....', '....'],
    );
  });
});

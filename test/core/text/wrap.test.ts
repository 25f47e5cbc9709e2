import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Line, Piece } from '../../../src/core/text/sink.ts';
import { wrapped } from '../../../src/core/text/wrap.ts';

const text = (lines: readonly Line[]) =>
  lines.map((line) => (typeof line === 'string' ? line : line.map(textOf).join('')));
const textOf = (piece: Piece) => (typeof piece === 'string' ? piece : piece.text);

describe('text on a screen', () => {
  const cases: Record<string, [pieces: Piece[], lines: string[]]> = {
    'is broken between words': [['one two three four'], ['one two', '  three', '  four']],
    'is not broken where it ends with the screen': [['12345 7890 x'], ['12345 7890', '  x']],
    'keeps what is longer than the screen in one piece': [['a 123456789012 b'], ['a', '  123456789012', '  b']],
    'keeps a command in backquotes in one piece': [
      ['run `kubectl get po` now'],
      ['run', '  `kubectl get po`', '  now'],
    ],
    'is one word where only its colour changes': [
      ['reason ', { text: 'key=', colour: 'grey' }, 'value'],
      ['reason', '  key=value'],
    ],
    'is as many words as there are, of however many colours': [
      [{ text: 'a ', colour: 'grey' }, 'b', { text: ' c', colour: 'grey' }, ' 1234567'],
      ['a b c', '  1234567'],
    ],
  };
  for (const [title, [pieces, lines]] of Object.entries(cases)) {
    it(title, () => assert.deepEqual(text(wrapped(pieces, 0, { width: 10 })), lines));
  }
  it('is not broken where nobody looks at a screen', () => {
    assert.deepEqual(text(wrapped(['one two three four'], 2, {})), ['  one two three four']);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { Pieces } from '../../../src/adapters/kubernetes/pieces.ts';

describe('a text that comes in pieces', () => {
  it('is the same however it is cut, in the midst of characters too', () => {
    const texts = fc.string({ unit: 'grapheme', maxLength: 9000 });
    const cuts = fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(texts, cuts, (text, sizes) => {
        const bytes = Buffer.from(text);
        const pieces = new Pieces();
        let at = 0;
        for (let turn = 0; at < bytes.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          pieces.add(bytes.subarray(at, at + size));
          at += size;
          assert.equal(pieces.size, Math.min(at, bytes.length));
        }
        assert.equal(pieces.take(), bytes.toString('utf8'));
        assert.equal(pieces.size, 0);
      }),
      { numRuns: 300 },
    );
  });

  it('has a character whole that is cut between two large parts', () => {
    const pieces = new Pieces();
    const bytes = Buffer.from(`${'x'.repeat(5000)}é${'y'.repeat(5000)}`);
    pieces.add(bytes.subarray(0, 5001));
    pieces.add(bytes.subarray(5001));
    assert.equal(pieces.take(), bytes.toString());
  });

  it('leaves the parts as they came, which others may hold', () => {
    const pieces = new Pieces();
    const first = Buffer.from('abcdef');
    pieces.add(first.subarray(0, 3));
    pieces.add(Buffer.from('xyz'));
    assert.equal(pieces.take(), 'abcxyz');
    assert.equal(first.toString(), 'abcdef');
  });

  it('is begun anew once it was taken', () => {
    const pieces = new Pieces();
    for (const text of ['one', '', 'two'.repeat(3000)]) {
      for (const byte of Buffer.from(text)) pieces.add(Buffer.of(byte));
      assert.equal(pieces.take(), text);
    }
  });

  it('takes no more memory in pieces of one byte than it is long, some times over', () => {
    const pieces = new Pieces();
    const before = process.memoryUsage();
    for (let at = 0; at < 2 ** 21; at += 1) pieces.add(Buffer.of(0x61));
    const after = process.memoryUsage();
    const heldMiB = (after.heapUsed + after.external - before.heapUsed - before.external) / 2 ** 20;
    assert.ok(heldMiB < 64, `${heldMiB} MiB`);
    assert.equal(pieces.take().length, 2 ** 21);
  });
});

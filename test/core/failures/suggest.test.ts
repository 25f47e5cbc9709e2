import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { editDistance, nearest } from '../../../src/core/failures/suggest.ts';

describe('the distance between two words', () => {
  const cases: Record<string, [string, string, number]> = {
    'is nothing for the same word': ['region', 'region', 0],
    'counts a letter that is missing': ['registy', 'registry', 1],
    'counts a letter too many': ['regionn', 'region', 1],
    'counts a wrong letter': ['regiom', 'region', 1],
    'counts a swap of neighbours once': ['defualt', 'default', 1],
    'is the length of the other where one is empty': ['', 'abc', 3],
    'adds up': ['kitten', 'sitting', 3],
  };
  for (const [title, [a, b, distance]] of Object.entries(cases)) {
    it(title, () => assert.equal(editDistance(a, b), distance));
  }

  it('is the same both ways, zero for equal words alone, and at most the longer one', () => {
    const word = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        const distance = editDistance(a, b);
        assert.equal(distance, editDistance(b, a));
        assert.equal(distance === 0, a === b);
        assert.ok(distance <= Math.max(a.length, b.length));
        assert.ok(distance >= Math.abs(a.length - b.length));
      }),
    );
  });

  it('is said to be one more than the most where it is more', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });
    fc.assert(
      fc.property(word, word, fc.nat(9), (a, b, most) => {
        assert.equal(editDistance(a, b, most), Math.min(editDistance(a, b), most + 1));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the nearest word', () => {
  const flags = ['dry-run', 'deadline', 'docker-registry', 'output'];
  const cases: Record<string, [string, string | undefined]> = {
    'forgives a missing dash': ['dryrun', 'dry-run'],
    'takes underscores for dashes': ['dry_run', 'dry-run'],
    'takes capitals for small letters': ['OUTPUT', 'output'],
    'is none where too much differs': ['frobnicate', undefined],
    'is none for one letter': ['x', undefined],
    'forgives more in a long word': ['dcoker-registy', 'docker-registry'],
  };
  for (const [title, [word, meant]] of Object.entries(cases)) {
    it(title, () => assert.equal(nearest(word, flags), meant));
  }

  it('forgives as many edits as the caller allows', () => {
    assert.equal(nearest('outptu', flags, 0), undefined);
    assert.equal(nearest('outptu', flags, 1), 'output');
  });

  it('is the first of those that are equally near', () => {
    assert.equal(nearest('cat', ['bat', 'hat']), 'bat');
  });
});

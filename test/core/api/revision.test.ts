import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isOlder } from '../../../src/core/api/revision.ts';

describe('a revision is older than another', () => {
  const cases: Record<string, [one: string, other: string, older: boolean]> = {
    'where its number is smaller': ['6', '7', true],
    'where it has fewer digits, whatever they are': ['99', '100', true],
    'not where its number is larger': ['100', '99', false],
    'not where it is the same': ['7', '7', false],
    'where both are larger than what a number holds exactly': ['9007199254740992', '9007199254740993', true],
    'not where one of them is no number: then nothing is known': ['a', '7', false],
    'not where there is none': ['', '7', false],
    'not where there is none to compare it with': ['7', '', false],
  };
  for (const [title, [one, other, older]] of Object.entries(cases)) {
    it(title, () => assert.equal(isOlder(one, other), older));
  }
});

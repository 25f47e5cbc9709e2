import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findingTable } from '../../../src/core/doctor/finding-table.ts';
import { failureTable } from '../../../src/core/failures/failure-table.ts';
import { remedyParts } from '../../../src/core/failures/remedy.ts';
import { warningTable } from '../../../src/core/failures/warnings.ts';

const rows = Object.entries({ ...failureTable, ...warningTable, ...findingTable });

describe('a remedy', () => {
  for (const [fix, parts] of [
    ['Set it.', { words: 'Set it.' }],
    ['kubectl get pods', { words: '', command: 'kubectl get pods' }],
    [
      'Look: kubectl get pods && kubectl get nodes',
      { words: 'Look', command: 'kubectl get pods && kubectl get nodes' },
    ],
    ['Ask again: later', { words: 'Ask again: later' }],
  ] as const) {
    it(`of the form ${JSON.stringify(fix)} is taken apart`, () => assert.deepEqual(remedyParts(fix), parts));
  }

  for (const [code, { fix }] of rows.filter(([, { fix }]) =>
    /\b(?:kubectl|helm|aws|ecr-cred-helper) [a-z-]/.test(fix),
  )) {
    it(`for ${code} ends with what is to be typed, and says nothing behind it`, () => {
      const { words, command } = remedyParts(fix);
      // What stands in backquotes is spoken of, and never broken.
      assert.doesNotMatch(words.replaceAll(/`[^`]*`/g, ''), /\b(?:kubectl|helm|aws) [a-z-]+/);
      if (command !== undefined) assert.doesNotMatch(command, /[.;,)]$|\. [A-Z]|\(|<\w+>/);
    });
  }
});

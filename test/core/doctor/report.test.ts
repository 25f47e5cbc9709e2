import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { failed, finding, groupOf, inTableOrder, type Finding } from '../../../src/core/doctor/finding.ts';
import { exitCodeOfFindings, findingLines, findingsDocument, type Screen } from '../../../src/core/doctor/report.ts';
import { failure } from '../../../src/core/failures/errors.ts';
import { sinkOf } from '../../support/sink.ts';

const well = finding('NamespacesMatch', { looked: 'namespaces', found: '2: a, b' });
const drifting = finding('ClockDrifting', { looked: 'the Date header', found: 'it is 2 min ahead' });
const missing = (namespace: string): Finding =>
  finding('PullSecretMissing', { looked: `${namespace}/ecr-creds`, found: 'there is no such secret', run: 'Run it.' });

const shown = (findings: Finding[], screen: Partial<Screen> = {}): string[] => {
  const sink = sinkOf();
  return sink
    .lines(findingLines(sink.clean(findings), { verbose: false, ...screen }), false)
    .split('\n')
    .slice(0, -1);
};

describe('what doctor found', () => {
  it('ends with 5 where something is to be fixed, and with 0 where there is only something to know', () => {
    assert.deepEqual([[well], [well, drifting], [well, missing('a')], []].map(exitCodeOfFindings), [0, 0, 5, 0]);
  });
  it('is a document with its exit code and its counts', () => {
    const { exitCode, counts } = findingsDocument([well, drifting, missing('a')]);
    assert.deepEqual({ exitCode, counts }, { exitCode: 5, counts: { ok: 1, note: 1, problem: 1 } });
  });
  it('is a heading for each group, what is in order in few words, and what is not with its remedy', () => {
    assert.deepEqual(shown([well, missing('a')]), [
      'Namespaces',
      '  ✓ labels: 2: a, b',
      '',
      'Pull secrets',
      '  ✗ state: PullSecretMissing  a/ecr-creds',
      '    there is no such secret',
      '    → Run it.',
      '',
      '1 to fix, 1 in order',
    ]);
  });
  it('is, of one thing of which several are in order, what was found of each, and otherwise which they are', () => {
    const asked = (found: string, looked = 'whose credentials AWS is asked with') =>
      finding('AskedWithItsKey', { looked, found });
    assert.deepEqual(shown([asked('with this'), asked('with that'), asked('with this')]).slice(1, 3), [
      '  ✓ asked: with this',
      '  ✓ asked: with that',
    ]);
    assert.equal(shown([asked('one', 'a'), asked('two', 'b'), asked('three', 'b')])[1], '  ✓ asked: a, b');
  });
  it('is three of a kind, and how many more there are', () => {
    const lines = shown(['a', 'b', 'c', 'd', 'e'].map(missing));
    assert.equal(lines.filter((line) => line.includes('PullSecretMissing')).length, 3);
    assert.ok(lines.includes('    … and 2 more like it (--verbose shows all)'));
    assert.equal(
      shown(['a', 'b', 'c', 'd', 'e'].map(missing), { verbose: true }).filter((line) => line.includes('→')).length,
      5,
    );
  });
  it('is broken between words where the screen ends, and set in', () => {
    const lines = shown([missing('a')], { width: 24 });
    assert.ok(
      lines.every((line) => line.length <= 24),
      lines.join('\n'),
    );
    assert.deepEqual(lines.slice(1, 5), [
      '  ✗ state:',
      '    PullSecretMissing',
      '    a/ecr-creds',
      '    there is no such',
    ]);
  });
  it('stands in the order of its checks, and within one as it came', () => {
    const unauthorized = failed('kubernetes/api', failure('ApiUnauthorized', { where: 'x', why: 'y' }));
    const ordered = inTableOrder([missing('b'), unauthorized, missing('a'), drifting]);
    assert.deepEqual(
      ordered.map(({ looked }) => looked),
      ['the Date header', 'x', 'b/ecr-creds', 'a/ecr-creds'],
    );
    assert.equal(groupOf('kubernetes/api'), 'kubernetes');
  });
});

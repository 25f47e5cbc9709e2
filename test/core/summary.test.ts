import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { failure } from '../../src/core/failures/errors.ts';
import {
  count,
  emptySummary,
  exitCodeOfSummary,
  namespacesOf,
  noteTokens,
  summaryDocument,
  summaryLines,
  type Summary,
} from '../../src/core/summary.ts';

const unserved = failure('NamespaceUnserved', { where: 'n/s', why: 'w', namespace: 'n', secret: 's' });
const noKey = failure('AwsCredentialsMissing', { where: 'x', why: 'w' });
const away = failure('ApiUnreachable', { where: 'x', why: 'w', server: 'x' });
const stopped = failure('Interrupted', { where: 'x', why: 'w' });
const summary = (...kinds: (keyof Summary['counts'])[]): Summary => {
  const made = { ...emptySummary(false), complete: true };
  for (const kind of kinds) made.counts[kind] += 1;
  return made;
};

describe('a pass ends', () => {
  const cases: Record<string, [summary: Summary, code: number]> = {
    'with 0 where there was nothing to do': [summary(), 0],
    'with 0 where each namespace has a valid secret, or is gone': [
      summary('applied', 'unchanged', 'adopted', 'skipped'),
      0,
    ],
    'with 5 where one was refused': [summary('applied', 'refused'), 5],
    'with 5 where one failed': [summary('applied', 'failed'), 5],
    'with 5 where one was not done': [summary('applied', 'notDone'), 5],
    'with 3 where AWS gave no token, whatever else is wrong': [{ ...summary('failed'), failures: [away, noKey] }, 3],
    'with 4 where the API server could not be asked': [{ ...summary(), failures: [away] }, 4],
    'with what ended it, though each namespace that is known was served': [
      { ...summary('applied'), failures: [stopped] },
      5,
    ],
  };
  for (const [title, [made, code]] of Object.entries(cases)) {
    it(title, () => assert.equal(exitCodeOfSummary(made), code));
  }
});

describe('the summary of a pass', () => {
  it('counts each namespace once, and names what was wrong with it', () => {
    const made = emptySummary(false);
    count(made, 'a', ['applied', 'SecretCreated']);
    count(made, 'b', ['failed', unserved]);
    assert.equal(namespacesOf(made), 2);
    assert.deepEqual(made.problems, [{ namespace: 'b', ...unserved }]);
  });
  it('does not grow with its problems beyond a hundred', () => {
    const made = emptySummary(false);
    for (let number = 0; number < 130; number += 1) count(made, `${number}`, ['failed', unserved]);
    assert.deepEqual([made.counts.failed, made.problems.length, made.problemsOmitted], [130, 100, 30]);
  });
  it('is a document with its exit code', () => {
    const { exitCode, namespaces, durationMs } = summaryDocument(summary('applied', 'failed'), 12.4);
    assert.deepEqual({ exitCode, namespaces, durationMs }, { exitCode: 5, namespaces: 2, durationMs: 12 });
  });
  it('is lines for people, with the tokens and when they expire', () => {
    const made = summary('applied', 'failed');
    noteTokens(made, [{ hosts: ['a.example', 'b.example'], password: 'hidden', issuedAtMs: 0, expiresAtMs: 1000 }]);
    assert.deepEqual(summaryLines(made, 1540), [
      '2 namespaces in 1.5 s: 1 refreshed, 1 failed',
      'Token for a.example, b.example expires 1970-01-01T00:00:01Z',
    ]);
  });
  it('tells what was made from what was renewed', () => {
    const made = { ...summary('unchanged', 'notDone') };
    for (const reason of ['SecretCreated', 'SecretCreated', 'SecretRefreshed'] as const) {
      count(made, 'a', ['applied', reason]);
    }
    assert.deepEqual(summaryLines(made, 0), ['5 namespaces in 0.0 s: 2 created, 1 refreshed, 1 unchanged, 1 not done']);
    assert.deepEqual([summaryDocument(made, 0).counts.applied, summaryDocument(made, 0).created], [3, 2]);
  });
  it('says where not all were read', () => {
    const made = { ...summary('applied'), complete: false };
    assert.match(summaryLines(made, 0)[0] ?? '', /^1 namespace and more that were not read in /);
  });
  it('says that nothing was touched where nothing was', () => {
    assert.deepEqual(summaryLines({ ...summary(), failures: [noKey] }, 0), ['Nothing was touched']);
    assert.deepEqual(summaryLines(summary(), 0), ['0 namespaces in 0.0 s']);
  });
  it('says of a dry run that nothing was changed', () => {
    assert.deepEqual(summaryLines({ ...summary('applied'), dryRun: true }, 0), [
      'Dry run, nothing was changed. 1 namespace in 0.0 s: 1 would be refreshed',
    ]);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findConfiguration } from '../../../src/core/doctor/configuration.ts';
import { failure } from '../../../src/core/failures/errors.ts';
import { warning } from '../../../src/core/failures/warnings.ts';

const nothing = { set: [], failures: [], warnings: [] };

describe('what doctor finds of the configuration', () => {
  it('is each setting with its value and where it came from, and of a credential only that it is set', () => {
    const set = [
      { name: '--region', from: 'the command line', value: 'us-east-1' },
      { name: 'AWS_SECRET_ACCESS_KEY', from: 'the environment' },
      { name: 'region', from: 'configmap c', value: 'eu-west-1' },
    ] as const;
    assert.deepEqual(
      findConfiguration({ ...nothing, set }).map(({ looked, found }) => `${looked}: ${found}`),
      [
        '--region: us-east-1 (from the command line)',
        'AWS_SECRET_ACCESS_KEY: set, not shown (from the environment)',
        'region: eu-west-1 (from configmap c)',
      ],
    );
  });
  it('is that nothing is set, where nothing is', () => {
    assert.deepEqual(
      findConfiguration(nothing).map(({ reason }) => reason),
      ['NothingSet'],
    );
  });
  it('is a problem where a value cannot be read', () => {
    const failures = [failure('RegionMissing', { where: 'AWS_REGION', why: 'it is not set' })];
    const found = findConfiguration({ ...nothing, failures }).map(({ reason, severity }) => [reason, severity]);
    assert.deepEqual(found, [
      ['NothingSet', 'ok'],
      ['RegionMissing', 'problem'],
    ]);
  });
  it('is a problem where the program does something else than was meant, and else worth knowing', () => {
    const warnings = [
      warning('VariableUnknown', { where: 'X', why: 'y', hint: 'z' }),
      warning('ProfileHidesKeys', { where: 'X', why: 'y' }),
      warning('ValueTrimmed', { where: 'X', why: 'y', name: 'X' }),
    ];
    const [, ...found] = findConfiguration({ ...nothing, warnings });
    assert.deepEqual(
      found.map(({ severity }) => severity),
      ['problem', 'problem', 'note'],
    );
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { options, switches } from '../../src/config/options.ts';
import { outerVariables, retiredVariables } from '../../src/config/variables.ts';

describe('the table of options', () => {
  it('gives each flag, short flag and variable one meaning', () => {
    const spellings = [
      ...options.flatMap(({ flags, short, env }) => [...flags, ...(short === undefined ? [] : [short]), ...env]),
      ...switches.flatMap(({ flag, short }) => [flag, short]),
      ...outerVariables.map(({ env }) => env),
      ...Object.keys(retiredVariables),
    ];
    assert.deepEqual(
      spellings.filter((spelling, index) => spellings.indexOf(spelling) !== index),
      [],
    );
  });

  it('has a flag of the same name for every variable of the contract', () => {
    const contract = [
      'ECR_SECRET_NAME',
      'ECR_LABEL_NAME',
      'ECR_LABEL_VALUE',
      'DOCKER_REGISTRY',
      'AWS_REGION',
      'AWS_DEFAULT_REGION',
    ];
    for (const variable of contract) {
      const flag = variable.toLowerCase().replaceAll('_', '-');
      assert.ok(
        options.some(({ env, flags }) => env.includes(variable) && flags.includes(flag)),
        variable,
      );
    }
  });

  it('has no flag for a credential', () => {
    const credentials = outerVariables.filter(({ isCredential }) => isCredential).map(({ env }) => env);
    assert.ok(credentials.includes('AWS_SECRET_ACCESS_KEY'));
    for (const { env, flags } of options) {
      assert.deepEqual(
        [...env, ...flags].filter((name) => credentials.includes(name.toUpperCase().replaceAll('-', '_'))),
        [],
      );
    }
  });

  it('accepts each of the values it lists', () => {
    for (const { name, values, parse } of options) {
      for (const value of values ?? []) assert.ok(parse(value, name).ok, `${name} ${value}`);
    }
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { differingSettings, settingsNote } from '../../../src/core/controller/shared-settings.ts';

const settings = {
  secretName: 'ecr-creds',
  labelName: 'credentialType',
  labelValue: 'ecr',
  onConflict: 'refuse',
  prune: false,
  registries: [{ host: 'a.example' }, { host: 'b.example' }],
  region: 'eu-west-1',
};
const own = settingsNote(settings);
const noted = (changes: object) => JSON.stringify({ ...JSON.parse(own), ...changes });

it('are not known to differ where our own note had to be cut', () => {
  assert.deepEqual(differingSettings(`${own.slice(0, -5)}…`, own), []);
});

describe('the settings that another replica notes', () => {
  const cases: Record<string, [other: string | undefined, differing: string[]]> = {
    'are the same': [own, []],
    'are the same in another order': [
      JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(own)).toReversed())),
      [],
    ],
    'are not noted by an older version': [undefined, []],
    'differ in one': [settingsNote({ ...settings, prune: true }), ['ECR_PRUNE']],
    'differ in several': [
      settingsNote({
        ...settings,
        secretName: 'x',
        labelName: 'y',
        labelValue: 'z',
        onConflict: 'merge',
        registries: [],
      }),
      ['ECR_SECRET_NAME', 'ECR_LABEL_NAME', 'ECR_LABEL_VALUE', 'ECR_ON_CONFLICT', 'DOCKER_REGISTRY'],
    ],
    'differ in the region': [noted({ AWS_REGION: '' }), ['AWS_REGION']],
    'are not known to differ where a version does not note one, or notes more': [
      JSON.stringify({ ECR_PRUNE: 'false', more: 'x' }),
      [],
    ],
    'are none where somebody wrote something else': ['no JSON', []],
    'are none where it is no object': ['[1]', []],
    'are none where it is nested': [`{"ECR_PRUNE":${'['.repeat(50)}${']'.repeat(50)}}`, []],
    'are none where it is too long': [noted({ ECR_PRUNE: 'x'.repeat(20_000) }), []],
  };
  for (const [title, [other, differing]] of Object.entries(cases)) {
    it(title, () => assert.deepEqual(differingSettings(own, other), differing));
  }
});

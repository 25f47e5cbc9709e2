import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  findAdmission,
  findNamespaces,
  nearMiss,
  type DryRunFact,
  type TriedBy,
} from '../../../src/core/doctor/namespaces.ts';
import { failure } from '../../../src/core/failures/errors.ts';

const label = { name: 'credentialType', value: 'ecr' };
const whole = { label, serving: ['a'], terminating: [], nearMisses: [] };
const reasonsOf = (findings: readonly { reason: string; severity: string }[]) =>
  findings.map(({ reason, severity }) => `${severity}: ${reason}`);

describe('which namespaces match', () => {
  const cases: Record<string, [facts: Parameters<typeof findNamespaces>[0], reasons: string[]]> = {
    'are those that are served': [whole, ['ok: NamespacesMatch']],
    'are none, which is a problem': [{ ...whole, serving: [] }, ['problem: NoNamespaces']],
    'are not known where the list is not whole': [
      { ...whole, serving: [], incomplete: 'late' },
      ['note: CouldNotLook'],
    ],
    'are those that were seen of a list that is not whole': [
      { ...whole, incomplete: 'late' },
      ['ok: NamespacesMatch', 'note: CouldNotLook'],
    ],
    'are not those whose label is mistyped': [
      { ...whole, nearMisses: [{ namespace: 'b', written: 'x' }] },
      ['ok: NamespacesMatch', 'problem: NamespaceLabelMistyped'],
    ],
    'are not those that are being deleted': [
      { ...whole, terminating: ['c'] },
      ['ok: NamespacesMatch', 'note: NamespaceTerminating'],
    ],
  };
  for (const [title, [facts, reasons]] of Object.entries(cases)) {
    it(title, () => assert.deepEqual(reasonsOf(findNamespaces(facts)), reasons));
  }
  it('are to be asked for by somebody who may list them', () => {
    const [unseen] = findNamespaces({ ...whole, serving: [], incomplete: 'HTTP 403: forbidden' });
    assert.match(unseen?.fix ?? '', /: kubectl auth can-i list namespaces$/);
  });
});

describe('the one namespace that is asked about', () => {
  const none = { label, serving: [], terminating: [], nearMisses: [] };
  const there = { namespace: 'a', exists: true };
  const cases: Record<string, [facts: Parameters<typeof findNamespaces>[0], reasons: string[]]> = {
    'is served': [{ ...none, serving: ['a'], only: there }, ['ok: NamespacesMatch']],
    'has no label': [{ ...none, only: there }, ['problem: NamespaceUnlabelled']],
    'is not there': [{ ...none, only: { namespace: 'a', exists: false } }, ['problem: NamespaceMissing']],
    'has a label that is mistyped': [
      { ...none, nearMisses: [{ namespace: 'a', written: 'x' }], only: there },
      ['problem: NamespaceLabelMistyped'],
    ],
    'is being deleted': [{ ...none, terminating: ['a'], only: there }, ['note: NamespaceTerminating']],
    'may not be seen': [
      { ...none, incomplete: 'HTTP 403', only: { namespace: 'a', exists: false } },
      ['note: CouldNotLook'],
    ],
  };
  for (const [title, [facts, reasons]] of Object.entries(cases)) {
    it(title, () => assert.deepEqual(reasonsOf(findNamespaces(facts)), reasons));
  }
});

describe('a namespace was probably meant to carry the label', () => {
  const cases: Record<string, [labels: object, isNear: boolean, annotations?: object]> = {
    'where the name is written in other letters': [{ 'credential-type': 'ECR' }, true],
    'where the name is a letter or two off': [{ credentialTyp: 'ecr', other: 'x' }, true],
    'where two letters of the value are swapped': [{ credentialType: 'erc' }, true],
    'where the value has a letter too many': [{ credentialType: 'ercr' }, true],
    'where the value has a letter too few': [{ credentialType: 'er' }, true],
    'where it is an annotation': [{}, true, { credentialType: 'ecr' }],
    'not where it carries it': [{ credentialType: 'ecr' }, false],
    'not where the value names another registry': [{ credentialType: 'gcr' }, false],
    'not where the value is another service': [{ credentialType: 'ecs' }, false],
    'not where the value is another': [{ credentialType: 'none' }, false],
    'not where another label has that value': [{ registry: 'ecr' }, false],
    'not where it carries nothing': [{}, false],
  };
  for (const [title, [labels, isNear, annotations = {}]] of Object.entries(cases)) {
    it(title, () => {
      const written = nearMiss(labels as Record<string, unknown>, annotations as Record<string, unknown>, label);
      assert.equal(written !== undefined, isNear, written);
    });
  }
  it('where one letter of a long value is another', () => {
    assert.notEqual(nearMiss({ pulls: 'enabked' }, {}, { name: 'pulls', value: 'enabled' }), undefined);
  });
  it('never where the label is so short that everything is near it', () => {
    assert.equal(nearMiss({ ecs: 'on' }, {}, { name: 'ecr', value: 'on' }), undefined);
  });
});

describe('whether namespaces would take the secret', () => {
  const facts = { namespace: 'b', secret: 'ecr-creds', verb: 'patch', where: 'b/ecr-creds', why: 'no' };
  const refused = (code: Parameters<typeof failure>[0]): DryRunFact => ({
    namespace: 'b',
    result: 'refused',
    failure: failure(code, facts),
  });
  const accepted: DryRunFact = { namespace: 'a', result: 'accepted' };
  const cases: Record<string, [facts: DryRunFact[], by: TriedBy, reasons: string[]]> = {
    'is told of those that would': [[accepted, { namespace: 'c', result: 'owned' }], 'account', ['ok: WriteAccepted']],
    'is not told of one that is gone': [[{ namespace: 'c', result: 'gone' }], 'account', []],
    'is a problem where a quota is full': [
      [accepted, refused('QuotaExceeded')],
      'account',
      ['ok: WriteAccepted', 'problem: QuotaExceeded'],
    ],
    'is a problem where a permission is missing': [
      [refused('SecretForbidden')],
      'account',
      ['problem: SecretForbidden'],
    ],
    'is not said twice where the role has been found to lack it': [
      [refused('SecretForbidden')],
      'account-known-to-lack-it',
      ['note: CouldNotLook'],
    ],
    'is not known where we may not write, and may not ask on behalf of the account': [
      [refused('SecretForbidden')],
      'ourselves',
      ['note: CouldNotLook'],
    ],
    'is left to the look at the secret where its type is another': [[refused('SecretTypeDiffers')], 'account', []],
  };
  for (const [title, [dryRuns, by, reasons]] of Object.entries(cases)) {
    it(title, () => assert.deepEqual(reasonsOf(findAdmission(dryRuns, by)), reasons));
  }
  it('does not count one whose secret a run would leave as it is', () => {
    const owned: DryRunFact = { namespace: 'c', result: 'owned' };
    const [found] = findAdmission([accepted, owned], 'account', new Set(['c']));
    assert.equal(found?.found, '1 of 2 would take the secret');
  });
  it('says as whom it was tried where that was not the account', () => {
    const [found] = findAdmission([accepted], 'ourselves');
    assert.match(found?.looked ?? '', /, as ourselves$/);
  });
  it('points to the fence itself where that denies it', () => {
    const [found] = findAdmission([refused('FenceDenied')], 'account');
    assert.match(found?.fix ?? '', /^Mend the fence/);
  });
  it('counts them', () => {
    const [found] = findAdmission([accepted, refused('QuotaExceeded')], 'account');
    assert.equal(found?.found, '1 of 2 would take the secret');
  });
});

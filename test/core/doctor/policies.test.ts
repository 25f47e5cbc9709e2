import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findPolicies, listed, type PoliciesFact, type PolicyFacts } from '../../../src/core/doctor/policies.ts';

const account = 'system:serviceaccount:ecr-cred-helper:ecr-cred-helper';
const expected = {
  account,
  secretName: 'ecr-creds',
  labelName: 'credentialType',
  labelValue: 'ecr',
  version: '0.0.0-source',
};
const name = 'ecr-cred-helper-fence';

type Changes = { condition?: string; variables?: Record<string, string>; name?: string };

function policy({
  condition = `request.userInfo.username == '${account}'`,
  variables = {},
  name: own = name,
}: Changes = {}) {
  const values = { secretName: "'ecr-creds'", labelName: "'credentialType'", labelValue: "'ecr'", ...variables };
  return {
    metadata: { name: own },
    spec: {
      matchConditions: [{ name: 'a', expression: condition }],
      variables: Object.entries(values).map(([variable, expression]) => ({ name: variable, expression })),
    },
  };
}

const binding = { spec: { policyName: name, validationActions: ['Deny'] } };
const items = (...all: unknown[]): PoliciesFact => ({ kind: 'listed', items: all });
const unknown: PoliciesFact = { kind: 'unknown' };

function of(fence: Partial<PolicyFacts['fence']>, firstPod: PoliciesFact = unknown) {
  const facts = { fence: { policies: items(policy()), bindings: items(binding), ...fence }, firstPod };
  return findPolicies(facts, expected).map(({ reason, fix, severity, found }) => ({ reason, fix, severity, found }));
}

describe('the fence', () => {
  const cases: Record<string, [fence: Partial<PolicyFacts['fence']>, reasons: string[]]> = {
    'stands around the account, for the label and the name': [{}, ['FenceStands']],
    'is as good in other quotes': [
      { policies: items(policy({ condition: `request.userInfo.username == "${account}"` })) },
      ['FenceStands'],
    ],
    'cannot be where there are no admission policies': [{ policies: unknown, bindings: unknown }, ['FenceUnavailable']],
    'is not there': [{ policies: items() }, ['FenceMissing']],
    'denies nothing without a binding': [{ bindings: items() }, ['FenceUnbound']],
    'denies nothing where the binding only warns': [
      { bindings: items({ spec: { policyName: name, validationActions: ['Warn', 'Audit'] } }) },
      ['FenceUnbound'],
    ],
    'denies nothing where the binding is that of another': [
      { bindings: items({ spec: { policyName: 'other', validationActions: ['Deny'] } }) },
      ['FenceUnbound'],
    ],
    'stands around another account': [
      {
        policies: items(
          policy({ condition: "request.userInfo.username == 'system:serviceaccount:platform:ecr-cred-helper'" }),
        ),
      },
      ['FenceAroundAnother'],
    ],
    'cannot be read where its condition is another': [
      { policies: items(policy({ condition: 'true' })) },
      ['CouldNotLook'],
    ],
    'allows another name and another label': [
      { policies: items(policy({ variables: { secretName: "'other'", labelName: "'x'", labelValue: "'y'" } })) },
      ['FenceDiffers', 'FenceDiffers', 'FenceDiffers'],
    ],
    'allows what is no plain text': [
      { policies: items(policy({ variables: { secretName: "'a' + 'b'" } })) },
      ['FenceDiffers'],
    ],
    'is enough where that of another installation stands beside it': [
      {
        policies: items(policy({ condition: "request.userInfo.username == 'x'", name: 'other' }), policy()),
        bindings: items(binding, { spec: { policyName: 'other', validationActions: ['Deny'] } }),
      },
      ['FenceStands'],
    ],
    'was not seen': [{ bindings: { kind: 'unseen', why: 'HTTP 403' } }, ['CouldNotLook']],
    'is no list': [{ policies: listed('no list') }, ['CouldNotLook']],
  };
  for (const [title, [fence, reasons]] of Object.entries(cases)) {
    it(title, () => {
      assert.deepEqual(
        of(fence).map(({ reason }) => reason),
        reasons,
      );
    });
  }

  it('says what to paste where the account differs', () => {
    const [found] = of({ policies: items(policy({ condition: "request.userInfo.username == 'jane'" })) });
    assert.deepEqual(found, {
      reason: 'FenceAroundAnother',
      severity: 'problem',
      found: `it judges jane, and the program runs as ${account}`,
      fix: `kubectl patch validatingadmissionpolicy ${name} --type=json -p '[{"op":"replace","path":"/spec/matchConditions/0/expression","value":"request.userInfo.username == \\"${account}\\""}]'`,
    });
  });

  it('says what to paste where a setting differs', () => {
    const [found] = of({ policies: items(policy({ variables: { labelValue: "'gcr'" } })) });
    assert.equal(found?.found, 'it allows gcr where ECR_LABEL_VALUE is ecr');
    assert.match(found.fix, /'\[\{"op":"replace","path":"\/spec\/variables\/2\/expression","value":"\\"ecr\\""\}\]'$/);
  });
});

describe('a fence that is missing, or bound to nothing', () => {
  const fixes = (own: Parameters<typeof findPolicies>[1]) =>
    [
      { policies: items(), bindings: items() },
      { policies: items(policy()), bindings: items() },
    ].map((fence) => {
      return findPolicies({ fence, firstPod: unknown }, own)[0]?.fix;
    });
  it('is applied as it is shipped, where all is as it is shipped', () => {
    assert.deepEqual(new Set(fixes(expected)), new Set(['kubectl apply -k deploy/fence']));
  });
  it('is a value of the release, where Helm installed what it is to stand around', () => {
    const release = { name: 'pulls', namespace: 'platform', version: '2.1.0' };
    const chart = 'oci://ghcr.io/ecr-cred-helper/charts/ecr-cred-helper --version 2.1.0';
    const upgrade = `helm upgrade pulls ${chart} -n platform --reset-then-reuse-values --set-json fence.enabled=true`;
    assert.deepEqual(new Set(fixes({ ...expected, account: 'other', release })), new Set([upgrade]));
  });
  it('is told at once of what differs, and of nothing else, where it would deny what the program has to write', () => {
    const head = 'kubectl apply -k deploy/fence && kubectl patch validatingadmissionpolicy ecr-cred-helper-fence';
    const places: Partial<Record<keyof typeof expected, [path: string, value: string]>> = {
      account: ['/spec/matchConditions/0/expression', 'request.userInfo.username == "other"'],
      secretName: ['/spec/variables/0/expression', '"other"'],
      labelName: ['/spec/variables/1/expression', '"other"'],
      labelValue: ['/spec/variables/2/expression', '"other"'],
    };
    for (const [change, [path, value]] of Object.entries(places)) {
      const patch = JSON.stringify([{ op: 'replace', path, value }]);
      for (const fix of fixes({ ...expected, [change]: 'other' })) {
        assert.equal(fix, `${head} --type=json -p '${patch}'`, change);
      }
    }
  });
});

describe('what new pods are given', () => {
  const shape = (secret: string, labels: object) => ({
    metadata: { name: 'p' },
    spec: {
      matchConstraints: { namespaceSelector: { matchLabels: labels } },
      mutations: [{ jsonPatch: { expression: `{'name': '${secret}'}` } }],
    },
  });
  const label = { credentialType: 'ecr' };
  const cases: Record<string, [policies: PoliciesFact, reasons: string[]]> = {
    'is nothing to speak of where there is no such policy': [items(), []],
    'is nothing to speak of where the API server has none': [unknown, []],
    'is the pull secret': [items(shape('ecr-creds', label)), ['FirstPodStands']],
    'is another secret': [items(shape('other', label)), ['FirstPodDiffers']],
    'is given elsewhere': [items(shape('ecr-creds', { credentialType: 'gcr' })), ['FirstPodDiffers']],
  };
  for (const [title, [policies, reasons]] of Object.entries(cases)) {
    it(title, () => {
      assert.deepEqual(
        of({}, policies)
          .slice(1)
          .map(({ reason }) => reason),
        reasons,
      );
    });
  }
});

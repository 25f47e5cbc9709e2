import { isRecord, recordAt, recordsAt, text } from '../api/reply.ts';
import { shellWord } from '../text/shell.ts';
import { couldNotLook, finding, type Finding } from './finding.ts';
import { installCommand, upgradeCommand, type Release } from './shipped.ts';

/** The objects of one kind of admission policies that are ours, by their label. */
export type PoliciesFact =
  | { kind: 'listed'; items: readonly unknown[] }
  /** The API server has no such kind. */
  | { kind: 'unknown' }
  | { kind: 'unseen'; why: string };

/** What the policies have to agree with. */
export type Expected = {
  account: string;
  secretName: string;
  labelName: string;
  labelValue: string;
  /** Of this program: what is installed came with it. */
  version: string;
  /** Where Helm installed what runs it. */
  release?: Release | undefined;
};

export type PolicyFacts = {
  fence: { policies: PoliciesFact; bindings: PoliciesFact };
  firstPod: PoliciesFact;
};

const hint = 'Run doctor as somebody who may list admission policies and their bindings.';

/** Whether the fence stands around the account of the program, and what new pods are given. */
export function findPolicies({ fence, firstPod }: PolicyFacts, expected: Expected): Finding[] {
  return [...findFence(fence, expected), ...findFirstPod(firstPod, expected)];
}

function findFence({ policies, bindings }: PolicyFacts['fence'], expected: Expected): Finding[] {
  const looked = `a fence around ${expected.account}`;
  const unseen = [policies, bindings].find(({ kind }) => kind === 'unseen');
  if (unseen?.kind === 'unseen') return [couldNotLook('kubernetes/fence', looked, unseen.why, hint)];
  if (policies.kind !== 'listed' || bindings.kind !== 'listed') {
    return [finding('FenceUnavailable', { looked, found: 'this API server has no admission policies' })];
  }
  if (policies.items.length === 0) {
    const found = "there is none: whoever steals its token can make it any ServiceAccount's";
    return [finding('FenceMissing', { looked, found, install: installOf(expected) })];
  }
  const denying = new Set(
    bindings.items.filter(denies).map((binding) => text(recordAt(binding, 'spec')['policyName'])),
  );
  const judged = policies.items.map((policy) => judgeFence(policy, denying, expected));
  // Of several, one that is as it should be is enough; another may be that of another installation.
  const right = judged.find(([first]) => first?.reason === 'FenceStands');
  return right ?? judged.flat();
}

/** As it is shipped, it would deny what other settings need: it is told of these at once. */
function installOf(expected: Expected): string {
  if (expected.release !== undefined) return upgradeCommand(expected.release, 'fence.enabled', true);
  const changes = Object.entries(shipped).flatMap(([name, { value, path }]) => {
    const wanted = expected[name as keyof typeof shipped];
    if (wanted === value) return [];
    const literal = JSON.stringify(wanted);
    return [{ op: 'replace', path, value: name === 'account' ? `request.userInfo.username == ${literal}` : literal }];
  });
  const install = installCommand('fence', expected.version);
  if (changes.length === 0) return install;
  const patch = shellWord(JSON.stringify(changes));
  return `${install} && kubectl patch validatingadmissionpolicy ecr-cred-helper-fence --type=json -p ${patch}`;
}

/** What `deploy/fence` stands for, and where it says so. */
const shipped = {
  account: {
    value: 'system:serviceaccount:ecr-cred-helper:ecr-cred-helper',
    path: '/spec/matchConditions/0/expression',
  },
  secretName: { value: 'ecr-creds', path: '/spec/variables/0/expression' },
  labelName: { value: 'credentialType', path: '/spec/variables/1/expression' },
  labelValue: { value: 'ecr', path: '/spec/variables/2/expression' },
} as const satisfies Partial<Record<keyof Expected, { value: string; path: string }>>;

function denies(binding: unknown): boolean {
  const actions = recordAt(binding, 'spec')['validationActions'];
  return Array.isArray(actions) && actions.includes('Deny');
}

function judgeFence(policy: unknown, denying: ReadonlySet<string>, expected: Expected): Finding[] {
  const name = text(recordAt(policy, 'metadata')['name']);
  const looked = `ValidatingAdmissionPolicy ${name}`;
  if (!denying.has(name)) {
    return [
      finding('FenceUnbound', { looked, found: 'no binding has it deny anything', install: installOf(expected) }),
    ];
  }
  const spec = recordAt(policy, 'spec');
  const [condition] = recordsAt(spec, 'matchConditions');
  const account = /^request\.userInfo\.username == (?:'([^']*)'|"([^"]*)")$/.exec(
    text(condition?.['expression']).trim(),
  );
  if (account === null) {
    const found = 'its first condition names no account as doctor knows it';
    return [
      couldNotLook('kubernetes/fence', looked, found, 'deploy/fence has the condition in the form that is read.'),
    ];
  }
  const judges = account[1] ?? account[2] ?? '';
  if (judges !== expected.account) {
    const found = `it judges ${judges}, and the program runs as ${expected.account}`;
    const value = `request.userInfo.username == "${expected.account}"`;
    return [
      finding('FenceAroundAnother', {
        looked,
        found,
        name,
        patch: patchOf('/spec/matchConditions/0/expression', value),
      }),
    ];
  }
  const differing = differences(recordsAt(spec, 'variables'), expected);
  if (differing.length === 0) {
    const found = `it stands around ${judges}, for ${expected.secretName} where ${expected.labelName}=${expected.labelValue}`;
    return [finding('FenceStands', { looked, found })];
  }
  return differing.map(({ found, patch }) => finding('FenceDiffers', { looked, found, name, patch }));
}

const settings = { secretName: 'ECR_SECRET_NAME', labelName: 'ECR_LABEL_NAME', labelValue: 'ECR_LABEL_VALUE' } as const;

function differences(variables: readonly Record<string, unknown>[], expected: Expected) {
  return Object.entries(settings).flatMap(([name, setting]) => {
    const index = variables.findIndex((variable) => variable['name'] === name);
    const has = literal(text(variables[index]?.['expression']));
    const wanted = expected[name as keyof typeof settings];
    if (has === wanted) return [];
    const found = `it allows ${has ?? 'what is no plain text'} where ${setting} is ${wanted}`;
    return [{ found, patch: patchOf(`/spec/variables/${Math.max(0, index)}/expression`, JSON.stringify(wanted)) }];
  });
}

/** The text that a CEL expression is, where it is no more than that. */
function literal(expression: string): string | undefined {
  const quoted = /^(?:'([^'\\]*)'|"([^"\\]*)")$/.exec(expression.trim());
  return quoted?.[1] ?? quoted?.[2];
}

/** A JSON Patch that can be pasted between single quotes. */
function patchOf(path: string, value: string): string {
  return JSON.stringify([{ op: 'replace', path, value }]);
}

function findFirstPod(policies: PoliciesFact, { secretName, labelName, labelValue }: Expected): Finding[] {
  if (policies.kind === 'unseen')
    return [couldNotLook('secrets/first-pod', 'MutatingAdmissionPolicies', policies.why, hint)];
  if (policies.kind !== 'listed') return [];
  return policies.items.map((policy) => {
    const looked = `MutatingAdmissionPolicy ${text(recordAt(policy, 'metadata')['name'])}`;
    const spec = recordAt(policy, 'spec');
    const labels = recordAt(recordAt(recordAt(spec, 'matchConstraints'), 'namespaceSelector'), 'matchLabels');
    const expressions = JSON.stringify([spec['matchConditions'], spec['mutations']]);
    const label = `${labelName}=${labelValue}`;
    if (labels[labelName] !== labelValue) {
      return finding('FirstPodDiffers', { looked, found: `it is for other namespaces than those with ${label}` });
    }
    if (!expressions.includes(`'name': '${secretName}'`)) {
      return finding('FirstPodDiffers', { looked, found: `it gives pods another secret than ${secretName}` });
    }
    return finding('FirstPodStands', { looked, found: `every new pod where ${label} is given ${secretName}` });
  });
}

/** Reads the objects of a list's body. */
export function listed(body: unknown): PoliciesFact {
  const items = isRecord(body) ? body['items'] : undefined;
  return Array.isArray(items) ? { kind: 'listed', items } : { kind: 'unseen', why: 'the answer is no list' };
}

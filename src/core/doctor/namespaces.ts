import type { Failure } from '../failures/errors.ts';
import { editDistance } from '../failures/suggest.ts';
import { warning } from '../failures/warnings.ts';
import { couldNotLook, failed, finding, warned, type Finding } from './finding.ts';
import { few } from '../text/words.ts';

export type Label = { name: string; value: string };

/** The namespaces as far as findings rest on them; bounded by who gathers them. */
export type NamespaceFacts = {
  label: Label;
  /** Labelled, and not being deleted. */
  serving: readonly string[];
  terminating: readonly string[];
  nearMisses: readonly { namespace: string; written: string }[];
  /** Why the list is not whole; absent where it is. */
  incomplete?: string;
  /** The one that is asked about; absent: all are. */
  only?: { namespace: string; exists: boolean };
};

/** Which namespaces match, and which were probably meant to. */
export function findNamespaces(facts: NamespaceFacts): Finding[] {
  const { label, serving, terminating, nearMisses, incomplete, only } = facts;
  const wanted = `${label.name}=${label.value}`;
  const looked = only === undefined ? `namespaces labelled ${wanted}` : `namespace ${only.namespace}`;
  const hint = 'Whether you may list them: kubectl auth can-i list namespaces';
  return [
    ...(incomplete === undefined || serving.length > 0 ? findMatching(facts, looked, wanted) : []),
    ...(incomplete === undefined ? [] : [couldNotLook('namespaces/labels', looked, incomplete, hint)]),
    ...nearMisses.map(({ namespace, written }) => {
      const found = `it has ${written}, and is not served`;
      return finding('NamespaceLabelMistyped', { looked: namespace, found, namespace, label: wanted });
    }),
    ...terminating.map((namespace) => {
      const found = 'it is labelled, and is being deleted';
      return finding('NamespaceTerminating', { looked: namespace, found, namespace });
    }),
  ];
}

function findMatching(
  { serving, terminating, nearMisses, only }: NamespaceFacts,
  looked: string,
  wanted: string,
): Finding[] {
  if (only === undefined) {
    if (serving.length > 0)
      return [finding('NamespacesMatch', { looked, found: `${serving.length}: ${few(serving)}` })];
    const none = warning('NoNamespaces', { where: looked, why: 'the list is empty', label: wanted });
    return [warned('namespaces/labels', 'problem', none)];
  }
  const { namespace, exists } = only;
  if (!exists) return [finding('NamespaceMissing', { looked, found: 'there is none of that name' })];
  if (serving.length > 0) return [finding('NamespacesMatch', { looked, found: `it is labelled ${wanted}` })];
  if (terminating.length + nearMisses.length > 0) return [];
  const found = `it has no label ${wanted}, and is not served`;
  return [finding('NamespaceUnlabelled', { looked, found, namespace, label: wanted })];
}

type Notes = Readonly<Record<string, unknown>>;

/** How a namespace without the label seems to have been meant to carry it; undefined where it does not. */
export function nearMiss(labels: Notes, annotations: Notes, wanted: Label): string | undefined {
  if (labels[wanted.name] === wanted.value) return undefined;
  const mistyped = Object.entries(labels).find(([name, value]) => isNear(name, String(value), wanted));
  if (mistyped !== undefined) return `the label ${mistyped[0]}=${String(mistyped[1])}`;
  return annotations[wanted.name] === wanted.value
    ? `${wanted.name}=${wanted.value} as an annotation, not as a label`
    : undefined;
}

/** Names may be a letter or two off. Of a short value another letter makes another registry: `gcr`, `acr`, `ocr`. */
function isNear(name: string, value: string, wanted: Label): boolean {
  if (sameLetters(value, wanted.value)) return isNearName(name, wanted.name);
  return name === wanted.name && isNearValue(value.toLowerCase(), wanted.value.toLowerCase());
}

/** A letter too many or too few, two of them swapped, or one of many mistaken. */
function isNearValue(value: string, wanted: string): boolean {
  if (editDistance(value, wanted, 1) !== 1) return false;
  return value.length !== wanted.length || lettersOf(value) === lettersOf(wanted) || wanted.length > 5;
}

function isNearName(name: string, wanted: string): boolean {
  if (sameLetters(name, wanted)) return true;
  const most = wanted.length >= 8 ? 2 : 1;
  return wanted.length > 3 && editDistance(name.toLowerCase(), wanted.toLowerCase()) <= most;
}

function sameLetters(a: string, b: string): boolean {
  const plain = (word: string) => word.toLowerCase().replaceAll(/[-_.]/g, '');
  return plain(a) === plain(b);
}

function lettersOf(word: string): string {
  return word.split('').sort().join('');
}

/** What an apply that stores nothing was answered in one namespace. */
export type DryRunFact =
  | { namespace: string; result: 'accepted' | 'gone' }
  /** Others own the data; the check of the secret itself says more. */
  | { namespace: string; result: 'owned' }
  | { namespace: string; result: 'refused'; failure: Failure };

/** As whom it was tried: the account that runs the program, of which the check of its role may have said that it may not. */
export type TriedBy = 'account' | 'account-known-to-lack-it' | 'ourselves';

/**
 * Which namespaces would refuse the secret, and by what.
 * @param refusing namespaces whose secret a run would refuse to write over.
 */
export function findAdmission(
  facts: readonly DryRunFact[],
  by: TriedBy,
  refusing: ReadonlySet<string> = new Set(),
): Finding[] {
  const looked = `an apply to each namespace that stores nothing (dry run)${by === 'ourselves' ? ', as ourselves' : ''}`;
  const accepted = facts.filter(
    ({ result, namespace }) => (result === 'accepted' || result === 'owned') && !refusing.has(namespace),
  );
  const refused = facts.flatMap((fact) => (fact.result === 'refused' ? [fact.failure] : []));
  const forbidden = refused.filter(({ code }) => code === 'SecretForbidden');
  // The state of the secret itself is the next check's.
  const others = refused.filter(({ code }) => !namedElsewhere.has(code));
  const found = `${accepted.length} of ${facts.length} would take the secret`;
  return [
    ...(accepted.length > 0 ? [finding('WriteAccepted', { looked, found })] : []),
    ...(forbidden.length === 0 ? [] : findForbidden(forbidden, by, looked)),
    ...others.map((failure) => {
      const refusal = failed('namespaces/admission', failure);
      return failure.code === 'FenceDenied' ? { ...refusal, fix: fenceFix } : refusal;
    }),
  ];
}

/** What a run says is to run doctor. */
const fenceFix =
  'Mend the fence as is said above. Where nothing is said of it, something changes the secret on its way, such as a webhook.';

function findForbidden(forbidden: readonly Failure[], by: TriedBy, looked: string): Finding[] {
  const check = 'namespaces/admission';
  switch (by) {
    case 'account':
      return forbidden.map((failure) => failed(check, failure));
    case 'account-known-to-lack-it':
      return [couldNotLook(check, looked, 'writing is not allowed', 'Mend the permissions above first.')];
    case 'ourselves':
      return [
        couldNotLook(check, looked, 'as ourselves writing is not allowed', 'Have it asked as the account, see above.'),
      ];
  }
}

const namedElsewhere: ReadonlySet<string> = new Set(['SecretForbidden', 'SecretTypeDiffers', 'SecretImmutable']);

import type { KubeObject } from './objects.ts';
import { textAt } from './objects.ts';
import type { Resource } from './resources.ts';
import { badRequest } from './status.ts';

export type Matcher = (object: KubeObject) => boolean;

type LabelTest = (labels: Record<string, string>) => boolean;

/** Tokens of a label selector: words, operators and punctuation. */
function tokens(text: string): string[] {
  return text.match(/==|!=|[=!<>(),]|[^\s=!<>(),]+/g) ?? [];
}

/**
 * Parses a label selector, or says what the API server says of a malformed one.
 *
 * @throws StatusError 400
 */
export function labelSelector(text: string): Matcher {
  const rest = tokens(text);
  const tests: LabelTest[] = [];
  while (rest.length > 0) {
    tests.push(requirement(rest));
    if (rest.length > 0 && rest.shift() !== ',') throw unparsable(rest[0] ?? '', "',' or 'end of string'");
  }
  return (object) => {
    const labels = object.metadata.labels ?? {};
    return tests.every((test) => test(labels));
  };
}

function unparsable(found: string, expected: string): Error {
  return badRequest(`unable to parse requirement: found '${found}', expected: ${expected}`);
}

function word(rest: string[]): string {
  const next = rest.shift() ?? '';
  if (next === '' || /^[=!<>(),]/.test(next)) throw unparsable(next.slice(0, 1), 'identifier');
  return next;
}

function requirement(rest: string[]): LabelTest {
  if (rest[0] === '!') {
    rest.shift();
    const key = word(rest);
    return (labels) => labels[key] === undefined;
  }
  const key = word(rest);
  if (rest.length === 0 || rest[0] === ',') return (labels) => labels[key] !== undefined;
  const operator = rest.shift() ?? '';
  if (operator === '=' || operator === '==' || operator === '!=') {
    const value = valueAfter(rest);
    return (labels) => (labels[key] === value) !== (operator === '!=');
  }
  if (operator === 'in' || operator === 'notin') {
    const values = valueSet(rest);
    return (labels) => values.has(labels[key] ?? '\0') !== (operator === 'notin');
  }
  throw unparsable(operator, 'in, notin, =, ==, !=, gt, lt');
}

function valueAfter(rest: string[]): string {
  if (rest.length === 0 || rest[0] === ',') return '';
  return word(rest);
}

function valueSet(rest: string[]): Set<string> {
  if (rest.shift() !== '(') throw unparsable(rest[0] ?? '', "'('");
  const values = new Set<string>();
  for (;;) {
    values.add(valueAfter(rest[0] === ')' ? [] : rest));
    const next = rest.shift();
    if (next === ')') return values;
    if (next !== ',') throw unparsable(next ?? '', "',' or ')'");
  }
}

type FieldReader = (object: KubeObject) => string;

const metadataFields: Record<string, FieldReader> = {
  'metadata.name': (object) => object.metadata.name,
  'metadata.namespace': (object) => object.metadata.namespace ?? '',
};

const fieldsByPlural: Record<string, Record<string, FieldReader>> = {
  namespaces: { 'status.phase': (object) => textAt(object['status'], 'phase') },
  secrets: { type: (object) => textAt(object, 'type') },
  pods: Object.fromEntries(
    ['spec.nodeName', 'spec.restartPolicy', 'spec.serviceAccountName', 'status.phase'].map((path) => [
      path,
      reader(path),
    ]),
  ),
  jobs: { 'status.successful': () => '0' },
  events: Object.fromEntries(
    [
      'involvedObject.kind',
      'involvedObject.namespace',
      'involvedObject.name',
      'involvedObject.uid',
      'involvedObject.apiVersion',
      'involvedObject.resourceVersion',
      'involvedObject.fieldPath',
      'reason',
      'reportingComponent',
      'source',
      'type',
      'regarding.kind',
      'regarding.namespace',
      'regarding.name',
      'regarding.uid',
      'reportingController',
    ].map((path) => [path, reader(storedPath(path))]),
  ),
};

/** Events are stored as events.k8s.io/v1 and asked for by the names of either API. */
function storedPath(path: string): string {
  if (path === 'reportingComponent' || path === 'source') return 'reportingController';
  return path.replace(/^involvedObject\./, 'regarding.');
}

function reader(path: string): FieldReader {
  const parts = path.split('.');
  const last = parts.pop() ?? '';
  return (object) => {
    let current: unknown = object;
    for (const part of parts) current = (current as Record<string, unknown> | undefined)?.[part]; // walks JSON
    return textAt(current, last);
  };
}

/**
 * Parses a field selector of a resource.
 *
 * @throws StatusError 400 for a field that this resource cannot be selected by
 */
export function fieldSelector(text: string, resource: Resource): Matcher {
  const tests = text.split(',').filter((part) => part !== '');
  const matchers = tests.map((part) => {
    const [, field = '', operator = '', value = ''] = /^(.*?)(==|!=|=)(.*)$/.exec(part) ?? [];
    if (operator === '') throw badRequest(`invalid selector: '${part}'; can't understand '${part}'`);
    const read = metadataFields[field] ?? fieldsByPlural[resource.plural]?.[field];
    if (read === undefined) throw badRequest(`field label not supported: ${field}`);
    return (object: KubeObject): boolean => (read(object) === value) !== (operator === '!=');
  });
  return (object) => matchers.every((matches) => matches(object));
}

/** The one name that a field selector asks for, as authorization sees it; empty where it asks for none. */
export function selectedName(fieldSelectorText: string): string {
  const [, name = ''] = /(?:^|,)metadata\.name==?([^,]*)/.exec(fieldSelectorText) ?? [];
  return name;
}

/** Whether a LabelSelector object (`matchLabels`, `matchExpressions`) selects these labels. */
export function selectsLabels(selector: unknown, labels: Record<string, string>): boolean {
  const wanted = selector as { matchLabels?: Record<string, string>; matchExpressions?: Expression[] } | undefined;
  const equal = Object.entries(wanted?.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  return equal && (wanted?.matchExpressions ?? []).every((expression) => holds(expression, labels[expression.key]));
}

interface Expression {
  key: string;
  operator: string;
  values?: string[];
}

function holds({ operator, values = [] }: Expression, label: string | undefined): boolean {
  if (operator === 'Exists') return label !== undefined;
  if (operator === 'DoesNotExist') return label === undefined;
  const among = label !== undefined && values.includes(label);
  return operator === 'NotIn' ? !among : among;
}

import { goJsonError } from './go-json.ts';
import { isObject, listAt, objectAt, sameJson, textAt } from './objects.ts';
import type { KubeObject } from './objects.ts';
import type { Resource } from './resources.ts';
import type { FieldProblem } from './status.ts';

const labelPattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const subdomainPattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const labelRule =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const subdomainRule =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const namePart = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const namePartRule =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const labelValueRule =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

export function invalidValue(field: string, value: unknown, rule: string): FieldProblem {
  return { reason: 'FieldValueInvalid', field, message: `Invalid value: ${JSON.stringify(value)}: ${rule}` };
}

function required(field: string, detail = ''): FieldProblem {
  return { reason: 'FieldValueRequired', field, message: `Required value${detail === '' ? '' : `: ${detail}`}` };
}

/** The server looks at metadata several times and reports the same mistake as often. */
const timesReported = 4;

/** Everything that is wrong with an object before it is stored. */
export function problemsOf(resource: Resource, object: KubeObject, before: KubeObject | undefined): FieldProblem[] {
  const own = byKind[resource.kind]?.(object, before) ?? [];
  return [
    ...(before === undefined ? nameProblems(resource, object.metadata.name) : []),
    ...labelProblems(object),
    ...own,
  ];
}

function nameProblems(resource: Resource, name: string): FieldProblem[] {
  if (name === '') return [required('metadata.name', 'name or generateName is required')];
  if (resource.group === 'rbac.authorization.k8s.io') return [];
  if (resource.kind === 'Namespace')
    return labelPattern.test(name) ? [] : [invalidValue('metadata.name', name, labelRule)];
  return subdomainPattern.test(name) ? [] : [invalidValue('metadata.name', name, subdomainRule)];
}

function labelProblems({ metadata }: KubeObject): FieldProblem[] {
  const problems: FieldProblem[] = [];
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    const name = key.slice(key.lastIndexOf('/') + 1);
    if (!namePart.test(name)) problems.push(invalidValue('metadata.labels', key, namePartRule));
    if (value !== '' && !namePart.test(value)) problems.push(invalidValue('metadata.labels', value, labelValueRule));
    if (value.length > 63) problems.push(tooLong('metadata.labels', 'may not be more than 63 bytes'));
  }
  return problems.flatMap((problem) => Array<FieldProblem>(timesReported).fill(problem));
}

function tooLong(field: string, limit: string): FieldProblem {
  return { reason: 'FieldValueTooLong', field, message: `Too long: ${limit}` };
}

function forbiddenField(field: string, why: string): FieldProblem {
  return { reason: 'FieldValueForbidden', field, message: `Forbidden: ${why}` };
}

type Check = (object: KubeObject, before: KubeObject | undefined) => FieldProblem[];

const byKind: Record<string, Check> = {
  Secret: secretProblems,
  ConfigMap: (object, before) => immutableProblems(object, before),
  Lease: leaseProblems,
  Event: eventProblems,
  RoleBinding: bindingProblems,
  ClusterRoleBinding: bindingProblems,
  Deployment: fixed('selector'),
  Job: fixed('template'),
  Service: fixed('clusterIP'),
};

/** A part of the spec that is as it was made (k8s.io/kubernetes, pkg/apis: ValidateImmutableField). */
function fixed(part: string): Check {
  return (object, before) => {
    const value = objectAt(object, 'spec')[part];
    const isSame = before === undefined || sameJson(value, objectAt(before, 'spec')[part]);
    return isSame ? [] : [invalidValue(`spec.${part}`, value, 'field is immutable')];
  };
}

const maxSecretBytes = 1024 * 1024;
const dockerConfigKeys: Record<string, string> = {
  'kubernetes.io/dockerconfigjson': '.dockerconfigjson',
  'kubernetes.io/dockercfg': '.dockercfg',
};

function secretProblems(object: KubeObject, before: KubeObject | undefined): FieldProblem[] {
  const data = objectAt(object, 'data');
  const problems: FieldProblem[] = [];
  if (before !== undefined && object['type'] !== before['type']) {
    problems.push(invalidValue('type', object['type'], 'field is immutable'));
  }
  problems.push(...immutableProblems(object, before));
  const bytes = Object.values(data).reduce((sum: number, value) => sum + decodedLength(value), 0);
  if (bytes > maxSecretBytes) problems.push(tooLong('data', `may not be more than ${maxSecretBytes} bytes`));
  const key = dockerConfigKeys[textAt(object, 'type')];
  return key === undefined || problems.length > 0 ? problems : dockerConfigProblems(key, data[key]);
}

function decodedLength(value: unknown): number {
  return typeof value === 'string' ? Buffer.byteLength(value, 'base64') : 0;
}

function dockerConfigProblems(key: string, value: unknown): FieldProblem[] {
  const field = `data[${key}]`;
  if (typeof value !== 'string') return [required(field)];
  const why = notAnObject(Buffer.from(value, 'base64').toString());
  return why === undefined ? [] : [invalidValue(field, '<secret contents redacted>', why)];
}

function notAnObject(text: string): string | undefined {
  const why = goJsonError(text);
  if (why !== undefined) return why;
  const value: unknown = JSON.parse(text);
  if (value === null || isObject(value)) return undefined;
  const type = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  return `json: cannot unmarshal ${type} into Go value of type map[string]interface {}`;
}

function immutableProblems(object: KubeObject, before: KubeObject | undefined): FieldProblem[] {
  if (before?.['immutable'] !== true) return [];
  const why = 'field is immutable when `immutable` is set';
  const problems: FieldProblem[] = [];
  if (object['immutable'] !== true) problems.push(forbiddenField('immutable', why));
  for (const field of ['data', 'binaryData']) {
    if (!sameJson(object[field], before[field])) problems.push(forbiddenField(field, why));
  }
  return problems;
}

function leaseProblems(object: KubeObject, before: KubeObject | undefined): FieldProblem[] {
  const spec = objectAt(object, 'spec');
  const problems: FieldProblem[] = [];
  const seconds = spec['leaseDurationSeconds'];
  if (typeof seconds === 'number' && seconds <= 0) {
    problems.push(invalidValue('spec.leaseDurationSeconds', seconds, 'must be greater than 0'));
  }
  const transitions = spec['leaseTransitions'];
  if (typeof transitions === 'number' && transitions < 0) {
    problems.push(invalidValue('spec.leaseTransitions', transitions, 'must be greater than or equal to 0'));
  }
  if (before !== undefined && object.metadata.resourceVersion === '') {
    problems.push(invalidValue('metadata.resourceVersion', 0, 'must be specified for an update'));
  }
  return problems;
}

function eventProblems(object: KubeObject, before: KubeObject | undefined): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const regarding = textAt(objectAt(object, 'regarding'), 'namespace');
  const namespace = object.metadata.namespace ?? '';
  if (regarding === '' ? namespace !== 'default' : regarding !== namespace) {
    problems.push(invalidValue('involvedObject.namespace', regarding, 'does not match event.namespace'));
  }
  // Events of the old API may leave out what the new one wants.
  if (before !== undefined || object['deprecatedFirstTimestamp'] !== undefined) return problems;
  if (textAt(object, 'eventTime') === '') problems.push(required('eventTime'));
  else {
    for (const field of ['reportingController', 'reportingInstance', 'action', 'reason']) {
      if (textAt(object, field) === '') problems.push(required(field));
    }
  }
  const type = textAt(object, 'type');
  if (type !== 'Normal' && type !== 'Warning') problems.push(invalidValue('type', type, `has invalid value: ${type}`));
  return problems;
}

function bindingProblems(object: KubeObject, before: KubeObject | undefined): FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (textAt(objectAt(object, 'roleRef'), 'name') === '') problems.push(required('roleRef.name'));
  listAt(object, 'subjects').forEach((subject, index) => {
    if (textAt(subject, 'name') === '') problems.push(required(`subjects[${index}].name`));
    if (textAt(subject, 'kind') === 'ServiceAccount' && textAt(subject, 'namespace') === '') {
      problems.push(required(`subjects[${index}].namespace`));
    }
  });
  if (before !== undefined && !sameJson(before['roleRef'], object['roleRef'])) {
    problems.push(invalidValue('roleRef', object['roleRef'], 'cannot change roleRef'));
  }
  return problems;
}

import { isExpression, objections, operations, type Mutating, type Validating } from './cel.ts';
import { isObject, listAt, objectAt, textAt, textsAt } from './objects.ts';
import type { KubeObject } from './objects.ts';
import { jsonPatch } from './patches.ts';
import {
  admissionBindings,
  admissionPolicies,
  mutatingBindings,
  mutatingPolicies,
  namespaces,
  pods,
  resourceQuotas,
  serviceAccounts,
} from './resources.ts';
import type { Resource } from './resources.ts';
import { selectsLabels } from './selectors.ts';
import { forbidden, notFound, StatusError } from './status.ts';
import type { Store } from './store.ts';

/**
 * A new object needs a namespace that exists and stays.
 *
 * @throws StatusError 404 for one that does not exist, 403 for one that is being terminated
 */
export function admitToNamespace(store: Store, resource: Resource, namespace: string, name: string): void {
  const found = store.get(namespaces, '', namespace);
  if (found === undefined) throw notFound(namespaces, namespace);
  if (found.metadata.deletionTimestamp === undefined) return;
  const message = `namespace ${namespace} is being terminated`;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  throw forbidden(resource, name, why, [{ reason: 'NamespaceTerminating', message, field: 'metadata.namespace' }]);
}

/**
 * Counts a new object against the quotas of its namespace.
 *
 * @throws StatusError 403 naming the quota that is used up
 */
export function admitToQuota(store: Store, resource: Resource, object: KubeObject): void {
  const namespace = object.metadata.namespace ?? '';
  if (store.count(resourceQuotas, namespace) === 0) return;
  const counted = [
    resource.plural,
    `count/${resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`}`,
  ];
  for (const quota of store.list(resourceQuotas, namespace)) {
    const hard = objectAt(objectAt(quota, 'spec'), 'hard');
    for (const key of counted) {
      const limit = hard[key];
      const used = store.count(resource, namespace);
      if (limit === undefined || used + 1 <= Number(limit)) continue;
      const figures = `requested: ${key}=1, used: ${key}=${used}, limited: ${key}=${JSON.stringify(limit).replaceAll('"', '')}`;
      throw forbidden(resource, object.metadata.name, `exceeded quota: ${quota.metadata.name}, ${figures}`);
    }
  }
}

/** What a new object becomes before it is judged: a pod has its ServiceAccount's pull secrets, and policies change more. */
export function mutated(store: Store, resource: Resource, object: KubeObject): KubeObject {
  let changed = resource === pods ? withAccountsSecrets(store, object) : object;
  for (const binding of store.list(mutatingBindings)) {
    const policy = store.get(mutatingPolicies, '', textAt(objectAt(binding, 'spec'), 'policyName'));
    if (policy === undefined || !isConstrained(store, policy, resource, changed, 'CREATE')) continue;
    const patch = operations(objectAt(policy, 'spec') as unknown as Mutating, changed);
    changed = { ...changed, ...(jsonPatch(changed, patch) as KubeObject) };
  }
  return changed;
}

/** The ServiceAccount's list goes into pods that name none. */
function withAccountsSecrets(store: Store, pod: KubeObject): KubeObject {
  const { imagePullSecrets, ...spec } = objectAt(pod, 'spec');
  const own = Array.isArray(imagePullSecrets) ? imagePullSecrets : [];
  const name = textAt(spec, 'serviceAccountName') || 'default';
  const account = store.get(serviceAccounts, pod.metadata.namespace ?? '', name);
  const all = own.length > 0 ? own : listAt(account, 'imagePullSecrets');
  return { ...pod, spec: { ...spec, ...(all.length === 0 ? {} : { imagePullSecrets: all }) } };
}

/** A write that is put before the policies: what will be, what was, and who asked. */
export type Write = {
  operation: 'CREATE' | 'UPDATE' | 'DELETE';
  user: string;
  after?: KubeObject;
  before?: KubeObject;
};

/**
 * Puts a write before the admission policies that are bound.
 *
 * @throws StatusError 422 with the policy's message
 */
export function admitByPolicy(store: Store, resource: Resource, write: Write): void {
  const object = write.after ?? write.before;
  if (object === undefined) return;
  for (const binding of store.list(admissionBindings)) {
    const spec = objectAt(binding, 'spec');
    const policy = store.get(admissionPolicies, '', textAt(spec, 'policyName'));
    if (policy === undefined || !textsAt(spec, 'validationActions').includes('Deny')) continue;
    const selected = isSelected(store, object, objectAt(spec, 'matchResources'));
    if (selected && isConstrained(store, policy, resource, object, write.operation)) {
      judge(store, policy, binding, resource, write);
    }
  }
}

function isSelected(store: Store, object: KubeObject, matchResources: unknown): boolean {
  const { namespaceSelector, objectSelector } = matchResources as {
    namespaceSelector?: unknown;
    objectSelector?: unknown;
  };
  const namespace = store.get(namespaces, '', object.metadata.namespace ?? '');
  return (
    selectsLabels(namespaceSelector, namespace?.metadata.labels ?? {}) &&
    selectsLabels(objectSelector, object.metadata.labels ?? {})
  );
}

function isConstrained(
  store: Store,
  policy: KubeObject,
  resource: Resource,
  object: KubeObject,
  operation: string,
): boolean {
  const constraints = objectAt(objectAt(policy, 'spec'), 'matchConstraints');
  if (!isSelected(store, object, constraints)) return false;
  const has = (rule: unknown, field: string, value: string): boolean => {
    const listed = textsAt(rule, field);
    return listed.includes('*') || listed.includes(value);
  };
  return listAt(constraints, 'resourceRules').some(
    (rule) =>
      has(rule, 'operations', operation) &&
      has(rule, 'apiGroups', resource.group) &&
      has(rule, 'apiVersions', resource.version) &&
      has(rule, 'resources', resource.plural),
  );
}

function judge(store: Store, policy: KubeObject, binding: KubeObject, resource: Resource, write: Write): void {
  const { operation, user, after, before } = write;
  const { name = '', namespace = '' } = (after ?? before)?.metadata ?? {};
  const [why] = objections(objectAt(policy, 'spec') as unknown as Validating, {
    request: { operation, name, namespace, userInfo: { username: user } },
    object: after ?? null,
    oldObject: before ?? null,
    namespaceObject: store.get(namespaces, '', namespace) ?? null,
  });
  if (why === undefined) return;
  const message = `ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}' denied request: ${why}`;
  throw new StatusError(422, `${resource.plural} "${name}" is forbidden: ${message}`, {
    reason: 'Invalid',
    details: { name, kind: resource.plural, causes: [{ message }] },
  });
}

/** The texts in a policy that are no expression. */
export function unknownExpressions(policy: KubeObject): string[] {
  const spec = objectAt(policy, 'spec');
  const parts = ['matchConditions', 'variables', 'validations'].flatMap((name) => listAt(spec, name));
  const expressions = parts.filter(isObject).map((part) => textAt(part, 'expression'));
  return expressions.filter((expression) => !isExpression(expression));
}

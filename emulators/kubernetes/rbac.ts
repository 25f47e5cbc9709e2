import { listAt, objectAt, textAt, textsAt } from './objects.ts';
import type { JsonObject, KubeObject } from './objects.ts';
import { clusterRoleBindings, clusterRoles, roleBindings, roles } from './resources.ts';
import type { Store } from './store.ts';

export interface User {
  name: string;
  groups: readonly string[];
  uid?: string;
  extra?: Record<string, string[]>;
}

/** What somebody wants to do. Paths that are no resources have `path` alone. */
export interface Attributes {
  verb: string;
  group: string;
  plural: string;
  subresource: string;
  namespace: string;
  name: string;
  path?: string;
}

export interface PolicyRule {
  verbs: string[];
  apiGroups: string[];
  resources: string[];
  resourceNames: string[];
  nonResourceURLs: string[];
}

interface Grant {
  rules: PolicyRule[];
  subjects: JsonObject[];
  /** Empty for the whole cluster. */
  namespace: string;
  reason: (subject: string) => string;
}

export type Decision = { allowed: true; reason: string } | { allowed: false; reason?: string };

const discoveryPaths = [
  '/api',
  '/api/*',
  '/apis',
  '/apis/*',
  '/healthz',
  '/livez',
  '/openapi',
  '/openapi/*',
  '/readyz',
  '/version',
  '/version/',
];
const publicPaths = ['/healthz', '/livez', '/readyz', '/version', '/version/'];
const issuerPaths = [
  '/.well-known/openid-configuration',
  '/.well-known/openid-configuration/',
  '/openid/v1/jwks',
  '/openid/v1/jwks/',
];

function pathsRule(nonResourceURLs: string[]): PolicyRule {
  return { verbs: ['get'], apiGroups: [], resources: [], resourceNames: [], nonResourceURLs };
}

function createRule(group: string, resources: string[]): PolicyRule {
  return { verbs: ['create'], apiGroups: [group], resources, resourceNames: [], nonResourceURLs: [] };
}

function builtIn(role: string, group: string, rules: PolicyRule[]): Grant {
  const reason = (subject: string): string =>
    `RBAC: allowed by ClusterRoleBinding "${role}" of ClusterRole "${role}" to ${subject}`;
  return { rules, subjects: [{ kind: 'Group', name: group }], namespace: '', reason };
}

/** What every cluster grants from the start. */
const builtInGrants: Grant[] = [
  builtIn('system:basic-user', 'system:authenticated', [
    createRule('authorization.k8s.io', ['selfsubjectaccessreviews', 'selfsubjectrulesreviews']),
    createRule('authentication.k8s.io', ['selfsubjectreviews']),
  ]),
  builtIn('system:discovery', 'system:authenticated', [pathsRule(discoveryPaths)]),
  builtIn('system:public-info-viewer', 'system:authenticated', [pathsRule(publicPaths)]),
  builtIn('system:public-info-viewer', 'system:unauthenticated', [pathsRule(publicPaths)]),
  builtIn('system:service-account-issuer-discovery', 'system:serviceaccounts', [
    pathsRule(issuerPaths),
    pathsRule(['/.well-known', '/.well-known/*']),
  ]),
];

/** Says who may do what, from the roles and bindings in the store. */
export class Authorizer {
  readonly #store: Store;
  #grants: Grant[] = [];
  #readAt = '';

  constructor(store: Store) {
    this.#store = store;
  }

  decide(user: User, wanted: Attributes): Decision {
    if (user.groups.includes('system:masters')) return { allowed: true, reason: '' };
    for (const grant of this.#all()) {
      const subject = subjectOf(grant, user);
      if (subject !== undefined && inScope(grant, wanted) && grant.rules.some((rule) => permits(rule, wanted))) {
        return { allowed: true, reason: grant.reason(subject) };
      }
    }
    return { allowed: false };
  }

  /** The rules that apply to a user in a namespace, in the order in which a rules review lists them. */
  rulesFor(user: User, namespace: string): PolicyRule[] {
    if (user.groups.includes('system:masters')) {
      const any = { verbs: ['*'], resourceNames: [] };
      return [
        { ...any, apiGroups: ['*'], resources: ['*'], nonResourceURLs: [] },
        { ...any, apiGroups: [], resources: [], nonResourceURLs: ['*'] },
      ];
    }
    const mine = this.#all().filter(
      (grant) => subjectOf(grant, user) !== undefined && (grant.namespace === '' || grant.namespace === namespace),
    );
    return mine.flatMap((grant) => grant.rules);
  }

  #all(): Grant[] {
    const kinds = [clusterRoleBindings, clusterRoles, roleBindings, roles];
    const version = kinds.map((kind) => this.#store.changedAt(kind)).join();
    if (version !== this.#readAt) {
      this.#readAt = version;
      const stored = [...this.#store.list(clusterRoleBindings), ...this.#store.list(roleBindings)];
      this.#grants = [...stored.map((binding) => this.#grant(binding)), ...builtInGrants];
    }
    return this.#grants;
  }

  #grant(binding: KubeObject): Grant {
    const namespace = binding.metadata.namespace ?? '';
    const ref = objectAt(binding, 'roleRef');
    const kind = textAt(ref, 'kind');
    const name = textAt(ref, 'name');
    const role =
      kind === 'ClusterRole' ? this.#store.get(clusterRoles, '', name) : this.#store.get(roles, namespace, name);
    const shown = namespace === '' ? binding.metadata.name : `${binding.metadata.name}/${namespace}`;
    return {
      rules: listAt(role, 'rules').map(readRule),
      subjects: listAt(binding, 'subjects') as JsonObject[], // objects, or they would not have been stored
      namespace,
      reason: (subject) => `RBAC: allowed by ${binding.kind} "${shown}" of ${kind} "${name}" to ${subject}`,
    };
  }
}

function readRule(rule: unknown): PolicyRule {
  return {
    verbs: textsAt(rule, 'verbs'),
    apiGroups: textsAt(rule, 'apiGroups'),
    resources: textsAt(rule, 'resources'),
    resourceNames: textsAt(rule, 'resourceNames'),
    nonResourceURLs: textsAt(rule, 'nonResourceURLs'),
  };
}

/** How the reason names the subject through which a grant reaches the user; undefined where it does not. */
function subjectOf(grant: Grant, user: User): string | undefined {
  for (const subject of grant.subjects) {
    const name = textAt(subject, 'name');
    const kind = textAt(subject, 'kind');
    if (kind === 'User' && name === user.name) return `User "${name}"`;
    if (kind === 'Group' && user.groups.includes(name)) return `Group "${name}"`;
    const namespace = textAt(subject, 'namespace') || grant.namespace;
    if (kind === 'ServiceAccount' && user.name === `system:serviceaccount:${namespace}:${name}`) {
      return `ServiceAccount "${name}/${namespace}"`;
    }
  }
  return undefined;
}

function inScope(grant: Grant, wanted: Attributes): boolean {
  return grant.namespace === '' || (wanted.path === undefined && grant.namespace === wanted.namespace);
}

function permits(rule: PolicyRule, wanted: Attributes): boolean {
  if (!rule.verbs.includes('*') && !rule.verbs.includes(wanted.verb)) return false;
  const { path } = wanted;
  if (path !== undefined) return rule.nonResourceURLs.some((url) => matchesPath(url, path));
  const groupFits = rule.apiGroups.includes('*') || rule.apiGroups.includes(wanted.group);
  const nameFits = rule.resourceNames.length === 0 || rule.resourceNames.includes(wanted.name);
  return groupFits && nameFits && matchesResource(rule.resources, wanted);
}

function matchesPath(url: string, path: string): boolean {
  return url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.slice(0, -1)));
}

function matchesResource(listed: readonly string[], wanted: Attributes): boolean {
  const { plural, subresource } = wanted;
  const full = subresource === '' ? plural : `${plural}/${subresource}`;
  return listed.some((one) => one === '*' || one === full || (subresource !== '' && one === `*/${subresource}`));
}

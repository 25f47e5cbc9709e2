import { recordAt, recordsAt, text } from '../api/reply.ts';

/** One thing that the program must be allowed to do. */
export type Need = {
  verb: string;
  group: string;
  resource: string;
  /** The one object it is needed for; absent: any. */
  name?: string;
  /** Where alone it is needed; absent: in the whole cluster. */
  namespace?: string;
};

/** A rule as a role has it. */
export type Rule = { verbs: string[]; apiGroups: string[]; resources: string[]; resourceNames: string[] };

export type RoleKind = 'ClusterRole' | 'Role';

export type Role = {
  kind: RoleKind;
  name: string;
  /** Of a Role. */
  namespace?: string;
  rules: readonly Rule[];
  /** Whether it came with this program, by its label. */
  isShipped: boolean;
};

export type Subject = { kind: string; name: string; namespace: string };

export type Binding = {
  kind: 'ClusterRoleBinding' | 'RoleBinding';
  name: string;
  namespace?: string;
  role: { kind: RoleKind; name: string };
  subjects: readonly Subject[];
};

/** A role that an account has, and every binding to it that was seen. */
export type Grant = { role: Role; bindings: readonly Binding[]; through: Binding };

/** What an account is granted, and roles of ours that nobody granted it. */
export type Roles = { grants: readonly Grant[]; unbound: readonly { role: Role; bindings: readonly Binding[] }[] };

/** Reads a ClusterRole or Role. */
export function roleOf(kind: RoleKind, object: unknown): Role {
  const metadata = recordAt(object, 'metadata');
  const namespace = text(metadata['namespace']);
  return {
    kind,
    name: text(metadata['name']),
    ...(namespace === '' ? {} : { namespace }),
    rules: recordsAt(object, 'rules').map((rule) => ({
      verbs: texts(rule['verbs']),
      apiGroups: texts(rule['apiGroups']),
      resources: texts(rule['resources']),
      resourceNames: texts(rule['resourceNames']),
    })),
    isShipped: recordAt(metadata, 'labels')['app.kubernetes.io/name'] === 'ecr-cred-helper',
  };
}

/** Reads a ClusterRoleBinding or RoleBinding. */
export function bindingOf(kind: Binding['kind'], object: unknown): Binding {
  const metadata = recordAt(object, 'metadata');
  const namespace = text(metadata['namespace']);
  const ref = recordAt(object, 'roleRef');
  return {
    kind,
    name: text(metadata['name']),
    ...(namespace === '' ? {} : { namespace }),
    role: { kind: ref['kind'] === 'Role' ? 'Role' : 'ClusterRole', name: text(ref['name']) },
    subjects: recordsAt(object, 'subjects').map((subject) => ({
      kind: text(subject['kind']),
      name: text(subject['name']),
      namespace: text(subject['namespace']),
    })),
  };
}

/** The texts in a list; what is no list has none. */
export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

/** Whether a binding is one of an account, by its name or by a group that every ServiceAccount is in. */
export function isBoundTo({ subjects }: Binding, account: string): boolean {
  const [, , namespace, name] = account.split(':');
  const groups = ['system:authenticated', 'system:serviceaccounts', `system:serviceaccounts:${namespace}`];
  return subjects.some((subject) => {
    if (subject.kind === 'ServiceAccount') return subject.namespace === namespace && subject.name === name;
    return subject.kind === 'User' ? subject.name === account : groups.includes(subject.name);
  });
}

/** Whether a rule allows what is needed. */
export function allows(rule: Rule, { verb, group, resource, name }: Omit<Need, 'namespace'>): boolean {
  const has = (words: readonly string[], word: string) => words.includes(word) || words.includes('*');
  const isNamed = rule.resourceNames.length === 0 || (name !== undefined && rule.resourceNames.includes(name));
  return has(rule.verbs, verb) && has(rule.apiGroups, group) && has(rule.resources, resource) && isNamed;
}

/** Whether a role, bound as it is or as it is shipped, is good for a need. */
export function serves(role: Role, through: Binding | undefined, need: Need): boolean {
  const within =
    through?.kind === 'RoleBinding' || role.kind === 'Role' ? (through?.namespace ?? role.namespace) : undefined;
  const reaches = within === undefined || within === need.namespace;
  return reaches && role.rules.some((rule) => allows(rule, need));
}

/** The rules that allow these needs and nothing else: one for each object, with all its verbs. */
export function rulesFor(needs: readonly Need[]): Rule[] {
  const groups = Map.groupBy(needs, ({ group, resource, name }) => `${group}/${resource}/${name ?? ''}`);
  return [...groups.values()].map((group) => {
    // A group holds what made it.
    const { group: apiGroup, resource, name } = group[0] as Need;
    const verbs = [...new Set(group.map(({ verb }) => verb))];
    return { apiGroups: [apiGroup], resources: [resource], resourceNames: name === undefined ? [] : [name], verbs };
  });
}

/** A rule as it stands in a manifest. */
export function manifestOf({ apiGroups, resources, resourceNames, verbs }: Rule) {
  return { apiGroups, resources, ...(resourceNames.length === 0 ? {} : { resourceNames }), verbs };
}

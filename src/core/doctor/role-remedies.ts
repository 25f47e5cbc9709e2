import { shellWord } from '../text/shell.ts';
import {
  allows,
  manifestOf,
  rulesFor,
  serves,
  type Binding,
  type Grant,
  type Need,
  type Role,
  type Roles,
  type Rule,
} from './roles.ts';

/** The roles of Kubernetes itself, which are not to be changed for one account. */
const ofTheCluster = /^(?:system:.*|cluster-admin|admin|edit|view)$/;

/** Whether a role can be changed without changing what somebody else may do, as far as bindings were seen. */
function isOwn({ role, bindings }: Pick<Grant, 'role' | 'bindings'>, account: string): boolean {
  if (ofTheCluster.test(role.name)) return false;
  const subjects = bindings.flatMap((binding) => binding.subjects);
  return role.isShipped || subjects.every(({ kind, namespace, name }) => isSubject(kind, namespace, name, account));
}

function isSubject(kind: string, namespace: string, name: string, account: string): boolean {
  return kind === 'User' ? name === account : `system:serviceaccount:${namespace}:${name}` === account;
}

/** `clusterrole ecr-cred-helper`, behind the namespace of a Role. */
function on({ kind, namespace, name }: { kind: string; namespace?: string; name: string }, verb: string): string {
  // The name of a role may hold anything but a slash and a percent sign.
  return `kubectl ${namespace === undefined ? '' : `-n ${namespace} `}${verb} ${kind.toLowerCase()} ${shellWord(name)}`;
}

/** The command that binds a role to an account: by a binding to it that is there for others, or by a new one. */
export function bindCommand(role: Role, bindings: readonly Binding[], account: string): string {
  const [, , namespace = '', name = ''] = account.split(':');
  const subject = `--serviceaccount=${namespace}:${name}`;
  const [known] = bindings;
  if (known !== undefined) return `${on(known, 'set subject')} ${subject}`;
  if (role.kind === 'Role')
    return `${on({ ...role, kind: 'rolebinding' }, 'create')} --role=${shellWord(role.name)} ${subject}`;
  return `${on({ ...role, kind: 'clusterrolebinding' }, 'create')} --clusterrole=${shellWord(role.name)} ${subject}`;
}

/**
 * The command that lets an account do more, by a role that it has and nobody else; undefined where it has none.
 * @param needs all in the whole cluster, or all in one namespace.
 */
export function grantCommand(
  needs: readonly [Need, ...Need[]],
  { grants }: Roles,
  account: string,
): string | undefined {
  const { namespace } = needs[0];
  const reaching = grants.filter(
    (grant) => isOwn(grant, account) && (grant.through.namespace ?? undefined) === namespace,
  );
  const near = reaching.find(({ role }) => role.rules.some((rule) => isOfObject(rule, needs[0]))) ?? reaching[0];
  return near === undefined ? undefined : patched(near.role, additions(near.role, needs));
}

function isOfObject({ apiGroups, resources, resourceNames }: Rule, { group, resource, name }: Need): boolean {
  const names =
    name === undefined ? resourceNames.length === 0 : resourceNames.length === 1 && resourceNames[0] === name;
  return (
    apiGroups.length === 1 && apiGroups[0] === group && resources.length === 1 && resources[0] === resource && names
  );
}

function additions({ rules }: Role, needs: readonly [Need, ...Need[]]): object[] {
  const known = rules.findIndex((rule) => isOfObject(rule, needs[0]));
  if (known !== -1) return needs.map(({ verb }) => ({ op: 'add', path: `/rules/${known}/verbs/-`, value: verb }));
  const added = rulesFor(needs).map(manifestOf);
  if (rules.length === 0) return [{ op: 'add', path: '/rules', value: added }];
  return added.map((value) => ({ op: 'add', path: '/rules/-', value }));
}

function patched(role: Role, operations: readonly object[]): string {
  return `${on(role, 'patch')} --type=json -p ${shellWord(JSON.stringify(operations))}`;
}

/**
 * The command that makes a role of its own for an account, and binds it.
 * @param needs all in the whole cluster, or all in one namespace.
 */
export function createCommand(needs: readonly Need[], account: string): string {
  const [, , ofAccount = '', subject = ''] = account.split(':');
  const namespace = needs[0]?.namespace;
  const kind = namespace === undefined ? 'ClusterRole' : 'Role';
  const metadata = { name: subject, ...(namespace === undefined ? {} : { namespace }) };
  const apiGroup = 'rbac.authorization.k8s.io';
  const items = [
    { apiVersion: `${apiGroup}/v1`, kind, metadata, rules: rulesFor(needs).map(manifestOf) },
    {
      apiVersion: `${apiGroup}/v1`,
      kind: `${kind}Binding`,
      metadata,
      roleRef: { apiGroup, kind, name: subject },
      subjects: [{ kind: 'ServiceAccount', namespace: ofAccount, name: subject }],
    },
  ];
  return `echo ${shellWord(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))} | kubectl apply --server-side -f -`;
}

/** What an account has too much of, and where: `at` is the rule of the role. */
export type Excess = { grant: Grant; at: number; needed: readonly Need[] };

/** The command that takes out of a role what is not needed; undefined where the role is not the account's alone. */
export function narrowCommand({ grant, at, needed }: Excess, account: string): string | undefined {
  const { role, through } = grant;
  const rule = role.rules[at];
  if (rule === undefined) return undefined;
  if (!isOwn(grant, account)) return unbindCommand(through, account);
  const path = `/rules/${at}`;
  // Another rule may stand there by the time somebody types this: what was typed before took one out.
  const same = { op: 'test', path, value: manifestOf(rule) };
  const kept = needed.filter((need) => allows(rule, need));
  const [first, ...more] = rulesFor(kept);
  if (first === undefined) return patched(role, [same, { op: 'remove', path }]);
  const rest = more.map((value) => ({ op: 'add', path: '/rules/-', value: manifestOf(value) }));
  return patched(role, [same, { op: 'replace', path, value: manifestOf(first) }, ...rest]);
}

/** Undefined where the binding is for others, too. */
function unbindCommand(through: Binding, account: string): string | undefined {
  const isAlone = through.subjects.every(({ kind, namespace, name }) => isSubject(kind, namespace, name, account));
  return isAlone ? on(through, 'delete') : undefined;
}

/**
 * The roles of ours that would give what is missing, each with what of it; what no such role gives stays. Where an account has
 * a role of its own in the whole cluster, or in its namespace, that one lacks something, and beside it no other is to be
 * bound but one that is lacking as a whole.
 * @param isLacking whether all that a role gives is missing.
 */
export function bindable(
  missing: readonly Need[],
  { unbound, grants }: Roles,
  account: string,
  isLacking: (role: Role) => boolean,
) {
  const found: { role: Role; bindings: readonly Binding[]; needs: Need[] }[] = [];
  let left = [...missing];
  const has = new Set(grants.filter((grant) => isOwn(grant, account)).map(({ through }) => through.namespace));
  const free = unbound.filter(({ role }) => !has.has(role.namespace) || isLacking(role));
  // The one that gives most goes first: the controller's role holds more than the CronJob's.
  for (const { role, bindings } of free.toSorted((a, b) => served(b.role, left) - served(a.role, left))) {
    const needs = left.filter((need) => serves(role, bindings[0], need));
    if (needs.length === 0) continue;
    found.push({ role, bindings, needs });
    left = left.filter((need) => !needs.includes(need));
  }
  return { found, left };
}

function served(role: Role, needs: readonly Need[]): number {
  return needs.filter((need) => serves(role, undefined, need)).length;
}

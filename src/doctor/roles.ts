import { bindingOf, isBoundTo, roleOf, type Binding, type Grant, type Role, type Roles } from '../core/doctor/roles.ts';
import { answered, type Driving } from '../serving/drive.ts';
import { eachItem } from './pages.ts';
import type { Asked } from './deps.ts';

const rbac = '/apis/rbac.authorization.k8s.io/v1';
/** Those for people (deploy/operators) are managed by nobody. */
const shipped = `labelSelector=${encodeURIComponent('app.kubernetes.io/name=ecr-cred-helper,app.kubernetes.io/managed-by')}`;

/**
 * Reads what an account is granted in the whole cluster and in one namespace, and which roles of ours are bound to it not at
 * all. Undefined where not all of that may be read: what to do about a role is not said of half of them.
 */
export async function gatherRoles(
  own: Asked,
  account: string,
  namespace: string,
  deps: Driving,
  signal: AbortSignal,
): Promise<Roles | undefined> {
  const within = `${rbac}/namespaces/${encodeURIComponent(namespace)}`;
  const bindings: Binding[] = [];
  const ours: Role[] = [];
  const unseen = [
    await eachItem(own, { path: `${rbac}/clusterrolebindings` }, deps, signal, (item) =>
      bindings.push(bindingOf('ClusterRoleBinding', item)),
    ),
    await eachItem(own, { path: `${within}/rolebindings` }, deps, signal, (item) =>
      bindings.push(bindingOf('RoleBinding', item)),
    ),
    await eachItem(own, { path: `${rbac}/clusterroles?${shipped}` }, deps, signal, (item) =>
      ours.push(roleOf('ClusterRole', item)),
    ),
    await eachItem(own, { path: `${within}/roles?${shipped}` }, deps, signal, (item) =>
      ours.push(roleOf('Role', item)),
    ),
  ].find((why) => why !== undefined);
  if (unseen !== undefined) return undefined;
  // Older releases of the manifests have no labels.
  for (const kind of ['ClusterRole', 'Role'] as const) {
    const name = account.split(':').at(-1) ?? '';
    const role = await roleNamed(own, { kind, name }, namespace, deps, signal);
    if (role === 'unseen') return undefined;
    if (role !== undefined && !ours.some((known) => known.kind === kind && known.name === name)) ours.push(role);
  }
  const grants: Grant[] = [];
  for (const through of bindings.filter((binding) => isBoundTo(binding, account))) {
    const role = await roleNamed(own, through.role, through.namespace, deps, signal);
    if (role === 'unseen') return undefined;
    if (role !== undefined) grants.push({ role, through, bindings: bindings.filter((one) => isTo(one, role)) });
  }
  const unbound = ours
    .filter((role) => !grants.some((grant) => isTo(grant.through, role)))
    .map((role) => ({ role, bindings: bindings.filter((one) => isTo(one, role)) }));
  return { grants, unbound };
}

function isTo({ role, namespace }: Binding, { kind, name, namespace: of }: Role): boolean {
  return role.kind === kind && role.name === name && (kind === 'ClusterRole' || namespace === of);
}

/** Undefined where there is none of that name, which grants nothing. */
async function roleNamed(
  own: Asked,
  { kind, name }: Binding['role'],
  namespace: string | undefined,
  deps: Driving,
  signal: AbortSignal,
): Promise<Role | 'unseen' | undefined> {
  const at = kind === 'ClusterRole' ? 'clusterroles' : `namespaces/${encodeURIComponent(namespace ?? '')}/roles`;
  const reply = await answered(
    () => own.read(`${rbac}/${at}/${encodeURIComponent(name)}`, 'whole', signal),
    deps,
    signal,
  );
  if (reply.kind === 'answer' && reply.status === 200) return roleOf(kind, reply.body);
  return reply.kind === 'answer' && reply.status === 404 ? undefined : 'unseen';
}

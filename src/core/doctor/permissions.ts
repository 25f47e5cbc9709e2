import { isRecord, whyNot, type ApiReply } from '../api/reply.ts';
import { couldNotLook, finding, type Finding } from './finding.ts';
import { bindable, bindCommand, createCommand, grantCommand, narrowCommand } from './role-remedies.ts';
import { plainWord } from '../text/shell.ts';
import { roleOf, type Need, type Role, type Roles, type Rule } from './roles.ts';

/** How the program is run; each way has a role of its own. */
export type RunsAs = 'job' | 'controller';

/** The Lease by which a controller's replicas elect the one that writes, if they do. */
export type LeaseUse = { namespace: string; name: string; isUsed: boolean };

/** The program as it is installed, as far as its role depends on that. */
export type Installation = { runsAs: RunsAs; secretName: string; lease: LeaseUse };

const verbs: Readonly<Record<RunsAs, { namespaces: readonly string[]; secrets: readonly string[] }>> = {
  job: { namespaces: ['list'], secrets: ['create', 'patch', 'get'] },
  controller: { namespaces: ['list', 'watch'], secrets: ['create', 'patch', 'get', 'list', 'watch'] },
};

/** What the shipped role of a way to run allows, and has to. */
export function needsOf({ runsAs, secretName, lease }: Installation): Need[] {
  const { namespaces, secrets } = verbs[runsAs];
  const everywhere = [
    ...namespaces.map((verb) => ({ verb, group: '', resource: 'namespaces' })),
    ...secrets.map((verb) => ({ verb, group: '', resource: 'secrets', name: secretName })),
  ];
  if (runsAs === 'job') return everywhere;
  const events = { verb: 'create', group: 'events.k8s.io', resource: 'events' };
  return [...everywhere, events, ...(lease.isUsed ? leaseNeeds(lease) : [])];
}

function leaseNeeds({ namespace, name }: LeaseUse): Need[] {
  const lease = { group: 'coordination.k8s.io', resource: 'leases', namespace };
  // What is made has no name yet that a rule could hold it to.
  return [{ verb: 'create', ...lease }, ...['get', 'update', 'watch'].map((verb) => ({ verb, ...lease, name }))];
}

/** What a role may allow beyond the needs without being called wide: for what is switched on by an option. */
function extrasOf({ runsAs, secretName, lease }: Installation): Need[] {
  const secrets = ['list', 'delete'].map((verb) => ({ verb, group: '', resource: 'secrets', name: secretName }));
  return runsAs === 'job' ? secrets : [...secrets, ...leaseNeeds(lease)];
}

/** Whether a need is met: the answer to a SelfSubjectAccessReview. */
export type AccessFact = { need: Need; reply: ApiReply };

/** Whom the questions are about, and what it was granted; absent: nobody could look at the roles. */
export type Grantee = { account: string; roles?: Roles };

/** Which needs are met, and how those that are not can be: for each resource, with all verbs it lacks. */
export function findPermissions(facts: readonly AccessFact[], grantee: Grantee): Finding[] {
  const unknown = facts.find(({ reply }) => allowed(reply) === undefined);
  if (unknown !== undefined) {
    const why = whyNot(unknown.reply);
    const hint = 'Let it create selfsubjectaccessreviews; the ClusterRole system:basic-user allows that to everybody.';
    return [couldNotLook('kubernetes/permissions', 'SelfSubjectAccessReview', why, hint)];
  }
  const { roles = { grants: [], unbound: [] } } = grantee;
  const missing = facts.filter(({ reply }) => allowed(reply) === false).map(({ need }) => need);
  const isLacking = ({ rules }: Role) => wideRules(rules, missing).length === 0;
  const { found, left } = bindable(missing, roles, grantee.account, isLacking);
  const unbound = found.map((each) => findUnbound(each, grantee.account));
  const others = grouped(facts.filter(({ need }) => !missing.includes(need) || left.includes(need)));
  const lacking = others.map((group) => group.map(({ need }) => need)).map((needs) => lackOf(needs, left));
  return [...unbound, ...lacking.flatMap((lack) => ('ok' in lack ? [lack.ok] : [])), ...findLacks(lacking, grantee)];
}

function findUnbound(
  { role, bindings, needs }: ReturnType<typeof bindable>['found'][number],
  account: string,
): Finding {
  const at = role.namespace === undefined ? '' : ` in ${role.namespace}`;
  const looked = `${role.kind} ${role.name}${at}`;
  const found = `no binding gives it to ${account}, so it may not ${needsInWords(needs)}`;
  return finding('BindingMissing', { looked, found, command: bindCommand(role, bindings, account) });
}

function needsInWords(needs: readonly Need[]): string {
  const groups = Map.groupBy(needs, objectInWords);
  return [...groups].map(([object, group]) => `${group.map(({ verb }) => verb).join(', ')} ${object}`).join(', nor ');
}

type Lack = { ok: Finding } | { looked: string; missing: [Need, ...Need[]] };

function lackOf(needs: readonly Need[], left: readonly Need[]): Lack {
  const [first, ...more] = needs.filter((need) => left.includes(need));
  const looked = needsInWords(needs);
  if (first === undefined) return { ok: finding('PermissionGranted', { looked, found: 'allowed' }) };
  return { looked, missing: [first, ...more] };
}

/** Those for which a role has to be made are told together: each command would write over what the one before made. */
function findLacks(lacking: readonly Lack[], { account, roles }: Grantee): Finding[] {
  const lacks = lacking.flatMap((lack) => ('missing' in lack ? [lack] : []));
  const told = (looked: string, missing: readonly Need[], command: string) =>
    finding('PermissionMissing', { looked, found: `not allowed: ${needsInWords(missing)}`, command });
  if (roles === undefined) {
    return lacks.map(({ looked, missing: [first, ...more] }) => {
      const kind = first.namespace === undefined ? 'ClusterRole' : `Role in ${first.namespace}`;
      const rule = ruleFor(
        first,
        [first, ...more].map(({ verb }) => verb),
      );
      // An API server before 1.28 need not say who asks.
      const role = account === '' ? `its ${kind}` : `a ${kind} that is bound to ${account}`;
      return told(looked, [first, ...more], `Add to ${role}: ${rule}`);
    });
  }
  const granted = lacks.map((lack) => ({ ...lack, command: grantCommand(lack.missing, roles, account) }));
  const known = granted.flatMap(({ looked, missing, command }) =>
    command === undefined ? [] : [told(looked, missing, `Allow it: ${command}`)],
  );
  const homeless = granted.filter(({ command }) => command === undefined);
  const scopes = Map.groupBy(homeless, ({ missing: [{ namespace }] }) => namespace);
  const made = [...scopes.values()].map((scope) => {
    const needs = scope.flatMap(({ missing }) => missing);
    return told(scope.map(({ looked }) => looked).join(', '), needs, `Allow it: ${createCommand(needs, account)}`);
  });
  return [...known, ...made];
}

/** A rule as a line of YAML that can stand in a role. */
export function ruleFor({ group, resource, name }: Omit<Need, 'verb'>, verbs: readonly string[]): string {
  const names = name === undefined ? '' : `, resourceNames: [${name}]`;
  const groups = group === '' ? '""' : group;
  return `{apiGroups: [${groups}], resources: [${resource}]${names}, verbs: [${verbs.join(', ')}]}`;
}

/** True or false as the server decided, undefined where it did not. */
export function allowed(reply: ApiReply): boolean | undefined {
  if (reply.kind === 'broken' || (reply.status !== 200 && reply.status !== 201)) return undefined;
  const status = isRecord(reply.body) ? reply.body['status'] : undefined;
  const decision = isRecord(status) ? status['allowed'] : undefined;
  return typeof decision === 'boolean' ? decision : undefined;
}

function grouped(facts: readonly AccessFact[]): [AccessFact, ...AccessFact[]][] {
  const groups = new Map<string, [AccessFact, ...AccessFact[]]>();
  for (const fact of facts) {
    const key = objectInWords(fact.need);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [fact]);
    else group.push(fact);
  }
  return [...groups.values()];
}

function objectInWords({ group, resource, name, namespace }: Omit<Need, 'verb'>): string {
  const kind = group === '' ? resource : `${resource}.${group}`;
  const named = name === undefined ? kind : `${kind} "${name}"`;
  if (namespace !== undefined) return `${named} in ${namespace}`;
  return resource === 'namespaces' ? named : `${named} in every namespace`;
}

/**
 * What the account may do beyond the needs.
 * @param installations all that run as this account: what one of them needs is not too much.
 */
export function findExcess(reply: ApiReply, installations: readonly Installation[], grantee: Grantee): Finding[] {
  const needs = allowableFor(installations);
  const { account } = grantee;
  const looked = `SelfSubjectRulesReview of ${account}`;
  const review = rulesOf(reply);
  if (review === undefined) {
    const hint = 'Let it create selfsubjectrulesreviews; the ClusterRole system:basic-user allows that to everybody.';
    return [couldNotLook('kubernetes/excess', looked, whyNot(reply), hint)];
  }
  const wide = wideRules(review.rules, needs);
  // A rule may come from two roles; it is told once. The last goes first: taking it out moves none of the others.
  const told = [...new Map(wide.map((each) => [each.beyond, each])).values()].toReversed();
  const excess = told.map(({ rule, beyond }) => {
    const found = `it allows more than is needed: ${beyond}`;
    return finding('RoleAllowsMore', { looked, found, remedy: narrower(rule, needs, grantee) });
  });
  if (excess.length > 0 || review.incomplete) return excess;
  return [finding('RoleIsTight', { looked, found: 'it allows nothing that is not needed' })];
}

function wideRules(rules: readonly Rule[], needs: readonly Need[]): { rule: Rule; beyond: string }[] {
  return rules.flatMap((rule) => {
    const beyond = excessOf(rule, needs);
    return beyond.length === 0 ? [] : [{ rule, beyond: beyond.join('; ') }];
  });
}

/** What the account may do beyond the needs, in words; nothing where that cannot be read. */
export function excessIn(reply: ApiReply, installations: readonly Installation[]): string[] {
  return wideRules(rulesOf(reply)?.rules ?? [], allowableFor(installations)).map(({ beyond }) => beyond);
}

function allowableFor(installations: readonly Installation[]): Need[] {
  return installations.flatMap((each) => [...needsOf(each), ...extrasOf(each)]);
}

function narrower(rule: Rule, needs: readonly Need[], { account, roles }: Grantee): string {
  const places = (roles?.grants ?? []).flatMap((grant) =>
    grant.role.rules.flatMap((own, at) => (isSame(own, rule) ? [{ grant, at, needed: keptOf(own, needs) }] : [])),
  );
  const commands = places.map((place) => narrowCommand(place, account));
  const [place] = places;
  if (place === undefined || commands.includes(undefined)) {
    return `Take that, and nothing else, out of the role that grants it. Every rule there is: kubectl auth can-i --list --as=${account}`;
  }
  const { kind, name } = place.grant.role;
  const which = plainWord(name) === undefined ? `the ${kind} that grants it` : `${kind} ${name}`;
  return `Take that, and nothing else, out of ${which}: ${commands.join(' && ')}`;
}

/** What of a rule may stay: what is needed, and of what options need what it names. */
function keptOf({ verbs }: Rule, needs: readonly Need[]): Need[] {
  return verbs.includes('*')
    ? needs.filter(({ verb, resource }) => resource !== 'secrets' || verb !== 'delete')
    : [...needs];
}

function isSame(a: Rule, b: Rule): boolean {
  const sorted = ({ verbs, apiGroups, resources, resourceNames }: Rule) =>
    JSON.stringify([verbs, apiGroups, resources, resourceNames].map((words) => words.toSorted(byLetters)));
  return sorted(a) === sorted(b);
}

function byLetters(a: string, b: string): number {
  return a < b ? -1 : 1;
}

function rulesOf(reply: ApiReply): { rules: readonly Rule[]; incomplete: boolean } | undefined {
  if (reply.kind === 'broken' || !isRecord(reply.body) || !isRecord(reply.body['status'])) return undefined;
  const { resourceRules, incomplete } = reply.body['status'];
  if (!Array.isArray(resourceRules)) return undefined;
  const { rules } = roleOf('ClusterRole', { rules: resourceRules });
  return { rules, incomplete: incomplete === true };
}

/** What every account may do, since Kubernetes itself grants it. */
const ofEverybody: readonly Need[] = [
  { verb: 'create', group: 'authorization.k8s.io', resource: 'selfsubjectaccessreviews' },
  { verb: 'create', group: 'authorization.k8s.io', resource: 'selfsubjectrulesreviews' },
  { verb: 'create', group: 'authentication.k8s.io', resource: 'selfsubjectreviews' },
  // Granted by some releases and distributions to service accounts.
  { verb: 'get', group: 'certificates.k8s.io', resource: 'clustertrustbundles' },
  { verb: 'list', group: 'certificates.k8s.io', resource: 'clustertrustbundles' },
  { verb: 'watch', group: 'certificates.k8s.io', resource: 'clustertrustbundles' },
];

/** What of a rule nothing here needs, in words: the verbs that it has too much for each of its resources. */
function excessOf(rule: Rule, needs: readonly Need[]): string[] {
  const { apiGroups, resources, resourceNames, verbs } = rule;
  return apiGroups.flatMap((group) =>
    resources.flatMap((resource) => {
      const beyond = verbs.filter((verb) => !isNeeded({ verb, group, resource }, resourceNames, needs));
      if (beyond.length === 0) return [];
      const named =
        resourceNames.length === 0 ? '' : ` ${resourceNames.map((name) => JSON.stringify(name)).join(', ')}`;
      return [`${beyond.join(', ')} ${group === '' ? resource : `${resource}.${group}`}${named}`];
    }),
  );
}

function isNeeded({ verb, group, resource }: Need, names: readonly string[], needs: readonly Need[]): boolean {
  return [...needs, ...ofEverybody].some(
    (need) =>
      need.group === group &&
      need.resource === resource &&
      need.verb === verb &&
      (need.name === undefined || (names.length > 0 && names.every((name) => name === need.name))),
  );
}

/**
 * How an account is used of which no more is known than its rules, a SelfSubjectRulesReview of its own namespace: nothing but the
 * controller asks for leases.
 */
export function useShownBy(reply: ApiReply, secretName: string, namespace: string): Installation {
  const leases = rulesOf(reply)?.rules.filter(({ resources }) => resources.includes('leases')) ?? [];
  const [name = usualLease] = leases.flatMap(({ resourceNames }) => resourceNames);
  const runsAs = leases.length > 0 ? 'controller' : 'job';
  return { runsAs, secretName, lease: { namespace, name, isUsed: true } };
}

const usualLease = 'ecr-cred-helper';

import { isRecord, whyNot, type ApiReply } from '../api/reply.ts';
import { couldNotLook, finding, type Finding } from './finding.ts';

/** How the program is run; each way has a role of its own. */
export type RunsAs = 'job' | 'controller';

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

/** The program as it is installed, as far as its role depends on that. */
export type Installation = { runsAs: RunsAs; secretName: string; namespace: string };

const verbs: Readonly<Record<RunsAs, { namespaces: readonly string[]; secrets: readonly string[] }>> = {
  job: { namespaces: ['list'], secrets: ['create', 'patch', 'get'] },
  controller: { namespaces: ['list', 'watch'], secrets: ['create', 'patch', 'get', 'list', 'watch'] },
};

/** What the shipped role of a way to run allows, and has to. */
export function needsOf({ runsAs, secretName, namespace }: Installation): Need[] {
  const { namespaces, secrets } = verbs[runsAs];
  const everywhere = [
    ...namespaces.map((verb) => ({ verb, group: '', resource: 'namespaces' })),
    ...secrets.map((verb) => ({ verb, group: '', resource: 'secrets', name: secretName })),
  ];
  if (runsAs === 'job') return everywhere;
  const lease = { group: 'coordination.k8s.io', resource: 'leases', namespace };
  return [
    ...everywhere,
    { verb: 'create', group: 'events.k8s.io', resource: 'events' },
    // What is made has no name yet that a rule could hold it to.
    { verb: 'create', ...lease },
    ...['get', 'update', 'watch'].map((verb) => ({ verb, ...lease, name: 'ecr-cred-helper' })),
  ];
}

/** What a role may allow beyond the needs without being called wide: for what is switched on by an option. */
function extrasOf({ secretName }: Pick<Installation, 'secretName'>): Need[] {
  return ['list', 'delete'].map((verb) => ({ verb, group: '', resource: 'secrets', name: secretName }));
}

/** Whether a need is met: the answer to a SelfSubjectAccessReview. */
export type AccessFact = { need: Need; reply: ApiReply };

/** Which needs are met, and the rule to add for those that are not: one for each resource, with all verbs it lacks. */
export function findPermissions(facts: readonly AccessFact[]): Finding[] {
  const unknown = facts.find(({ reply }) => allowed(reply) === undefined);
  if (unknown !== undefined) {
    const why = whyNot(unknown.reply);
    const hint = 'Let it create selfsubjectaccessreviews; the ClusterRole system:basic-user allows that to everybody.';
    return [couldNotLook('kubernetes/permissions', 'SelfSubjectAccessReview', why, hint)];
  }
  return grouped(facts).map((group) => {
    const [{ need }] = group;
    const missing = group.filter(({ reply }) => allowed(reply) === false).map(({ need }) => need.verb);
    const looked = `${group.map(({ need }) => need.verb).join(', ')} ${objectInWords(need)}`;
    if (missing.length === 0) return finding('PermissionGranted', { looked, found: 'allowed' });
    const kind = need.namespace === undefined ? 'ClusterRole' : `Role in ${need.namespace}`;
    const found = `not allowed: ${missing.join(', ')} ${objectInWords(need)}`;
    return finding('PermissionMissing', { looked, found, kind, rule: ruleFor(need, missing) });
  });
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

/** A rule as a SelfSubjectRulesReview lists it. */
type Rule = { verbs: string[]; apiGroups: string[]; resources: string[]; resourceNames: string[] };

/** What the account may do beyond the needs. `account` is as RBAC names it. */
export function findExcess(reply: ApiReply, installation: Installation, account: string): Finding[] {
  const needs = [...needsOf(installation), ...extrasOf(installation)];
  const looked = `SelfSubjectRulesReview of ${account}`;
  const review = rulesOf(reply);
  if (review === undefined) {
    const hint = 'Let it create selfsubjectrulesreviews; the ClusterRole system:basic-user allows that to everybody.';
    return [couldNotLook('kubernetes/excess', looked, whyNot(reply), hint)];
  }
  const beyond = [...new Set(review.rules.filter((rule) => !isNeeded(rule, needs)).map(ruleInWords))];
  const excess = beyond.map((rule) =>
    finding('RoleAllowsMore', { looked, found: `it allows more than is needed: ${rule}`, account }),
  );
  if (excess.length > 0 || review.incomplete) return excess;
  return [finding('RoleIsTight', { looked, found: 'it allows what is needed and nothing else' })];
}

function rulesOf(reply: ApiReply): { rules: Rule[]; incomplete: boolean } | undefined {
  if (reply.kind === 'broken' || !isRecord(reply.body) || !isRecord(reply.body['status'])) return undefined;
  const { resourceRules, incomplete } = reply.body['status'];
  if (!Array.isArray(resourceRules)) return undefined;
  const rules = resourceRules.filter(isRecord).map((rule) => ({
    verbs: texts(rule['verbs']),
    apiGroups: texts(rule['apiGroups']),
    resources: texts(rule['resources']),
    resourceNames: texts(rule['resourceNames']),
  }));
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

function isNeeded(rule: Rule, needs: readonly Need[]): boolean {
  return rule.apiGroups.every((group) =>
    rule.resources.every((resource) =>
      rule.verbs.every((verb) =>
        [...needs, ...ofEverybody].some(
          (need) =>
            need.group === group &&
            need.resource === resource &&
            need.verb === verb &&
            (need.name === undefined ||
              (rule.resourceNames.length > 0 && rule.resourceNames.every((name) => name === need.name))),
        ),
      ),
    ),
  );
}

function ruleInWords({ verbs, apiGroups, resources, resourceNames }: Rule): string {
  const groups = apiGroups.map((group) => (group === '' ? '""' : group)).join(', ');
  const names = resourceNames.length === 0 ? '' : `, resourceNames: [${resourceNames.join(', ')}]`;
  return `{apiGroups: [${groups}], resources: [${resources.join(', ')}]${names}, verbs: [${verbs.join(', ')}]}`;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

/** Whether a SelfSubjectRulesReview shows the role of the controller: nothing else asks for leases. */
export function mentionsLeases(reply: ApiReply): boolean {
  return rulesOf(reply)?.rules.some(({ resources }) => resources.includes('leases')) === true;
}

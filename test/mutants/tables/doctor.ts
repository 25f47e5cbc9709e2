import type { Mutated } from '../mutant.ts';

export const coreDoctor: readonly Mutated[] = [
  {
    file: 'core/doctor/aws.ts',
    seenBy: ['core/doctor/aws'],
    decisions: [
      {
        breaks: 'A clock that AWS refuses is a problem',
        stands: "if (difference >= refusedMs) return [finding('ClockSkewed', { looked, found })];",
        becomes: '',
      },
      {
        breaks: 'A clock that is behind is found as well as one that is ahead',
        stands: 'const difference = Math.abs(aheadMs);',
        becomes: 'const difference = aheadMs;',
      },
      {
        breaks: 'Missing credentials are told once',
        stands: "if (identity.kind === 'noCredentials' && identity.failure.code === result.failure.code) return [];",
        becomes: '',
      },
      {
        breaks: 'A permission that is missing is told with the statement that allows it',
        stands: 'lackedPermission(looked, result.failure) ??',
        becomes: 'undefined ??',
      },
      {
        breaks: 'A registry of another partition is a problem',
        stands: 'if (registry.partition !== partition) {',
        becomes: "if (registry.partition === '') {",
      },
      {
        breaks: 'A registry of another account is told of',
        stands: 'if (registry.account !== account) {',
        becomes: "if (registry.account === '') {",
      },
    ],
  },
  {
    file: 'core/doctor/kubernetes.ts',
    seenBy: ['core/doctor/kubernetes'],
    decisions: [
      {
        breaks: 'A server that is too old is a problem',
        stands: 'if (minor < oldestMinor) {',
        becomes: 'if (minor < 0) {',
      },
      {
        breaks: 'A server that nobody has tested is told of',
        stands: 'if (minor > testedMinor + 1) {',
        becomes: 'if (minor > 1000) {',
      },
      {
        breaks: 'What an administrator may do says little of what the program may',
        stands: "if (isServiceAccount(name)) return [finding('AskedAs', { looked, found: name })];",
        becomes: "if (name !== '') return [finding('AskedAs', { looked, found: name })];",
      },
      {
        breaks: 'An account that does not exist is found',
        stands: "if (account?.kind === 'answer' && account.status === 404) {",
        becomes: "if (account?.kind === 'answer' && account.status === 999) {",
      },
      {
        breaks: 'An account that we may not speak for is found',
        stands: "return message.includes('cannot impersonate') ? message : undefined;",
        becomes: 'return undefined;',
      },
    ],
  },
  {
    file: 'core/doctor/namespaces.ts',
    seenBy: ['core/doctor/namespaces'],
    decisions: [
      {
        breaks: 'A label that is mistyped is found',
        stands: 'editDistance(name.toLowerCase(), wanted.toLowerCase()) <= most',
        becomes: 'editDistance(name.toLowerCase(), wanted.toLowerCase()) <= 0',
      },
      {
        breaks: 'A label of another registry is not taken for a mistake',
        stands: 'value.length !== wanted.length || lettersOf(value) === lettersOf(wanted) || wanted.length > 5',
        becomes: 'value !== wanted',
      },
      {
        breaks: 'An annotation in place of a label is found',
        stands: 'return annotations[wanted.name] === wanted.value',
        becomes: "return annotations[wanted.name] === ''",
      },
      {
        breaks: 'A list that is not whole does not mean that nothing matches',
        stands: 'incomplete === undefined || serving.length > 0 ? findMatching(',
        becomes: 'serving.length >= 0 ? findMatching(',
      },
      {
        breaks: 'A namespace that would refuse the secret is a problem',
        stands: "const refusal = failed('namespaces/admission', failure);",
        becomes: "const refusal = { ...failed('namespaces/admission', failure), severity: 'note' as const };",
      },
    ],
  },
  {
    file: 'core/doctor/permissions.ts',
    seenBy: ['core/doctor/permissions'],
    decisions: [
      {
        breaks: 'What another that runs as the account needs is not too much',
        stands: 'return installations.flatMap((each)',
        becomes: 'return installations.slice(0, 1).flatMap((each)',
      },
      {
        breaks: 'A permission that is missing is found',
        stands: 'allowed(reply) === false).map(',
        becomes: 'allowed(reply) === null).map(',
      },
      {
        breaks: 'A role that mentions leases is the one of the controller',
        stands: "leases.length > 0 ? 'controller' : 'job'",
        becomes: "leases.length > 1 ? 'controller' : 'job'",
      },
      {
        breaks: 'A controller that elects nobody needs no Lease',
        stands: '...(lease.isUsed ? leaseNeeds(lease) : [])',
        becomes: '...leaseNeeds(lease)',
      },
      {
        breaks: 'A permission that cannot be asked for is no missing one',
        stands: "typeof decision === 'boolean' ? decision : undefined",
        becomes: 'decision === true',
      },
      {
        breaks: 'A role that names no secret allows too much',
        stands: '(names.length > 0 && names.every((name) => name === need.name))',
        becomes: 'names.every((name) => name === need.name)',
      },
      {
        breaks: 'A role with another verb allows too much',
        stands: '      need.verb === verb &&\n',
        becomes: '',
      },
      {
        breaks: 'A role of which not all is told is not called tight',
        stands: 'if (excess.length > 0 || review.incomplete) return excess;',
        becomes: 'if (excess.length > 0) return excess;',
      },
    ],
  },
  {
    file: 'core/doctor/pods.ts',
    seenBy: ['core/doctor/pods'],
    decisions: [
      {
        breaks: 'A pod in a namespace without the label is told why it waits',
        stands: 'if (!labelled.has(namespace)) {',
        becomes: 'if (labelled.has(`${namespace}/`)) {',
      },
      {
        breaks: 'A pod that does not name the secret is told why it waits',
        stands: 'if (!pod.pullSecrets.includes(secretName)) return',
        becomes: 'if (pod.pullSecrets === undefined) return',
      },
      {
        breaks: 'Pods of one Deployment that are alike are one finding',
        stands: 'JSON.stringify([namespace, owner ?? name, image]),',
        becomes: 'JSON.stringify([namespace, name, image]),',
      },
      {
        breaks: 'Nobody is told to label a namespace of the cluster itself',
        stands: "namespace.startsWith('kube-') || (hosts.length",
        becomes: '(hosts.length',
      },
      {
        breaks: 'What a ServiceAccount names besides stays',
        stands: 'const names = [...pullSecrets.filter((each) => each !== mistyped), secretName];',
        becomes: 'const names = [secretName];',
      },
      {
        breaks: 'A pod that waits for an image of others is passed over',
        stands: ' || parseRegistryHost(host) === undefined) continue;',
        becomes: ') continue;',
      },
    ],
  },
  {
    file: 'core/doctor/pull-secrets.ts',
    seenBy: ['core/doctor/pull-secrets'],
    decisions: [
      {
        breaks: 'What the program alone wrote before is no data of others',
        stands: '|| (managedByUs && isOursAlone) ?',
        becomes: '?',
      },
      {
        breaks: 'What others own beside us is no data of ours',
        stands: 'owners.length > 0 && owners.every(',
        becomes: 'owners.length > 0 || owners.every(',
      },
      {
        breaks: 'An expired secret is found',
        stands: 'if (expiresAtMs !== undefined && expiresAtMs <= nowMs) {',
        becomes: 'if (expiresAtMs === 0) {',
      },
      {
        breaks: 'A secret that lacks a registry is found',
        stands: 'if (lacking.length > 0) {',
        becomes: 'if (lacking.length > 1e9) {',
      },
      {
        breaks: 'A secret that should have been renewed is found',
        stands: 'expiresAtMs - nowMs < expiringMs) {',
        becomes: 'expiresAtMs - nowMs < 0) {',
      },
      {
        breaks: 'Another writer of a secret is found',
        stands: 'ownsData && !own.includes(manager)',
        becomes: "ownsData && manager === ''",
      },
      {
        breaks: 'Who only labels a secret is no other writer',
        stands: 'ownsData && !own.includes(manager)',
        becomes: '!own.includes(manager)',
      },
      {
        breaks: 'What a pass would refuse to write over is found',
        stands: "if (others.length === 0 || onConflict !== 'refuse') return undefined;",
        becomes: "if (others.length >= 0 || onConflict !== 'refuse') return undefined;",
      },
    ],
  },
  {
    file: 'core/doctor/registry.ts',
    seenBy: ['core/doctor/registry'],
    decisions: [
      {
        breaks: 'A registry that is unwell is told from one that refuses the token',
        stands: "if (reply.status === 429 || reply.status >= 500) return finding('RegistryUnwell'",
        becomes: "if (reply.status === 999) return finding('RegistryUnwell'",
      },
      {
        breaks: 'A registry that is not trusted is told from one that is away',
        stands: "if (reply.cause === 'TlsUntrusted') return finding('RegistryTlsUntrusted', facts);",
        becomes: "if (reply.cause === 'TlsUntrusted') return finding('RegistryUnreachable', facts);",
      },
      {
        breaks: 'A repository that is missing is told from a tag that is',
        stands: "? 'RepositoryMissing' : 'ImageMissing'",
        becomes: "? 'ImageMissing' : 'ImageMissing'",
      },
      {
        breaks: 'A pull that is denied is told with the statement that allows it',
        stands: 'if (reply.status === 401 || reply.status === 403) {',
        becomes: 'if (reply.status === 999) {',
      },
    ],
  },
  {
    file: 'core/doctor/workload.ts',
    seenBy: ['core/doctor/workload'],
    decisions: [
      {
        breaks: 'A CronJob that was made a moment ago has missed nothing',
        stands: 'if (createdMs + gapMs + graceMs >= nowMs) {',
        becomes: 'if (createdMs >= nowMs) {',
      },
      {
        breaks: 'Nobody is told to run a pod beside one that cannot start',
        stands: 'if (stuck.some((pod) => pod.workload === workload)) return',
        becomes: 'if (stuck.length > 1e9) return',
      },
      {
        breaks: 'A schedule that lets the token run out is a problem',
        stands: 'if (gapMs >= tokenLifeMs) {',
        becomes: 'if (gapMs >= 1e12) {',
      },
      {
        breaks: 'A schedule that leaves no room for a failed run is told of',
        stands: 'if (gapMs * 2 >= tokenLifeMs) {',
        becomes: 'if (gapMs >= tokenLifeMs) {',
      },
      {
        breaks: 'A run that failed last is a problem',
        stands: 'if (last?.failed === true && last.endedMs > (lastSuccessMs ?? 0)) return',
        becomes: 'if (last?.failed === true && last.endedMs > 1e15) return',
      },
      {
        breaks: 'A run that is overdue is a problem',
        stands: 'if (dueMs >= nowMs) {',
        becomes: 'if (dueMs >= 0) {',
      },
      {
        breaks: 'A CronJob that is suspended is a problem',
        stands: '  if (cronJob.suspended)\n',
        becomes: '  if (cronJob.suspended === null)\n',
      },
      {
        breaks: 'A Deployment of which nothing is ready is a problem',
        stands: 'if (ready === 0) {',
        becomes: 'if (ready < 0) {',
      },
      {
        breaks: 'An image whose tag moves is told of',
        stands: "if (tag !== '' && !movingTag.test(tag)) return",
        becomes: "if (tag !== '') return",
      },
    ],
  },
  {
    file: 'core/doctor/cron-schedule.ts',
    seenBy: ['core/doctor/cron-schedule'],
    decisions: [
      {
        breaks: 'Where both days of a schedule are restricted either is enough',
        stands: 'dayFits && weekdayFits : dayFits || weekdayFits',
        becomes: 'dayFits && weekdayFits : dayFits && weekdayFits',
      },
      {
        breaks: 'A run in the hour that a clock change leaves out is not counted',
        stands: 'offset === undefined ? zone.instants(day, minutes) :',
        becomes: 'offset === null ? zone.instants(day, minutes) :',
      },
      {
        breaks: 'A zone in the schedule goes before that of the CronJob',
        stands: "zoneOffsets(zone ?? timeZone ?? 'UTC')",
        becomes: "zoneOffsets(timeZone ?? zone ?? 'UTC')",
      },
    ],
  },
  {
    file: 'core/doctor/report.ts',
    seenBy: ['core/doctor/report'],
    decisions: [
      {
        breaks: 'Doctor ends with 5 where something is to be fixed',
        stands: "some(({ severity }) => severity === 'problem') ? 5 : 0",
        becomes: "every(({ severity }) => severity === 'problem') ? 5 : 0",
      },
      {
        breaks: 'Many of one kind do not fill the screen',
        stands: 'const mostOfAKind = 3;',
        becomes: 'const mostOfAKind = 1e9;',
      },
    ],
  },
];

export const doctor: readonly Mutated[] = [
  {
    file: 'doctor/aws.ts',
    seenBy: ['doctor/aws: goes on where STS', 'doctor/aws: names missing credentials'],
    decisions: [
      {
        breaks: 'Doctor goes on where STS does not answer',
        stands: "return { kind: 'unnamed', features: credentials.features, failure };",
        becomes: "return { kind: 'noCredentials', failure };",
      },
      {
        breaks: 'Missing credentials are known for what they are',
        stands: "if (credentials === undefined) return { kind: 'noCredentials', failure };",
        becomes: "if (credentials === undefined) return { kind: 'unnamed', features: [], failure };",
      },
    ],
  },
  {
    file: 'core/doctor/policies.ts',
    seenBy: ['core/doctor/policies'],
    decisions: [
      {
        breaks: 'A fence that only warns is no fence',
        stands: "actions.includes('Deny')",
        becomes: 'actions.length > 0',
      },
      {
        breaks: 'A binding of another policy does not bind the fence',
        stands: 'if (!denying.has(name))',
        becomes: 'if (denying.size === 0)',
      },
      {
        breaks: 'Nobody is told to apply a fence that would deny what the program has to write',
        stands: 'if (changes.length === 0) return install;',
        becomes: 'if (changes.length >= 0) return install;',
      },
      {
        breaks: 'A fence around another account is a problem',
        stands: 'if (judges !== expected.account) {',
        becomes: 'if (judges === undefined) {',
      },
      {
        breaks: 'A fence for another label or name is a problem',
        stands: 'if (has === wanted) return [];',
        becomes: 'if (has !== undefined) return [];',
      },
      {
        breaks: 'One fence of several that is right is enough',
        stands: 'return right ?? judged.flat();',
        becomes: 'return judged.flat();',
      },
      {
        breaks: 'What could not be seen is not taken for missing',
        stands: "if (unseen?.kind === 'unseen')",
        becomes: "if (unseen?.kind === 'listed')",
      },
      {
        breaks: 'A policy that gives pods another secret is a problem',
        stands: "if (!expressions.includes(`'name': '${secretName}'`))",
        becomes: 'if (expressions === undefined)',
      },
      {
        breaks: 'A policy for other namespaces is a problem',
        stands: 'if (labels[labelName] !== labelValue) {',
        becomes: 'if (labels[labelName] === undefined) {',
      },
    ],
  },
  {
    file: 'doctor/doctor.ts',
    seenBy: ['doctor/kubernetes: names'],
    decisions: [
      {
        breaks: 'Doctor looks at AWS though there is no cluster',
        stands: 'const subjects = seen?.subjects ?? [{ judged: machine, isTheirs: false }];',
        becomes: 'const subjects = seen?.subjects ?? [];',
      },
    ],
  },
  {
    file: 'core/doctor/pods.ts',
    seenBy: ['doctor/tenants'],
    decisions: [
      {
        breaks: 'No name that a tenant gave is a command in a shell',
        stands: '${owner.kind} ${shellWord(owner.name)} -p',
        becomes: '${owner.kind} ${owner.name} -p',
      },
    ],
  },
  {
    file: 'core/doctor/permissions.ts',
    seenBy: ['doctor/tenants'],
    decisions: [
      {
        breaks: 'No name of a role is taken for what is to be typed',
        stands: 'plainWord(name) === undefined ?',
        becomes: 'name === undefined ?',
      },
    ],
  },
  {
    file: 'core/doctor/shipped.ts',
    seenBy: ['core/doctor/installation', 'core/doctor/policies'],
    decisions: [
      {
        breaks: 'The other values of a release stay as they are',
        stands: '--reset-then-reuse-values ',
        becomes: '',
      },
    ],
  },
  {
    file: 'core/doctor/workload-facts.ts',
    seenBy: ['core/doctor/workload'],
    decisions: [
      {
        breaks: 'What Helm installed is changed by Helm, but for a dependency of another chart',
        stands: 'if (!isHelms || !isHere || !releaseName.test(name) || !chartVersion.test(version)) return {};',
        becomes: 'if (!isHelms || !isHere || !releaseName.test(name)) return {};',
      },
      {
        breaks: 'No annotation of a tenant has somebody type an upgrade of what is not theirs',
        stands: 'if (!isHelms || !isHere || !releaseName.test(name) || !chartVersion.test(version)) return {};',
        becomes: 'if (!isHelms || !releaseName.test(name) || !chartVersion.test(version)) return {};',
      },
      {
        breaks: 'No annotation of a tenant is a command in a shell',
        stands: 'if (!isHelms || !isHere || !releaseName.test(name) || !chartVersion.test(version)) return {};',
        becomes: 'if (!isHelms || !isHere || !name || !chartVersion.test(version)) return {};',
      },
    ],
  },
  {
    file: 'doctor/doctor.ts',
    seenBy: ['doctor/remedies', 'doctor/well'],
    decisions: [
      {
        breaks: 'AWS is asked with the key that the pods are given',
        stands: 'checkAws(settings, deps.aws(key), {',
        becomes: 'checkAws(settings, deps.aws(), {',
      },
    ],
  },
  {
    file: 'doctor/around.ts',
    seenBy: ['doctor/kubernetes: names'],
    decisions: [
      {
        breaks: 'A cluster that does not answer is not asked further',
        stands: 'if (!isThere) return { server, isPod, subjects: [{ judged: machine, isTheirs: false }] };',
        becomes: '',
      },
    ],
  },
  {
    file: 'doctor/around.ts',
    seenBy: ['doctor/remedies', 'doctor/well'],
    decisions: [
      {
        breaks: 'What the pods are given is judged, not what the machine has',
        stands: 'const judged = isUnseen ? machine : judge({ argv, env, origins, readFile });',
        becomes: 'const judged = machine;',
      },
      {
        breaks: 'In a pod its own settings are those that are judged',
        stands: 'const looked = isPod ? [] :',
        becomes: 'const looked =',
      },
    ],
  },
  {
    file: 'core/doctor/explained.ts',
    seenBy: ['core/doctor/explained'],
    decisions: [
      {
        breaks: 'A pod that waits for something else than an image is told so',
        stands: 'const others = waits.filter(({ reason }) => !ofImages.has(reason));',
        becomes: 'const others = waits.filter(({ reason }) => reason === 0);',
      },
      {
        breaks: 'An image of another registry is none of ours',
        stands: 'isPull(reason) && !isOfEcr(image)',
        becomes: 'isPull(reason) && image === 0',
      },
      {
        breaks: 'The last of several pulls tells when the next one is',
        stands: 'return pulls.sort((a, b) => b.lastMs - a.lastMs)[0];',
        becomes: 'return pulls.sort((a, b) => a.lastMs - b.lastMs)[0];',
      },
      {
        breaks: 'A kubelet waits no longer than five minutes',
        stands: 'Math.min(longestWaitMs, firstWaitMs * 2 ** (tries.times - 1))',
        becomes: 'firstWaitMs * 2 ** (tries.times - 1)',
      },
    ],
  },
  {
    file: 'doctor/explain.ts',
    seenBy: ['doctor/explain'],
    decisions: [
      {
        breaks: 'A secret that has expired is told before the registry is asked',
        stands: "state.some(({ severity, reason }) => severity === 'problem' ||",
        becomes: "state.some(({ severity, reason }) => severity === 'none' ||",
      },
      {
        breaks: 'A label that is missing is told',
        stands: 'new Set(labels[labelName] === labelValue ? [namespace] : [])',
        becomes: 'new Set([namespace])',
      },
      {
        breaks: 'The registry is asked with the login in the secret',
        stands: 'const reply = await askFor(name, token, registries, signal);',
        becomes: "const reply = { kind: 'answer', status: 200, body: {}, of: [askFor, token, registries, signal] };",
      },
      {
        breaks: 'The settings of what runs the program are those that count',
        stands: 'subject?.judged.settings ?? machine.settings;',
        becomes: 'machine.settings;',
      },
    ],
  },
  {
    file: 'core/doctor/installation.ts',
    seenBy: ['core/doctor/installation'],
    decisions: [
      {
        breaks: 'What a pod does not start without is missed',
        stands: 'if (reference.optional || !isLacking(reference, found)) continue;',
        becomes: 'if (reference.name !== reference.kind) continue;',
      },
      {
        breaks: 'What is optional is not missed',
        stands: 'if (reference.optional || !isLacking(reference, found)) continue;',
        becomes: 'if (!isLacking(reference, found)) continue;',
      },
      {
        breaks: 'A key that is there under a mistyped name is told of once',
        stands: '.filter(({ looked }) => !mistyped.has(looked)),',
        becomes: '.filter(({ looked }) => looked !== mistyped.size.toString()),',
      },
      {
        breaks: 'A key to AWS that is nowhere is missed, though the pod starts',
        stands: 'if (keyFiles(view).some((path) => view.readFile(path) !== undefined)) return [];',
        becomes: 'if (keyFiles(view).length > 0) return [];',
      },
      {
        breaks: 'A key is taken for mistyped only where the one that it might have been is not there',
        stands: 'const free = [...taken].filter((key) => !Object.hasOwn(holder.entries, key));',
        becomes: 'const free = [...taken];',
      },
      {
        breaks: 'The pods of a Deployment are made anew where their settings change',
        stands: "return kind === 'Deployment' ? ` &&",
        becomes: "return kind !== 'Deployment' ? ` &&",
      },
    ],
  },
  {
    file: 'core/doctor/pod-template.ts',
    seenBy: ['core/doctor/pod-template'],
    decisions: [
      {
        breaks: 'What a variable is given goes before what a whole ConfigMap gives',
        stands: "} else if (!isRecord(entry['valueFrom'])) set(",
        becomes: "} else if (!isRecord(entry['valueFrom']) && env[name] === undefined) set(",
      },
      {
        breaks: 'A template that starts something else is not taken for the program',
        stands: 'return program === -1 ? undefined :',
        becomes: 'return program === -1 ? args :',
      },
      {
        breaks: 'What a pod names itself goes before the annotation of its account',
        stands: "if (role !== '' && env['AWS_ROLE_ARN'] === undefined &&",
        becomes: "if (role !== '' &&",
      },
    ],
  },
  {
    file: 'core/doctor/role-remedies.ts',
    seenBy: ['core/doctor/permissions'],
    decisions: [
      {
        breaks: 'A role of the cluster itself is never changed for one account',
        stands: 'if (ofTheCluster.test(role.name)) return false;',
        becomes: '',
      },
      {
        breaks: 'A role that others have, too, is never changed for one account',
        stands: 'return role.isShipped || subjects.every(',
        becomes: 'return role.isShipped || subjects.some(',
      },
      {
        breaks: 'A rule is changed only while it is as it was seen',
        stands: "if (first === undefined) return patched(role, [same, { op: 'remove', path }]);",
        becomes: "if (first === undefined) return patched(role, [{ op: 'replace', path, value: same }]);",
      },
      {
        breaks: 'A binding that others have, too, is not taken away',
        stands: "return isAlone ? on(through, 'delete') : undefined;",
        becomes: "return on(through, 'delete');",
      },
    ],
  },
  {
    file: 'core/doctor/workload-facts.ts',
    seenBy: ['core/doctor/workload'],
    decisions: [
      {
        breaks: 'A job that has had a pod is not one whose pods are not let in',
        stands: ' || hasEnded || hasPods) return undefined;',
        becomes: ' || hasEnded) return undefined;',
      },
    ],
  },
  {
    file: 'core/doctor/pod-facts.ts',
    seenBy: ['core/doctor/workload'],
    decisions: [
      {
        breaks: 'What was last said of a pod that could not be made is told',
        stands: "text(said.at(-1)?.['message'])",
        becomes: "text(said.at(0)?.['message'])",
      },
      {
        breaks: 'A pod whose heap was full is told to lack memory',
        stands: "return reason === 'OOMKilled' || exitCode === heapIsFull;",
        becomes: "return reason === 'OOMKilled';",
      },
      {
        breaks: 'A pod that was killed for memory long ago is in order',
        stands: 'nowMs - endedMs < recentlyMs)',
        becomes: 'nowMs - endedMs < 1e15)',
      },
      {
        breaks: 'A pod that has no node is found',
        stands: "if (scheduled?.['status'] === 'False') {",
        becomes: "if (scheduled?.['status'] === 'Unknown') {",
      },
    ],
  },
  {
    file: 'doctor/namespaces.ts',
    seenBy: ['doctor/well', 'doctor/roles'],
    decisions: [
      {
        breaks: 'Doctor writes nothing: what it tries is a dry run',
        stands:
          'return { namespace, secretName: name, body, force: false, dryRun: true, fieldManager: fieldManagers.own };',
        becomes:
          'return { namespace, secretName: name, body, force: true, dryRun: false, fieldManager: fieldManagers.own };',
      },
      {
        breaks: 'What the namespaces would refuse is found',
        stands: '...(tried.length === 0 ? [] : findAdmission([...dryRuns.values()], by, refusing)),',
        becomes: '',
      },
    ],
  },
  {
    file: 'doctor/namespaces.ts',
    seenBy: ['doctor/pull-secrets: a run would be refused'],
    decisions: [
      {
        breaks: 'Nobody is told to run what would be refused',
        stands: "if (tried?.result !== 'refused') return false;",
        becomes: "if (tried?.result !== 'gone') return false;",
      },
    ],
  },
  {
    file: 'doctor/namespaces.ts',
    seenBy: ['doctor/pull-secrets: of one namespace'],
    decisions: [
      {
        breaks: 'Asked about one namespace, doctor looks at no other',
        stands: "const selected = only === undefined ? '' : `?fieldSelector=metadata.name%3D${only}`;",
        becomes: "const selected = '';",
      },
    ],
  },
  {
    file: 'doctor/workload.ts',
    seenBy: ['doctor/pull-secrets: of one namespace'],
    decisions: [
      {
        breaks: 'Asked about one namespace, doctor looks at the pods of no other',
        stands: "const within = namespace === undefined ? '' : `/namespaces/${namespace}`;",
        becomes: "const within = '';",
      },
    ],
  },
  {
    file: 'doctor/doctor.ts',
    seenBy: ['doctor/settings: may see little', 'doctor/remedies: an account that is not there|a key that'],
    decisions: [
      {
        breaks: 'Nobody is told to run what gets no token',
        stands: 'const hasToken = tokens.length > 0 || (installation !== undefined && key === undefined);',
        becomes: 'const hasToken = tokens.length >= 0 || (installation !== undefined && key === undefined);',
      },
      {
        breaks: 'Nobody is told to run what lacks its key',
        stands: 'const isWhole = installation === undefined || !isIncomplete(installation);',
        becomes: 'const isWhole = installation === undefined || isIncomplete !== undefined;',
      },
      {
        breaks: 'A key that is wrong is replaced where the installation has it',
        stands:
          'const giveKey = installation === undefined || key === undefined ? undefined : giveKeyCommand(installation);',
        becomes:
          'const giveKey = installation === undefined || key !== undefined ? undefined : giveKeyCommand(installation);',
      },
      {
        breaks: 'What was tried as ourselves is told as that',
        stands: "if (!canAsk) return 'ourselves';",
        becomes: '',
      },
      {
        breaks: 'An account that the installation lacks is told of once',
        stands: 'const whom = isSaid ? [] : who.findings;',
        becomes: 'const whom = who.findings;',
      },
    ],
  },
  {
    file: 'core/doctor/role-remedies.ts',
    seenBy: ['core/doctor/permissions', 'doctor/roles: run as deploy/controller'],
    decisions: [
      {
        breaks: 'One of two roles that is not bound is told as that',
        stands: '!has.has(role.namespace) || isLacking(role)',
        becomes: '!has.has(role.namespace)',
      },
      {
        breaks: 'No role that is too wide is bound beside one that lacks something',
        stands: '!has.has(role.namespace) || isLacking(role)',
        becomes: '!has.has(role.namespace) || role.rules.length > 0',
      },
    ],
  },
  {
    file: 'doctor/pages.ts',
    seenBy: ['doctor/pages'],
    decisions: [
      {
        breaks: 'What doctor looks at is bounded, and it says so',
        stands: 'if (isEnough && continueToken !== undefined) return',
        becomes: 'if (isEnough && continueToken === null) return',
      },
      {
        breaks: 'Why a list is not whole is told',
        stands: '(failure) => (why = failure.why)',
        becomes: '() => {}',
      },
    ],
  },
  {
    file: 'doctor/registries.ts',
    seenBy: ['doctor/registry: asked for an image'],
    decisions: [
      {
        breaks: 'A pull is tried by a HEAD, which counts as no pull',
        stands: "if (head.kind === 'broken' || head.status === 200) return head;",
        becomes: "if (head.kind === 'broken' || head.kind === 'answer') return head;",
      },
    ],
  },
  {
    file: 'doctor/permissions.ts',
    seenBy: ['doctor/permissions', 'doctor/settings: may see little'],
    decisions: [
      {
        breaks: 'An account that we may not speak for ends the questions',
        stands: "const canAsk = findings.every(({ severity }) => severity !== 'problem');",
        becomes: 'const canAsk = findings.length > 0;',
      },
      {
        breaks: 'What we may do ourselves is not taken for what the account may',
        stands: 'findings: [other], canAsk: false };',
        becomes: 'findings: [other], canAsk: true };',
      },
    ],
  },
  {
    file: 'doctor/doctor.ts',
    seenBy: ['doctor/names'],
    decisions: [
      {
        breaks: 'The Lease is the one that the settings name',
        stands: 'const lease = { namespace: leaseNamespace, name, isUsed };',
        becomes: "const lease = { namespace: leaseNamespace, name: 'ecr-cred-helper', isUsed };",
      },
      {
        breaks: 'An account that asks is the one that runs the program, where nothing else is seen',
        stands: 'workload === undefined && isServiceAccount(who.user)',
        becomes: 'workload !== undefined && isServiceAccount(who.user)',
      },
    ],
  },
];

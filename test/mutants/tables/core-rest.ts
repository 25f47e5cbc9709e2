import type { Mutated } from '../mutant.ts';

export const coreRest: readonly Mutated[] = [
  {
    file: 'core/summary.ts',
    seenBy: ['core/summary'],
    decisions: [
      {
        breaks: 'A pass that left a namespace without a valid secret does not end with 0',
        stands: 'counts.refused + counts.failed + counts.notDone > 0 ? 5 : 0',
        becomes: 'counts.failed > 0 ? 5 : 0',
      },
      {
        breaks: 'What AWS refused is named before everything else',
        stands: 'ended.sort((a, b) => a - b)[0]',
        becomes: 'ended.sort((a, b) => b - a)[0]',
      },
      {
        breaks: 'A summary does not grow with its problems without end',
        stands: 'summary.problems.length < maxProblems',
        becomes: 'summary.problems.length < 1e9',
      },
    ],
  },
  {
    file: 'core/failures/aws-failures.ts',
    seenBy: ['core/failures/aws-failures'],
    decisions: [
      {
        breaks: 'A certificate that is not trusted is told from a service that is away',
        stands: "if (untrusted.test(causeCode) || untrusted.test(name)) return 'AwsTlsUntrusted';",
        becomes: '',
      },
      {
        breaks: 'A clock that is wrong is told from a wrong key',
        stands: "if (/^Signature (?:expired|not yet current)/.test(message)) return 'AwsClockSkewed';",
        becomes: '',
      },
      {
        breaks: 'What a trust policy refuses is told from a permission that is missing',
        stands: "if (service === 'sts' && isAboutIdentityToken(reply)) return 'AwsIdentityRefused';",
        becomes: '',
      },
      {
        breaks: 'A service that broke is told from one that refuses',
        stands: "if (status >= 500) return 'AwsUnavailable';",
        becomes: '',
      },
      {
        breaks: 'A broken connection is told by its cause, whatever the SDK calls it',
        stands: 'byCause.get(causeCode) ?? byName.get(name)',
        becomes: 'byName.get(name)',
      },
      {
        breaks: 'A piece of an answer that is no JSON is not repeated',
        stands: 'if (isUnreadable(reply)) return `the answer, of HTTP status ${status}, is not JSON`;',
        becomes: '',
      },
      {
        breaks: 'What AWS says is one bounded line',
        stands: "' ').trim(), MOST_CHARACTERS)",
        becomes: "' ').trim(), 1e9)",
      },
    ],
  },
  {
    file: 'core/failures/errors.ts',
    seenBy: ['core/failures/remembered'],
    decisions: [
      {
        breaks: 'A remedy never has a hole in it',
        stands: 'if (value === undefined) throw new Error(`${code} needs a value for {${name}}`);',
        becomes: "if (value === undefined) return '';",
        seenBy: ['core/failures/errors'],
      },
      {
        breaks: 'A failure names the request under which others logged it',
        stands: "const id = failure.requestId === undefined ? '' :",
        becomes: "const id = failure.requestId !== null ? '' :",
        seenBy: ['core/failures/errors'],
      },
      {
        breaks: 'What is remembered of ten thousand refusals does not fill the memory',
        stands: 'if (failure.why.length <= mostRemembered) return failure;',
        becomes: 'if (failure.why.length >= 0) return failure;',
      },
    ],
  },
  {
    file: 'core/text/bounded-json.ts',
    seenBy: ['core/text/bounded-json'],
    decisions: [
      {
        breaks: 'JSON that is nested deeper than its bounds is not parsed',
        stands: 'if (depth > most.depth) return',
        becomes: 'if (depth > 1e9) return',
      },
      {
        breaks: 'JSON with more values than its bounds is not parsed',
        stands: 'if (values > most.values) return',
        becomes: 'if (values > 1e9) return',
      },
      {
        breaks: 'Brackets in a string are no nesting',
        stands: 'else if (code === quote) isInString = false;',
        becomes: 'else isInString = false;',
      },
      {
        breaks: 'A quote behind a backslash ends no string',
        stands: 'if (code === backslash) at += 1;',
        becomes: 'if (code === backslash) at += 0;',
      },
      {
        breaks: 'What is closed counts no more',
        stands: 'else if (isClosing(code)) depth -= 1;',
        becomes: '',
      },
    ],
  },
  {
    file: 'core/text/in-clear.ts',
    seenBy: ['core/text/in-clear'],
    decisions: [
      {
        breaks: 'Credentials that go over the network in clear are warned of',
        stands: "if (protocol !== 'http:') return false;",
        becomes: "if (protocol !== 'ftp:') return false;",
      },
      {
        breaks: 'A host that only begins like this machine is not this machine',
        stands: String.raw`|\[::1\])$/`,
        becomes: String.raw`|\[::1\])/`,
      },
    ],
  },
  {
    file: 'core/text/shortened.ts',
    seenBy: ['core/text/table'],
    decisions: [
      {
        breaks: 'A long text is not cut within a word, which may be a credential',
        stands: "const end = text.lastIndexOf(' ', mostCharacters);",
        becomes: 'const end = mostCharacters;',
      },
    ],
  },
  {
    file: 'core/text/redact.ts',
    seenBy: ['core/text/redact', 'core/text/sink'],
    decisions: [
      {
        breaks: 'A bearer token is taken out',
        stands:
          String.raw`  /(\b(?:[Bb]earer|BEARER|[Bb]asic|BASIC)\s+)(?=[\w+/.~-]*(?:\d|=|[a-z][A-Z])|[\w+/.~-]{20})[\w+/.~-]{8,}=*/g,` +
          '\n',
        becomes: '',
      },
      {
        breaks: 'A web token is taken out',
        stands: String.raw`  /\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g,` + '\n',
        becomes: '',
      },
      {
        breaks: 'An access key of AWS is taken out',
        stands: '  /(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{12,}/g,\n',
        becomes: '',
      },
      {
        breaks: 'A session token of AWS is taken out',
        stands: String.raw`  /(?<![\w+/])(?:IQoJ|FwoG|FQoG)[\w+/-]{20,}={0,2}/g,` + '\n',
        becomes: '',
      },
      {
        breaks: 'A login of a docker config is taken out',
        stands: String.raw`  /(?:QVdTO|eyJhdXRoc|eyJwYXlsb2Fk)[\w+/-]{8,}={0,2}/g,` + '\n',
        becomes: '',
      },
      {
        breaks: 'A private key is taken out',
        stands: '  /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/gs,\n',
        becomes: '',
      },
      {
        breaks: 'A password in a URL is taken out to the last @',
        stands: String.raw`[^\s/:@"]*:)[^\s/"]+(?=@)/gi`,
        becomes: String.raw`[^\s/:@"]*:)[^\s/"@]+(?=@)/gi`,
      },
      {
        breaks: 'A known secret is taken out whatever it looks like',
        stands: 'secrets.find(seen));',
        becomes: '[]);',
      },
      {
        breaks: 'A text is looked at beyond the place where it is cut',
        stands: 'text.slice(0, mostCharacters + MARGIN)',
        becomes: 'text.slice(0, mostCharacters)',
      },
      {
        breaks: 'A text is cut',
        stands: 'return text.length > mostCharacters ? `${clean.slice(0, cut)}…` : clean;',
        becomes: 'return clean;',
      },
    ],
  },
  {
    file: 'core/text/secrets.ts',
    seenBy: ['core/text/redact', 'core/text/sink'],
    decisions: [
      {
        breaks: 'A secret is known in base64, whatever is encoded before it',
        stands: 'return [0, 1, 2].flatMap((before) => {',
        becomes: 'return [0].flatMap((before) => {',
      },
      {
        breaks: 'A secret is known as it stands in a URL',
        stands: '...urlForms(secret), ',
        becomes: '',
      },
      {
        breaks: 'A secret is known as it stands in JSON',
        stands: 'const all = [secret, inJson, inGoJson, nested, ',
        becomes: 'const all = [secret, ',
      },
      {
        breaks: 'A piece of a secret is known',
        stands: '...pieces(text, index.chunks)',
        becomes: '...[]',
      },
      {
        breaks: 'What is too short to be told from a word is no secret',
        stands: 'const LEAST_CHARACTERS = 8;',
        becomes: 'const LEAST_CHARACTERS = 3;',
      },
      {
        breaks: 'The newest secrets stay known, however many come',
        stands: 'const [oldest] = learnt;',
        becomes: 'const oldest = [...learnt].at(-1);',
      },
      {
        breaks: 'What came with the process stays known',
        stands: 'waiting.splice(0, waiting.length, ...known, ...learnt);',
        becomes: 'waiting.splice(0, waiting.length, ...learnt);',
      },
    ],
  },
  {
    file: 'core/text/sink.ts',
    seenBy: ['core/text/sink'],
    decisions: [
      {
        breaks: 'What is foreign moves no cursor and starts no line',
        stands: 'safely(printable(redact(foreign, most)))',
        becomes: 'safely(redact(foreign, most))',
      },
      {
        breaks: 'JSON holds nothing that a terminal obeys',
        stands: 'inAscii(JSON.stringify(redactedIn(value, redact)))',
        becomes: 'JSON.stringify(redactedIn(value, redact))',
      },
      {
        breaks: 'What stands under the name of a secret does not come out',
        stands: "typeof inner === 'string' && names.test(key) ? '[redacted]' :",
        becomes: "typeof inner === 'string' && key === '' ? '[redacted]' :",
      },
      {
        breaks: 'A key is as foreign as a value',
        stands: '    redact(key),\n',
        becomes: '    key,\n',
      },
      {
        breaks: 'Colours come out where they are wanted alone',
        stands: 'part.colour !== undefined && coloured ?',
        becomes: 'part.colour !== undefined ?',
      },
    ],
  },
  {
    file: 'core/text/table.ts',
    seenBy: ['core/text/table'],
    decisions: [
      {
        breaks: 'A row is no longer than the screen',
        stands: 'const fits = cutTo(text, left);',
        becomes: 'const fits = text;',
      },
      {
        breaks: 'A bar shows something as long as anything is left',
        stands: 'Math.ceil(share * cells)',
        becomes: 'Math.floor(share * cells)',
      },
    ],
  },
  {
    file: 'core/inventory/prune.ts',
    seenBy: ['core/inventory/prune'],
    decisions: [
      {
        breaks: 'A labelled namespace keeps its secret unless all are to go',
        stands: 'return labelled ? all : secret.managedByUs;',
        becomes: 'return labelled || secret.managedByUs;',
      },
      {
        breaks: 'A secret of others is not looked at where the namespace does not ask for one',
        stands: 'return labelled ? all : secret.managedByUs;',
        becomes: 'return labelled ? all : true;',
      },
      {
        breaks: 'A secret that others put data into is not ours to remove',
        stands: 'managers.length > 0 && managers.every((manager) => own.includes(manager))',
        becomes: 'managers.length > 0 && managers.some((manager) => own.includes(manager))',
      },
      {
        breaks: 'A prune that left something does not end with 0',
        stands: 'return failed > 0 ? 5 : 0;',
        becomes: 'return 0;',
      },
    ],
  },
  {
    file: 'core/inventory/pruning.ts',
    seenBy: ['core/inventory/prune'],
    decisions: [
      {
        breaks: 'The label is looked for once more before anything is removed',
        stands: "doing: job.wish.all ? 'list' : 'label'",
        becomes: "doing: 'list'",
      },
      {
        breaks: 'A namespace that has its label again keeps its secret',
        stands: "carries ? ended(job, ['kept', 'NamespaceLabelled']) :",
        becomes: "carries === null ? ended(job, ['kept', 'NamespaceLabelled']) :",
      },
      {
        breaks: 'What the server would refuse of the accounts is found before the secret is gone',
        stands: 'if (!isDone(reply) && !isOvertaken(reply)) return failed(job, accountsFailure(reply, job.place));',
        becomes: '',
      },
      {
        breaks: 'A dry run removes nothing',
        stands: "return ['ask', { kind: 'remove', place, still, dryRun: wish.dryRun }, job];",
        becomes: "return ['ask', { kind: 'remove', place, still, dryRun: false }, job];",
      },
      {
        breaks: 'An account that changed is looked at again',
        stands: 'if (!isOvertaken(reply) || looks === maxLooks) return dangling(job, reply);',
        becomes: 'if (!isDone(reply)) return dangling(job, reply);',
      },
      {
        breaks: 'An account that keeps changing is given up',
        stands: '|| looks === maxLooks)',
        becomes: '|| looks === 1000)',
      },
      {
        breaks: 'Every page of accounts is read',
        stands: 'if (continueToken === undefined) return then(found);',
        becomes: 'if (continueToken !== null) return then(found);',
      },
    ],
  },
  {
    file: 'core/inventory/service-account.ts',
    seenBy: ['core/inventory/prune'],
    decisions: [
      {
        breaks: 'An entry of an account is taken out only where it still stands',
        stands: 'JSON.stringify([...tests, ...removals])',
        becomes: 'JSON.stringify(removals)',
      },
      {
        breaks: 'Entries are taken out from the last on, so that none moves before its turn',
        stands: 'at.toReversed().map(',
        becomes: 'at.map(',
      },
    ],
  },
  {
    file: 'core/inventory/status.ts',
    seenBy: ['core/inventory/status'],
    decisions: [
      {
        breaks: 'A secret whose token has expired is told to have',
        stands: "if (secret.expiresAtMs <= nowMs) return 'PullSecretExpired';",
        becomes: '',
      },
      {
        breaks: 'A secret that should have been renewed is told to be expiring',
        stands: 'secret.expiresAtMs - nowMs < expiringMs ?',
        becomes: 'secret.expiresAtMs - nowMs < 0 ?',
      },
      {
        breaks: 'A secret that others wrote over is told to be',
        stands: "if (!isWrittenByUs(secret)) return 'SecretHasOtherWriters';",
        becomes: '',
      },
      {
        breaks: 'A secret of others that merely has the name is not told of',
        stands: 'if (!labelled && secret?.managedByUs !== true) return undefined;',
        becomes: '',
      },
      {
        breaks: 'Status ends with 5 where anything is to be done',
        stands: 'statusTable[code].amiss && counts[code] > 0) ? 5 : 0',
        becomes: 'statusTable[code].amiss && counts[code] > 1e9) ? 5 : 0',
      },
    ],
  },
  {
    file: 'core/inventory/inventory.ts',
    seenBy: ['core/inventory/inventory'],
    decisions: [
      {
        breaks: 'Namespaces and their secrets are brought together though they are listed in two orders',
        stands: 'return `${namespace}/` < `${other}/`;',
        becomes: 'return namespace < other;',
      },
    ],
  },
];

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
        stands: 'editDistance(a, b) === 1 && lettersOf(a) === lettersOf(b)',
        becomes: 'editDistance(a, b) === 1',
      },
      {
        breaks: 'An annotation in place of a label is found',
        stands: 'return annotations[wanted.name] === wanted.value',
        becomes: "return annotations[wanted.name] === ''",
      },
      {
        breaks: 'A list that is not whole does not mean that nothing matches',
        stands: 'incomplete === undefined || serving.length > 0 ? [matching] : []',
        becomes: 'serving.length >= 0 ? [matching] : []',
      },
      {
        breaks: 'A namespace that would refuse the secret is a problem',
        stands: "...others.map((failure) => failed('namespaces/admission', failure)),",
        becomes: '',
      },
    ],
  },
  {
    file: 'core/doctor/permissions.ts',
    seenBy: ['core/doctor/permissions'],
    decisions: [
      {
        breaks: 'A permission that is missing is found',
        stands: 'allowed(reply) === false).map(',
        becomes: 'allowed(reply) === null).map(',
      },
      {
        breaks: 'A permission that cannot be asked for is no missing one',
        stands: "typeof decision === 'boolean' ? decision : undefined",
        becomes: 'decision === true',
      },
      {
        breaks: 'A role that names no secret allows too much',
        stands: '(rule.resourceNames.length > 0 && rule.resourceNames.every((name) => name === need.name))',
        becomes: 'rule.resourceNames.every((name) => name === need.name)',
      },
      {
        breaks: 'A role with another verb allows too much',
        stands: '            need.verb === verb &&\n',
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
        stands: 'if (!pod.pullSecrets.includes(secretName)) {',
        becomes: 'if (pod.pullSecrets === undefined) {',
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

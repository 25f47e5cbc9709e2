import type { Mutated } from '../mutant.ts';

const parse = ['config/parse'];

export const config: readonly Mutated[] = [
  {
    file: 'config/parse.ts',
    seenBy: parse,
    decisions: [
      {
        breaks: 'A flag wins over the environment',
        stands: 'if (flag !== undefined) return { text: flag.text.trim(), source:',
        becomes:
          'if (flag !== undefined && env[option.env[0] ?? ""] === undefined) return { text: flag.text.trim(), source:',
      },
      {
        breaks: 'Every mistake is reported, not the first alone',
        stands: 'const failures = [...line.failures, ...mistakes];',
        becomes: 'const failures = [...line.failures, ...mistakes].slice(0, 1);',
      },
      {
        breaks: 'A pass that has less time than a request by default bounds its requests',
        stands: 'settings.requestTimeoutMs = Math.min(settings.requestTimeoutMs, settings.deadlineMs);',
        becomes: '',
      },
      {
        breaks: 'A question is answered however broken the configuration is',
        stands: 'if (line.failures.length > 0 && !isQuestion) return',
        becomes: 'if (line.failures.length > 0) return',
      },
      {
        breaks: 'What cannot be read has its default, and is a mistake',
        stands: 'failures.push(...reading.failures);',
        becomes: '',
      },
    ],
  },
  {
    file: 'config/arguments.ts',
    seenBy: parse,
    decisions: [
      {
        breaks: 'An option that the command does not have is refused',
        stands: 'if (!line.help) refuseForeignOptions(line);',
        becomes: '',
      },
      {
        breaks: 'A credential among the arguments is refused and not echoed',
        stands: 'if (variable !== undefined) {',
        becomes: "if (variable === '') {",
      },
      {
        breaks: 'What follows a flag that does not exist may be a secret, and is no command',
        stands: 'if (token.index !== valueOfUnknownAt) words.push(token.value);',
        becomes: 'words.push(token.value);',
      },
      {
        breaks: 'A flag is no value of the flag before it',
        stands: 'return isFlag ? undefined : text;',
        becomes: 'return text;',
      },
      {
        breaks: 'A long flag with one dash is not read as many short ones',
        stands: 'return !takesValue || longFlags.includes(name);',
        becomes: 'return false;',
      },
      {
        breaks: 'A command that is mistyped is refused, and the one that was meant is named',
        stands: 'if (!isCommand(command)) {',
        becomes: "if (command === '') {",
      },
    ],
  },
  {
    file: 'config/coherence.ts',
    seenBy: parse,
    decisions: [
      {
        breaks: 'A region has to be known',
        stands: "if (!regionIsKnown && !broken.has('registries') && !broken.has('region')) {",
        becomes: 'if (regionIsKnown === null) {',
      },
      {
        breaks: 'A deadline shorter than a request is a contradiction',
        stands: 'if (settings.deadlineMs >= settings.requestTimeoutMs) return [];',
        becomes: 'if (settings.deadlineMs >= 0) return [];',
      },
      {
        breaks: 'Registries of two partitions are a contradiction',
        stands: 'if (partitions.length < 2) return [];',
        becomes: 'if (partitions.length < 20) return [];',
      },
      {
        breaks: 'A region beside registries of others is pointed out',
        stands: 'if (registries.some((registry) => registry.region === region)) return [];',
        becomes: 'if (registries.some((registry) => registry.region !== null)) return [];',
      },
    ],
  },
  {
    file: 'config/credentials.ts',
    seenBy: parse,
    decisions: [
      {
        breaks: 'A key that a profile hides is pointed out',
        stands: 'const hidden = accessKey !== undefined && secretKey !== undefined;',
        becomes: 'const hidden = false as boolean;',
      },
      {
        breaks: 'Half a key is a mistake',
        stands: 'if ((accessKey === undefined) !== (secretKey === undefined)) {',
        becomes: 'if (accessKey === null) {',
      },
      {
        breaks: 'Swapped halves of a key are a mistake',
        stands: 'if (!keyId.test(accessKey) && keyId.test(secretKey)) {',
        becomes: 'if (accessKey === null) {',
      },
      {
        breaks: 'A temporary key needs its session token',
        stands: 'valueOf(env, sessionTokenName) === undefined) {',
        becomes: 'valueOf(env, sessionTokenName) === null) {',
      },
      {
        breaks: 'A key with a quotation mark in it is a mistake',
        stands: `/["']/.test(text) ? 'a quotation mark' : undefined`,
        becomes: 'undefined',
      },
      {
        breaks: 'An endpoint of AWS without encryption is warned of',
        stands: 'if (url === null || !isInClear(url)) return [];',
        becomes: 'if (url !== undefined) return [];',
      },
    ],
  },
  {
    file: 'config/environment.ts',
    seenBy: parse,
    decisions: [
      {
        breaks: 'A variable that is mistyped is pointed out',
        stands: 'if (meant !== undefined) {',
        becomes: "if (meant === '') {",
      },
      {
        breaks: 'What Kubernetes sets for its Services is no mistyped variable',
        stands: "if (known.has(name) || isServiceLink(name, env[name] ?? '')) return [];",
        becomes: 'if (known.has(name)) return [];',
      },
      {
        breaks: 'A variable that would have certificates skipped is pointed out',
        stands: '...names.filter((name) => isOverruled(name, env)).map(overruled),',
        becomes: '',
      },
      {
        breaks: 'A retired variable is pointed out',
        stands: "if (retired !== undefined) return [warning('VariableRetired', { where: name, ...retired })];",
        becomes: '',
      },
      {
        breaks: 'Space around a value is taken off, and said',
        stands: 'const trimmed = readNames.filter((name) => hasStraySpace(env[name]));',
        becomes: 'const trimmed: string[] = [];',
      },
    ],
  },
  {
    file: 'config/secrets-in.ts',
    seenBy: ['config/secrets-in'],
    decisions: [
      {
        breaks: 'The value of a variable for a credential is a secret',
        stands: 'if (credentials.has(name)) return [value];',
        becomes: '',
      },
      {
        breaks: 'The value of a variable that is named like a secret is one',
        stands: 'if (namesSecret(name) && value.length >= leastCharacters) return [value];',
        becomes: '',
      },
      {
        breaks: 'A password in a URL is a secret, as it is written and as it is meant',
        stands: '.flatMap((each) => [each, decoded(each)])',
        becomes: '',
      },
      {
        breaks: 'What looks like a credential is one, wherever it was pasted',
        stands: 'return looksSecret(value) ? [value, ...words] : words;',
        becomes: 'return [];',
      },
      {
        breaks: 'What stands among the arguments may be a secret',
        stands: "[argument, argument.replace(/^-[^=]*=/, '')].flatMap(suspects)",
        becomes: '[]',
      },
    ],
  },
  {
    file: 'config/command-rules.ts',
    seenBy: parse,
    decisions: [
      {
        breaks: 'Prune cannot be told both to remove and not to',
        stands: "if (command === 'prune' && settings.yes && settings.dryRun) {",
        becomes: 'if (settings.yes === null) {',
        seenBy: ['commands/prune: both to remove and not to'],
      },
      {
        breaks: 'A wide table is asked of status alone',
        stands: "if (settings.output === 'wide' && command !== 'status') {",
        becomes: 'if (settings.output === null) {',
        seenBy: ['config/parse', 'commands/status: does not take wide'],
      },
    ],
  },
  {
    file: 'config/parsers.ts',
    seenBy: parse,
    decisions: [
      {
        breaks: 'A duration has a unit',
        stands: String.raw`if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text)) return undefined;`,
        becomes: String.raw`if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h)?)+$/.test(text)) return undefined;`,
      },
      {
        breaks: 'A duration is within its bounds',
        stands: 'if (value < bounds.leastMs || value > bounds.mostMs)',
        becomes: 'if (value < 0)',
      },
      {
        breaks: 'The name of a secret is one that Kubernetes takes',
        stands:
          'if (isSubdomain(text)) return { ok: true, value: text };\n    return invalid(\n      name,\n      `${quoted(text)} is no name',
        becomes:
          'if (text !== null) return { ok: true, value: text };\n    return invalid(\n      name,\n      `${quoted(text)} is no name',
      },
      {
        breaks: 'An availability zone is no region',
        stands: String.raw`if (/^[a-z]{2,4}(?:-[a-z]+){1,3}-\d{1,2}$/.test(text)) return { ok: true, value: text };`,
        becomes: String.raw`if (/^[a-z]{2,4}(?:-[a-z]+){1,3}-\d{1,2}[a-z]?$/.test(text)) return { ok: true, value: text };`,
      },
      {
        breaks: 'A value that looks like a key is not echoed',
        stands: "return 'the value (not shown: it looks like a key)';",
        becomes: 'return text;',
      },
      {
        breaks: 'A text for a header is one line',
        stands: String.raw`if (!/\p{Cc}|\p{Cs}/u.test(text)) return { ok: true, value: text };`,
        becomes: 'if (text !== null) return { ok: true, value: text };',
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
    file: 'doctor/doctor.ts',
    seenBy: ['doctor/kubernetes: names'],
    decisions: [
      {
        breaks: 'Doctor looks at AWS though there is no cluster',
        stands: ": Promise.resolve([failed('kubernetes/api', deps.cluster.failure)]);",
        becomes: ": Promise.reject(new Error('no cluster'));",
      },
      {
        breaks: 'A cluster that does not answer is not asked further',
        stands: 'if (!server.isThere) return server.findings;',
        becomes: '',
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
        stands: '...(tried.length === 0 ? [] : findAdmission([...dryRuns.values()], maySayForbidden)),',
        becomes: '',
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
    seenBy: ['doctor/permissions'],
    decisions: [
      {
        breaks: 'An account that we may not speak for ends the questions',
        stands: "if (who.some(({ severity }) => severity === 'problem')) return who;",
        becomes: '',
      },
      {
        breaks: 'A role that mentions leases is the one of the controller',
        stands: "runBy.runsAs ?? (mentionsLeases(rules) ? 'controller' : 'job')",
        becomes: "runBy.runsAs ?? 'job'",
      },
    ],
  },
];

export const inventory: readonly Mutated[] = [
  {
    file: 'inventory/inventory.ts',
    seenBy: ['inventory/inventory'],
    decisions: [
      {
        breaks: 'Lists that are not in order are no ground to call secrets missing',
        stands: "if (last !== '' && !comesBefore(last, entry.namespace)) {",
        becomes: "if (last === '-') {",
      },
      {
        breaks: 'A list that broke off is told',
        stands: 'failure: () => ended.failure }',
        becomes: 'failure: () => undefined }',
      },
    ],
  },
  {
    file: 'inventory/prune.ts',
    seenBy: ['inventory/inventory'],
    decisions: [
      {
        breaks: 'A prune whose list broke off is no success',
        stands: 'if (ended === undefined || removed + kept + gone + failed === 0) return ended;',
        becomes: 'if (removed + kept + gone + failed > 0) return undefined;',
      },
      {
        breaks: 'What failed when a prune was stopped is told',
        stands: 'if (outcome !== undefined) settle(namespace, outcome);',
        becomes: '',
      },
      {
        breaks: 'Nothing is piled up for who reads slowly',
        stands: '    await told();\n',
        becomes: '',
      },
    ],
  },
];

export const process: readonly Mutated[] = [
  {
    file: 'commands/refresh.ts',
    seenBy: ['commands/refresh/refresh'],
    decisions: [
      {
        breaks: 'A pass has a deadline',
        stands: 'withDeadline(settings.deadlineMs, clock, stop,',
        becomes: 'withDeadline(1e8, clock, stop,',
        seenBy: ['commands/refresh/deadline'],
      },
      {
        breaks: 'A pass ends with the code of its summary',
        stands: 'return exitCodeOfSummary(summary);',
        becomes: 'return 0;',
        seenBy: ['commands/refresh/refresh: exits 5'],
      },
    ],
  },
  {
    file: 'commands/controller.ts',
    seenBy: ['controller/health'],
    decisions: [
      {
        breaks: 'The health is computed',
        stands: 'health: () => whyStuck(instance, deps.log),',
        becomes: 'health: () => undefined,',
      },
      {
        breaks: 'The readiness is computed',
        stands: 'readiness: () => whyNotReady(instance.status()),',
        becomes: 'readiness: () => undefined,',
      },
    ],
  },
  {
    file: 'commands/prune.ts',
    seenBy: ['commands/confirmation'],
    decisions: [
      {
        breaks: 'Prune removes nothing where nobody told it to',
        stands: 'const dryRun = settings.dryRun || !yes;',
        becomes: 'const dryRun = settings.dryRun;',
      },
      {
        breaks: 'Prune wants to be told where nobody sees what it would do',
        stands: 'if (!settings.dryRun && !yes && !isTerminal) {',
        becomes: 'if (!settings.dryRun && !yes && isTerminal === null) {',
      },
    ],
  },
  {
    file: 'main.ts',
    seenBy: ['commands/status: exits with 4'],
    decisions: [
      {
        breaks: 'The process ends with the code of its command',
        stands: '  process.exit(exitCode);',
        becomes: '  process.exit(0);',
      },
      {
        breaks: 'Variables that would have certificates skipped are taken out',
        stands: 'for (const name of overruledVariables) delete env[name];',
        becomes: '',
        seenBy: ['process: verifies certificates'],
      },
      {
        breaks: 'A process that runs out of things to wait for has not succeeded',
        stands: 'process.exitCode = 1;',
        becomes: '',
        seenBy: ['process: has not succeeded where nothing is left'],
      },
    ],
  },
  {
    file: 'adapters/controller/probes.ts',
    seenBy: ['regressions/occupied-probe-port'],
    decisions: [
      {
        breaks: 'Who connects and says nothing does not keep the others from an answer',
        stands: 'if (open.size > most) first?.destroy();',
        becomes: 'if (open.size > most) void first;',
      },
      {
        breaks: 'What is not well is told by a status, too',
        stands: "return why === undefined ? [200, 'ok\\n'] : [503, `${why}\\n`];",
        becomes: "return why === undefined ? [200, 'ok\\n'] : [200, `${why}\\n`];",
        seenBy: ['controller/health'],
      },
    ],
  },
  {
    file: 'adapters/controller/metrics.ts',
    seenBy: ['adapters/controller/metrics'],
    decisions: [
      {
        breaks: 'Who cannot see what happens is not in sync',
        stands: 'synced.set(status.isSynced && !status.isCut ? 1 : 0);',
        becomes: 'synced.set(status.isSynced ? 1 : 0);',
        seenBy: ['controller/health'],
      },
      {
        breaks: 'A label holds no secret, and is bounded',
        stands: 'const label = (text: string) => sink.text(text, 253);',
        becomes: 'const label = (text: string) => text;',
      },
    ],
  },
  {
    file: 'adapters/terminal/log.ts',
    seenBy: ['adapters/terminal/log'],
    decisions: [
      {
        breaks: 'What is less important than was asked for is not written',
        stands: 'if (ranks[messageLevel] < ranks[level]) return;',
        becomes: '',
      },
      {
        breaks: 'No value takes the place of the three keys that every line has',
        stands: 'return { ...head, ...told, ...keys, ...head };',
        becomes: 'return { ...head, ...told, ...keys };',
      },
      {
        breaks: 'A failure is laid out flat, with its remedy',
        stands: 'if (isNotice && !Array.isArray(converted)) Object.assign(plain, converted);',
        becomes: 'if (isNotice && Array.isArray(converted)) Object.assign(plain, converted);',
      },
      {
        breaks: 'JSON is written where no terminal is',
        stands: "(format === 'auto' && stream.isTTY === true)",
        becomes: "format === 'auto'",
      },
    ],
  },
  {
    file: 'adapters/terminal/log-value.ts',
    seenBy: ['adapters/terminal/log'],
    decisions: [
      {
        breaks: 'A value of the log is bounded in depth',
        stands: "return depth >= maxDepth ? '…' :",
        becomes: "return depth >= 1e9 ? '…' :",
      },
      {
        breaks: 'A value of the log is bounded in length',
        stands: 'items.slice(0, maxItems).map(',
        becomes: 'items.map(',
      },
    ],
  },
  {
    file: 'adapters/terminal/outlet.ts',
    seenBy: ['process: a pass writes every secret'],
    decisions: [
      {
        breaks: 'A reader that went away stops nothing',
        stands: "stream.on('error', () => unread.abort('OutputClosed'));",
        becomes: '',
      },
    ],
  },
];

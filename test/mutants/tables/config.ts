import type { Mutated } from '../mutant.ts';

const parse = ['config/parse'];

export const config: readonly Mutated[] = [
  {
    file: 'config/called-as.ts',
    seenBy: ['config/called-as'],
    decisions: [
      {
        breaks: 'A plugin of which no command is named explains itself, and writes nothing',
        stands: "argv: argv.length === 0 ? ['help'] : argv }",
        becomes: 'argv }',
      },
      {
        breaks: 'Only a script of this project is called by npm start',
        stands: " && env['npm_package_name'] === program) {",
        becomes: ') {',
      },
      {
        breaks: 'A namespace that is called like the program is no command',
        stands: String.raw`(?<=^|\n|: |\| | {2}|\b[Ss]ee )`,
        becomes: '',
      },
    ],
  },
  {
    file: 'config/candidates.ts',
    seenBy: ['config/candidates'],
    decisions: [
      {
        breaks: 'A switch has no value: what follows it is a command',
        stands: 'if (waiting?.placeholder !== undefined) return',
        becomes: 'if (waiting !== undefined) return',
      },
      {
        breaks: 'Of several spellings of a flag the first is offered',
        stands: 'words: spelled(flags.slice(0, 1), short)',
        becomes: 'words: spelled(flags, short)',
      },
      {
        breaks: 'Nothing follows the operand of a command',
        stands: 'operand === undefined ? operandsOf(command) : known([])',
        becomes: 'operandsOf(command)',
      },
    ],
  },
  {
    file: 'config/parse.ts',
    seenBy: parse,
    decisions: [
      {
        breaks: 'What doctor is asked is not passed over where it cannot be read',
        stands: "broken.has(name) && sources[name].from === 'flag' && (env.length === 0 || name === 'output'),",
        becomes: "broken.has(name) && sources[name].from === 'flag' && env.length < 0,",
      },
      {
        breaks: 'A setting of a pass that is mistaken is for doctor to tell, though it be a flag',
        stands: "broken.has(name) && sources[name].from === 'flag' && (env.length === 0 || name === 'output'),",
        becomes: "broken.has(name) && sources[name].from === 'flag' && env.length >= 0,",
      },
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
        breaks: 'What makes pods is no pod',
        stands: "if (expected?.completes === 'pods') return !operand.includes('/');",
        becomes: '',
      },
      {
        breaks: 'An option that the command does not have is refused',
        stands: 'if (line.help === undefined) refuseForeignOptions(line);',
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
    file: 'config/aws/keys.ts',
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
        stands: "return 'a quotation mark';",
        becomes: 'return undefined;',
      },
      {
        breaks: 'A key with an invisible character in it is a mistake',
        stands: 'if (odd === undefined) return undefined;',
        becomes: 'if (odd !== null) return undefined;',
        seenBy: ['config/aws'],
      },
    ],
  },
  {
    file: 'config/aws/judge.ts',
    seenBy: ['config/aws'],
    decisions: [
      {
        breaks: 'The region of a profile is judged',
        stands: 'if (!read.ok) return',
        becomes: 'if (text === "x") return',
      },
      {
        breaks: 'A profile that nobody named is not judged beside the identity of a pod',
        stands: '(profile !== undefined && !hasOthers(env))',
        becomes: 'profile !== undefined',
      },
    ],
  },
  {
    file: 'config/aws/profile.ts',
    seenBy: ['config/aws'],
    decisions: [
      {
        breaks: 'A profile that is not there is a mistake',
        stands: "if (profile === undefined) return [missing('AWS_PROFILE', name, files)];",
        becomes: 'if (profile === undefined) return [];',
      },
      {
        breaks: 'A role with nobody to assume it is a mistake',
        stands: 'if (source === undefined && origin === undefined && token === undefined) {',
        becomes: 'if (source === null) {',
      },
      {
        breaks: 'A source that leads back is a mistake',
        stands: 'if (!visited.includes(source)) return judgeSource(next, files, visited);',
        becomes:
          'if (visited.length < 9) return judgeSource(next, files, visited);\n  if (visited.length > 3) return [];',
      },
      {
        breaks: 'A session that is not there is a mistake',
        stands: 'if (session === undefined) {',
        becomes: 'if (session === null) {',
      },
    ],
  },
  {
    file: 'config/aws/endpoints.ts',
    seenBy: ['config/aws'],
    decisions: [
      {
        breaks: 'An endpoint without a scheme is a mistake',
        stands: 'if (why === undefined) return [];',
        becomes: 'if (why !== null) return [];',
      },
      {
        breaks: 'An endpoint of AWS without encryption is warned of',
        stands: 'if (url === null || !isInClear(url)) return [];',
        becomes: 'if (url !== undefined) return [];',
        seenBy: ['config/parse'],
      },
    ],
  },
  {
    file: 'config/aws/switches.ts',
    seenBy: ['config/aws'],
    decisions: [
      {
        breaks: 'True is true for the SDK, too',
        stands: 'if (plain !== text) corrected[name] = plain;',
        becomes: '',
      },
      {
        breaks: 'Neither true nor false is a mistake',
        stands: 'isValid: (text) => /^(?:true|false)$/.test(text), isAnyCase',
        becomes: 'isValid: () => true, isAnyCase',
      },
    ],
  },
  {
    file: 'config/aws/unused.ts',
    seenBy: ['config/aws'],
    decisions: [
      {
        breaks: 'A profile that the AWS CLI would use and the SDK does not is pointed out',
        stands: 'if (name === undefined || name === used) return [];',
        becomes: 'if (name !== null) return [];',
      },
      {
        breaks: 'A role that a key keeps from being assumed is pointed out',
        stands: 'const winner = hasKey && !isNamed ? keys :',
        becomes: 'const winner = hasKey && isNamed ? keys :',
      },
    ],
  },
  {
    file: 'config/aws/ini.ts',
    seenBy: ['config/aws'],
    decisions: [
      {
        breaks: 'What is not indented stands in no subsection',
        stands: 'if (line.trimStart() === line) subsection = undefined;',
        becomes: '',
      },
    ],
  },
  {
    file: 'config/aws/files.ts',
    seenBy: ['config/aws'],
    decisions: [
      {
        breaks: 'The credentials file goes first',
        stands: 'settings: { ...own, ...secret }',
        becomes: 'settings: { ...secret, ...own }',
      },
    ],
  },
  {
    file: 'config/aws/regions.ts',
    seenBy: ['config/aws'],
    decisions: [
      {
        breaks: 'A region that nobody knows is pointed out',
        stands: 'if (knownRegions.has(region)) return [];',
        becomes: 'if (region !== "") return [];',
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

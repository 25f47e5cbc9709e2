import type { Mutated } from '../mutant.ts';

const requests = ['adapters/kubernetes/requests'];
const kubeconfig = ['adapters/kubernetes/kubeconfig/kubeconfig'];
const tokenSource = ['adapters/aws/token-source'];

export const kubernetes: readonly Mutated[] = [
  {
    file: 'adapters/kubernetes/answer.ts',
    seenBy: requests,
    decisions: [
      {
        breaks: 'What is read of the answer to a write is no note of anybody',
        stands: String.raw`"metadata":\{"name"`,
        becomes: String.raw`"metadata":\{.*?"name"`,
        seenBy: ['adapters/kubernetes/answer'],
      },
      {
        breaks: 'An answer to a write that is cut is no success',
        stands: "const isWhole = body.endsWith('}}\\n') || body.endsWith('}}');",
        becomes: 'const isWhole = true;',
        seenBy: ['adapters/kubernetes/answer'],
      },
      {
        breaks: 'Of the answer to a write no more than the revision is read',
        stands: 'if (revision !== undefined) return',
        becomes: 'if (revision === "") return',
        seenBy: ['adapters/kubernetes/answer'],
      },
      {
        breaks: 'A success that is no JSON is none',
        seenBy: ['adapters/kubernetes/answer'],
        stands: 'if (expected.isJson === true && isSuccess(response) && !isJson(response)) {',
        becomes: 'if (expected.isJson === null && isSuccess(response) && !isJson(response)) {',
      },
      {
        breaks: 'A success that ends early is none',
        stands: 'if (isWhole) finish();\n        else done(endedEarly());',
        becomes: 'finish();',
        seenBy: ['adapters/kubernetes/answer'],
      },
      {
        breaks: 'A success that is not the JSON it says it is, is tried again',
        stands: "if (parsed.kind === 'none' && isSuccess(response)) {",
        becomes: "if (parsed.kind === 'none' && response.statusCode === 999) {",
      },
      {
        breaks: 'An answer larger than memory has room for is not read',
        stands: 'const MAX_ANSWER_BYTES = 2 * 1024 * 1024;',
        becomes: 'const MAX_ANSWER_BYTES = 2 * 1024 * 1024 * 1024;',
        seenBy: ['adapters/kubernetes/answer'],
      },
      {
        breaks: 'An error without an end is told by its beginning',
        stands: 'if (isError) finish();',
        becomes: 'if (!isError) finish();',
      },
      {
        breaks: 'An answer of more values than memory has room for is not parsed',
        stands: 'const bounds = { depth: 64, values: 300_000 };',
        becomes: 'const bounds = { depth: 64_000, values: 300_000_000 };',
        seenBy: ['adapters/kubernetes/answer'],
      },
      {
        breaks: 'Only a few large answers are read at a time',
        stands:
          'if (body.size > LARGE_BYTES && leave === undefined && expected.turns !== undefined) takeTurn(expected.turns);',
        becomes: '',
        seenBy: ['adapters/kubernetes/answer'],
      },
      {
        breaks: 'Retry-After in seconds is read',
        stands: String.raw`if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;`,
        becomes: '',
      },
      {
        breaks: 'Retry-After as a date is read',
        stands: 'Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs)',
        becomes: 'undefined',
      },
    ],
  },
  {
    file: 'adapters/kubernetes/broken.ts',
    seenBy: requests,
    decisions: [
      {
        breaks: 'A certificate that is not trusted is told from a server that is away',
        stands: "if (isTrustCode(code)) return broken('TlsUntrusted', message);",
        becomes: '',
      },
      {
        breaks: 'A connection that could not be made is told from one that broke',
        stands: "wasMade && !connectCodes.has(code) ? 'Interrupted' : 'Unreachable'",
        becomes: "'Interrupted'",
      },
      {
        breaks: 'A connection that broke is told from one that could not be made',
        stands: "wasMade && !connectCodes.has(code) ? 'Interrupted' : 'Unreachable'",
        becomes: "'Unreachable'",
      },
    ],
  },
  {
    file: 'adapters/kubernetes/requests.ts',
    seenBy: requests,
    decisions: [
      {
        breaks: 'A request on a connection that was closed meanwhile is sent once more',
        stands: "if (first.kind !== 'stale') return valueOf(first, timeoutMs);",
        becomes: "if (first.kind !== 'done' || first.kind === 'done') return valueOf(first, timeoutMs);",
      },
      {
        breaks: 'Where one kept connection is dead the others are not tried one after the other',
        stands: "if (first.kind === 'late') connections.closeIdle();",
        becomes: '',
        seenBy: ['regressions/lease-behind-slow-writes'],
      },
      {
        breaks: 'New certificates have new connections',
        seenBy: ['adapters/kubernetes/answer'],
        stands: 'if (kept?.tls === tls) return kept.connections;',
        becomes: 'if (kept !== undefined) return kept.connections;',
      },
      {
        breaks: 'Requests in turn share a connection',
        stands: 'if (kept?.tls === tls) return kept.connections;',
        becomes: '',
      },
      {
        breaks: 'There are no more connections than the concurrency',
        stands: 'most: concurrency',
        becomes: 'most: 1000',
      },
      {
        breaks: 'A path that the server has goes before every request',
        stands: 'path: prefix + path',
        becomes: 'path',
      },
      {
        breaks: 'The Lease has a connection of its own',
        stands:
          'const other = createTransport(connection, { ...options, concurrency: 1 });\n      others.push(other);\n      return other;',
        becomes: 'return this;',
        seenBy: ['regressions/lease-behind-slow-writes'],
      },
    ],
  },
  {
    file: 'adapters/kubernetes/credentialed.ts',
    seenBy: requests,
    decisions: [
      {
        breaks: 'A request that was refused is sent once more with other credentials',
        stands: 'other.ok && other.value !== undefined ? send(other.value) : reply',
        becomes: 'reply',
      },
      {
        breaks: 'Credentials are renewed where the certificate is not trusted any more',
        stands: "return reply.kind === 'broken' && reply.cause === 'TlsUntrusted';",
        becomes: 'return false;',
        seenBy: ['adapters/kubernetes/answer'],
      },
      {
        breaks: 'A request that was refused otherwise is not sent again',
        stands: "if (reply.kind === 'answer') return reply.status === 401;",
        becomes: "if (reply.kind === 'answer') return reply.status >= 400;",
        seenBy: ['adapters/kubernetes/answer'],
      },
      {
        breaks: 'Credentials that somebody has to issue are not waited for without end',
        stands: 'pending instanceof Promise ? await unlessAborted(pending, signal) : pending',
        becomes: 'await pending',
      },
      {
        breaks: 'Credentials that cannot be had are named',
        stands: "return { ok: false, why: broken('CredentialsFailed',",
        becomes: "return { ok: false, why: broken('Unreachable',",
      },
    ],
  },
  {
    file: 'adapters/kubernetes/in-cluster.ts',
    seenBy: ['adapters/kubernetes/in-cluster'],
    decisions: [
      {
        breaks: 'The token is read again as it rotates',
        stands: 'if (nowMs() - readAtMs < REREAD_AFTER_MS) return current;',
        becomes: 'if (nowMs() >= 0) return current;',
      },
      {
        breaks: 'The token is not read for each request',
        stands: 'if (nowMs() - readAtMs < REREAD_AFTER_MS) return current;',
        becomes: '',
      },
      {
        breaks: 'The last good token is used where the file cannot be read for a moment',
        stands:
          '        // The last token is good as long as the server takes it; when it does not, what is wrong with the file is said.\n        return current;',
        becomes: "        throw new Error('no token');",
      },
      {
        breaks: 'Two tokens in one file are none',
        stands: 'sendable(token, tokenFile)',
        becomes: 'token',
      },
      {
        breaks: 'The authority is read again as it rotates',
        stands: 'if (tls !== undefined && (modified === undefined || modified === caModifiedAtMs)) return tls;',
        becomes: 'if (tls !== undefined) return tls;',
      },
      {
        breaks: 'A file without a certificate is no authority',
        stands: "if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw",
        becomes: "if (pem === '') throw",
      },
      {
        breaks: 'A pod without a mounted token is not in a cluster',
        stands: "(env.KUBERNETES_SERVICE_HOST ?? '') !== '' && isThere(join(directory, 'token'))",
        becomes: "(env.KUBERNETES_SERVICE_HOST ?? '') !== ''",
      },
      {
        breaks: 'An address of IPv6 stands in brackets',
        stands: "host.includes(':') && !host.startsWith('[')",
        becomes: 'false',
      },
    ],
  },
  {
    file: 'adapters/kubernetes/event-stream.ts',
    seenBy: ['adapters/kubernetes/controller-cluster'],
    decisions: [
      {
        breaks: 'A line of a watch that never ends is given up',
        stands: "if (rest.size > MAX_LINE_BYTES) finish('an event is too large');",
        becomes: '',
      },
      {
        breaks: 'A line that is no JSON ends a watch',
        stands: "if (event === undefined) finish('an event is no JSON');",
        becomes: 'if (event === undefined) void line;',
      },
      {
        breaks: 'An empty line says nothing',
        stands: "if (line.trim() === '') return true;",
        becomes: '',
      },
      {
        breaks: 'Nothing is heard of a watch that was told to end',
        stands: 'return event !== undefined && !signal.aborted;',
        becomes: 'return event !== undefined;',
      },
      {
        breaks: 'A line that is nested deeper than any object is not parsed',
        stands: 'const bounds = { depth: 64, values: 100_000 };',
        becomes: 'const bounds = { depth: 64_000, values: 100_000 };',
      },
    ],
  },
  {
    file: 'adapters/kubernetes/controller-cluster.ts',
    seenBy: ['adapters/kubernetes/controller-cluster'],
    decisions: [
      {
        breaks: 'A streamed list is not older than what there is now',
        stands: "query.set('resourceVersionMatch', 'NotOlderThan');",
        becomes: '',
      },
      {
        breaks: 'A watch is told of how far it is',
        stands: "query.set('allowWatchBookmarks', 'true');",
        becomes: '',
      },
      {
        breaks: 'The controller deletes only the secret that was read',
        stands: 'preconditions: still',
        becomes: 'preconditions: {}',
      },
      {
        breaks: 'A watch of secrets is of the one name alone',
        stands: 'new URLSearchParams({ fieldSelector: `metadata.name=${topic.secretName}` })',
        becomes: 'new URLSearchParams({})',
      },
    ],
  },
  {
    file: 'adapters/kubernetes/inventory-cluster.ts',
    seenBy: ['adapters/kubernetes/controller-cluster'],
    decisions: [
      {
        breaks: 'Prune removes only the secret that was read',
        stands: '        preconditions,\n',
        becomes: '',
      },
      {
        breaks: 'A dry run of prune removes nothing',
        stands: "...(dryRun ? { dryRun: ['All'] } : {}),",
        becomes: '',
      },
      {
        breaks: 'A dry run of prune changes no account',
        stands: "${dryRun ? '&dryRun=All' : ''}`,\n          accept",
        becomes: '`,\n          accept',
      },
    ],
  },
  {
    file: 'adapters/kubernetes/cluster.ts',
    seenBy: requests,
    decisions: [
      {
        breaks: 'Namespaces are asked for by the label alone',
        stands: 'labelSelector=${encodeURIComponent(labelSelector)}',
        becomes: 'labelSelector=',
      },
      {
        breaks: 'A dry run stores nothing',
        stands: "${dryRun ? '&dryRun=All' : ''}`;",
        becomes: '`;',
      },
      {
        breaks: 'Of a written secret its metadata alone come back',
        stands: '          path: applyPath(request),\n          accept: METADATA,\n',
        becomes: '          path: applyPath(request),\n',
      },
    ],
  },
  {
    file: 'adapters/kubernetes/connect.ts',
    seenBy: ['adapters/kubernetes/answer'],
    decisions: [
      {
        breaks: "A kubeconfig that is named goes before the pod's own account",
        stands: 'if (!isNamed && isInCluster(env, serviceAccountDirectory)) {',
        becomes: 'if (isInCluster(env, serviceAccountDirectory)) {',
      },
      {
        breaks: 'Every token that is sent is learnt',
        stands: String.raw`learn(header?.replace(/^(?:Bearer|Basic) /, ''));`,
        becomes: 'void header;',
      },
    ],
  },
  {
    file: 'adapters/kubernetes/impersonation.ts',
    seenBy: kubeconfig,
    decisions: [
      {
        breaks: 'Connections are kept though another user is spoken for',
        stands: 'if (known !== undefined) return known.disguised;',
        becomes: '',
      },
    ],
  },
  {
    file: 'adapters/kubernetes/turns.ts',
    seenBy: ['adapters/kubernetes/turns'],
    decisions: [
      {
        breaks: 'A few go on at a time',
        stands: 'if (going < most) begin();',
        becomes: 'if (going < 1e9) begin();',
      },
      {
        breaks: 'Who is done lets the next one go on',
        stands: '        waiting.delete(next);\n        next();',
        becomes: '        waiting.delete(next);',
      },
      {
        breaks: 'Who does not want to wait any more has no turn',
        stands: 'if (waiting.delete(begin)) return;',
        becomes: '',
      },
    ],
  },
  {
    file: 'adapters/kubernetes/pieces.ts',
    seenBy: ['adapters/kubernetes/pieces'],
    decisions: [
      {
        breaks: 'A character that is cut between two parts is whole',
        stands: 'this.#texts.push(this.#decoder.write(bytes));',
        becomes: "this.#texts.push(bytes.toString('utf8'));",
      },
    ],
  },
  {
    file: 'adapters/kubernetes/kubeconfig/file.ts',
    seenBy: ['kubeconfigs/kubeconfigs: in files'],
    decisions: [
      {
        breaks: 'Of two files with one name the first counts',
        stands: '.find((entries) => entries.length > 0) ?? [];',
        becomes: '.findLast((entries) => entries.length > 0) ?? [];',
      },
      {
        breaks: 'A name that stands twice in one file is nobody',
        stands: 'if (second !== undefined)',
        becomes: 'if (second === null)',
      },
      {
        breaks: 'A file that is no YAML is not quoted',
        stands: "flaw.code.toLowerCase().replaceAll('_', ' ')",
        becomes: 'flaw.message + readFileSync(file, "utf8")',
      },
      {
        breaks: 'A file that is not there is passed over',
        stands: "path !== '' && existsSync(path)",
        becomes: "path !== ''",
      },
      {
        breaks: 'The content of a kubeconfig is no path to be shown',
        stands: 'if (isContent(paths)) return',
        becomes: 'if (paths === "\0") return',
      },
      {
        breaks: 'An empty file holds nothing',
        stands: 'document.toJS() ?? {}',
        becomes: 'document.toJS()',
      },
    ],
  },
  {
    file: 'adapters/kubernetes/kubeconfig/entry.ts',
    seenBy: ['kubeconfigs/kubeconfigs'],
    decisions: [
      {
        breaks: 'A path is relative to the file in which it stands',
        stands: 'isAbsolute(path) ? path : join(entry.directory, path)',
        becomes: 'path',
        seenBy: ['kubeconfigs/kubeconfigs: in files'],
      },
      {
        breaks: 'A number is no token',
        stands: "if (typeof value === 'string') return value.toWellFormed();",
        becomes: "if (value !== null) return typeof value === 'string' ? value : '';",
        seenBy: ['kubeconfigs/kubeconfigs: takes for a number'],
      },
      {
        breaks: 'What is in a file and as data is a mistake',
        stands: "if (data !== '' && path !== '')",
        becomes: "if (data === '' && path === 'x')",
        seenBy: ['kubeconfigs/kubeconfigs: in a file and as data'],
      },
    ],
  },
  {
    file: 'adapters/kubernetes/kubeconfig/cluster.ts',
    seenBy: ['kubeconfigs/kubeconfigs: of a server'],
    decisions: [
      {
        breaks: 'The proxy of a kubeconfig is used',
        stands: "if (text === '') return proxyFor(server, env);",
        becomes: 'if (text !== null) return proxyFor(server, env);',
        seenBy: kubeconfig,
      },
      {
        breaks: 'A server that speaks something else than HTTP is refused',
        stands: "if (url.protocol !== 'https:' && url.protocol !== 'http:') {",
        becomes: "if (url.protocol === 'x:') {",
      },
      {
        breaks: 'A server without a scheme is spoken to with TLS where the file says what for',
        stands: "speaksTls(cluster, user) ? 'https' : 'http'",
        becomes: "'http'",
      },
      {
        breaks: 'Every certificate is verified unless the kubeconfig says otherwise',
        stands: 'if (!flagIn(cluster, insecure)) return',
        becomes: 'if (flagIn(cluster, insecure)) return',
      },
      {
        breaks: 'An authority beside the flag not to look at it is a mistake',
        stands: 'if (ca === undefined) return { ...named, rejectUnauthorized: false };',
        becomes: 'if (ca !== null) return { ...named, rejectUnauthorized: false };',
      },
      {
        breaks: "The machine's own authorities are trusted, as kubectl trusts them",
        stands: 'return others.length === 0 ? undefined : [...own, ...others];',
        becomes: 'return others.length === 0 ? own : undefined;',
      },
    ],
  },
  {
    file: 'adapters/kubernetes/kubeconfig/pem.ts',
    seenBy: ['kubeconfigs/kubeconfigs: of a user (?!with)'],
    decisions: [
      {
        breaks: 'The key of another certificate is found out',
        stands: 'if (!certificate.checkPrivateKey(keyIn(key))) {',
        becomes: 'if (keyIn(key) === undefined) {',
      },
      {
        breaks: 'A certificate that has expired is found out',
        stands: 'if (certificate.validToDate.getTime() >= nowMs) return;',
        becomes: 'if (nowMs > 0) return;',
      },
    ],
  },
  {
    file: 'adapters/kubernetes/kubeconfig/kubeconfig.ts',
    seenBy: kubeconfig,
    decisions: [
      {
        breaks: 'What stands in a kubeconfig as a secret is learnt',
        stands: "if (typeof value === 'string' && secretField.test(name)) learnBoth(value, learn);",
        becomes: '',
      },
      {
        breaks: 'A secret in the environment of a plugin is learnt',
        stands: "if (namesSecret(text(inner['name']))) learn(text(inner['value']));",
        becomes: '',
      },
    ],
  },
  {
    file: 'adapters/kubernetes/kubeconfig/credential-cache.ts',
    seenBy: kubeconfig,
    decisions: [
      {
        breaks: 'Files are read again after a minute, not once for ever',
        stands: 'Math.min(nowMs() + REREAD_AFTER_MS, expiresAtMs ?? Number.POSITIVE_INFINITY)',
        becomes: 'expiresAtMs ?? Number.POSITIVE_INFINITY',
      },
      {
        breaks: 'The same credentials keep their connections',
        stands: 'const tls = isDeepStrictEqual(old.tls, read.tls) ? old.tls : read.tls;',
        becomes: 'const tls = read.tls;',
      },
      {
        breaks: 'The same credentials as were refused are no others',
        stands: 'return next === refused ? undefined : next;',
        becomes: 'return next;',
      },
    ],
  },
  {
    file: 'adapters/kubernetes/kubeconfig/exec-plugin.ts',
    seenBy: kubeconfig,
    decisions: [
      {
        breaks: 'A plugin is run again when what it issued has expired',
        stands: 'now < (last.expiresAtMs ?? Number.POSITIVE_INFINITY)',
        becomes: 'now >= 0',
      },
      {
        breaks: 'A plugin is run again where the server refused what it issued',
        stands: '(!isRefused || now - rerunAtMs < RERUN_AFTER_MS)) return last;',
        becomes: 'now >= 0) return last;',
      },
      {
        breaks: 'A plugin is not run for each of many refusals',
        stands: '(!isRefused || now - rerunAtMs < RERUN_AFTER_MS)) return last;',
        becomes: '!isRefused) return last;',
      },
      {
        breaks: 'What a plugin issues is learnt',
        stands: '  learnIssued(stdout, host.learn);\n',
        becomes: '',
      },
      {
        breaks: 'A plugin that printed something else issued nothing',
        stands: "|| printed['apiVersion'] !== exec.apiVersion) {",
        becomes: ') {',
        seenBy: ['kubeconfigs/kubeconfigs: answers in another version'],
      },
      {
        breaks: 'Half a pair from a plugin is a mistake',
        stands: 'if (cert && !key)',
        becomes: "if (cert === 'x')",
        seenBy: ['kubeconfigs/kubeconfigs: gives half a pair'],
      },
    ],
  },
  {
    file: 'adapters/run-child.ts',
    seenBy: kubeconfig,
    decisions: [
      {
        breaks: 'A plugin that hangs is ended',
        stands: '    host.endChild(child);\n',
        becomes: '',
      },
      {
        breaks: 'A question of a plugin is passed on though no line ends it',
        stands: 'timer = setTimeout(flush, UNFINISHED_LINE_MS);',
        becomes: '',
      },
      {
        breaks: 'The end of what a plugin says of its failure is kept',
        stands: "[...lines.slice(0, 2), '…', lines.at(-1)]",
        becomes: 'lines.slice(0, 3)',
      },
    ],
  },
  {
    file: 'adapters/kubernetes/kubeconfig/exec.ts',
    seenBy: ['kubeconfigs/kubeconfigs: of a user with a plugin'],
    decisions: [
      {
        breaks: 'A plugin that must ask is not run where nobody is',
        stands: 'if (!hasTerminal) throw',
        becomes: 'if (apiVersion === "x") throw',
      },
      {
        breaks: 'v1 has to say whether a plugin asks',
        stands: "mode === '' && apiVersion.endsWith('v1beta1') ? 'IfAvailable' : mode",
        becomes: "mode === '' ? 'IfAvailable' : mode",
      },
      {
        breaks: 'The command of a plugin is relative to the file',
        stands: 'pathIn(user, command) : command,',
        becomes: 'command : command,',
      },
    ],
  },
  {
    file: 'adapters/kubernetes/kubeconfig/user.ts',
    seenBy: ['kubeconfigs/kubeconfigs: of a user (?!with)'],
    decisions: [
      {
        breaks: 'A file of a token goes before a token',
        stands: "if (path === '') return token",
        becomes: "if (path === '' || token !== '') return token",
      },
      {
        breaks: 'A token stands where its file cannot be read',
        stands: "if (token === '') throw error;",
        becomes: 'throw error;',
      },
      {
        breaks: 'A certificate without its key is a mistake',
        stands: 'if (cert !== undefined && key === undefined) throw',
        becomes: 'if (cert === null) throw',
      },
      {
        breaks: 'Nothing that proves who asks goes out over plain HTTP',
        stands: "if (server.protocol === 'http:') {",
        becomes: "if (server.protocol === 'x:') {",
        seenBy: kubeconfig,
      },
      {
        breaks: 'A token keeps a plugin from being run',
        stands: 'if (hasToken || tls.cert !== undefined) return { read: own };\n    const plugin',
        becomes: 'const plugin',
        seenBy: ['kubeconfigs/kubeconfigs: the plugin is not run'],
      },
      {
        breaks: 'Groups of nobody are a mistake',
        stands: 'if (alone !== undefined) throw',
        becomes: 'if (alone === null) throw',
      },
    ],
  },
  {
    file: 'adapters/kubernetes/credentialed.ts',
    seenBy: ['kubeconfigs/kubeconfigs: no credentials'],
    decisions: [
      {
        breaks: 'Who sends no credentials is told so, not to bind a role to nobody',
        stands: 'if (connection.anonymous !== undefined && isOfNobody(reply)) {',
        becomes: 'if (connection.anonymous === "x" && isOfNobody(reply)) {',
      },
    ],
  },
];

export const aws: readonly Mutated[] = [
  {
    file: 'adapters/aws/credential-process.ts',
    seenBy: ['adapters/aws/token-source: credential_process'],
    decisions: [
      {
        breaks: 'A credential_process is started once for calls at the same time',
        stands: 'shared.processes.get(command) ?? started(',
        becomes: 'started(',
      },
      {
        breaks: 'A credential_process is ended when its call is over',
        stands: '      shared.stop.abort();\n',
        becomes: '',
      },
      {
        breaks: 'A credential_process that failed is named',
        stands: '({ trouble }) => trouble !== undefined)?.trouble',
        becomes: '({ trouble }) => trouble === "")?.trouble',
      },
    ],
  },
  {
    file: 'adapters/aws/call.ts',
    seenBy: tokenSource,
    decisions: [
      {
        breaks: 'A call has a limit, with its credentials and its attempts',
        stands: 'send(config, either), limitMs, signal)',
        becomes: 'send(config, either), 1e8, signal)',
      },
      {
        breaks: 'Who refused is told: ECR, or who issues the credentials',
        stands: 'if (notes.credentials !== undefined) return replyOfError(error, { service, host: notes.host });',
        becomes: 'if (notes.credentials !== null) return replyOfError(error, { service, host: notes.host });',
      },
      {
        breaks: 'Credentials that STS refused are told from those that nobody set up',
        stands: "const asked = credentialsHost === undefined ? 'credentials' : 'sts';",
        becomes: "const asked = 'credentials';",
      },
      {
        breaks: 'What the links of the credential chain say is told',
        stands: 'trail: finding.said() }',
        becomes: 'trail: [] }',
      },
      {
        breaks: 'The key that a call is signed with is learnt',
        stands: '    learn(found.secretAccessKey);\n',
        becomes: '',
      },
      {
        breaks: 'AWS_CA_BUNDLE is used',
        stands: 'ca: certificates.value, timeoutMs: requestTimeoutMs',
        becomes: 'ca: undefined, timeoutMs: requestTimeoutMs',
      },
    ],
  },
  {
    file: 'adapters/aws/credential-chain.ts',
    seenBy: tokenSource,
    decisions: [
      {
        breaks: 'A line break behind a token in a file is none of it',
        stands: "readFileSync(path, 'utf8').trim() || undefined",
        becomes: "readFileSync(path, 'utf8') || undefined",
      },
      {
        breaks: 'A token of a web identity is learnt',
        stands: 'for (const token of [identityToken, containerToken]) learn(token);',
        becomes: '',
      },
      {
        breaks: 'A key that was changed is used at the next call',
        stands: 'ignoreCache: true,',
        becomes: 'ignoreCache: false,',
      },
    ],
  },
  {
    file: 'adapters/aws/tokens.ts',
    seenBy: tokenSource,
    decisions: [
      {
        breaks: 'A profile that is named goes before a key in the environment',
        stands: "!isSet('AWS_PROFILE') && ",
        becomes: '',
      },
      {
        breaks: 'Without a key, credentials are looked for',
        stands: "isSet('AWS_ACCESS_KEY_ID') && isSet('AWS_SECRET_ACCESS_KEY');",
        becomes: 'true;',
      },
    ],
  },
  {
    file: 'adapters/aws/requests.ts',
    seenBy: tokenSource,
    decisions: [
      {
        breaks: 'The proxy to AWS is used',
        stands: 'const proxy = proxyFor(target, env);',
        becomes: 'const proxy = proxyFor(target, {});',
      },
      {
        breaks: 'The host that was asked is known',
        stands: '        asked(target.host);\n',
        becomes: '',
      },
      {
        breaks: 'The clock of AWS is known',
        stands: 'if (!Number.isNaN(serverMs)) dated?.(target.host, serverMs);',
        becomes: '',
      },
      {
        breaks: 'An answer of AWS without an end is not read into memory',
        stands: 'if (size <= MOST_ANSWER_BYTES) return;',
        becomes: 'if (size >= 0) return;',
      },
    ],
  },
  {
    file: 'adapters/aws/bounded-call.ts',
    seenBy: tokenSource,
    decisions: [
      {
        breaks: 'A call ends when it is told to, whatever the SDK waits for',
        stands: 'await Promise.race([send(either), ended.promise])',
        becomes: 'await send(limit.signal)',
      },
    ],
  },
  {
    file: 'adapters/aws/bounded-answers.ts',
    seenBy: tokenSource,
    decisions: [
      {
        breaks: 'An answer of what gives credentials on the node is not read into memory without an end',
        stands: 'if (size <= MOST_ANSWER_BYTES) return push(chunk, encoding);',
        becomes: 'if (size >= 0) return push(chunk, encoding);',
      },
    ],
  },
  {
    file: 'adapters/aws/ecr.ts',
    seenBy: tokenSource,
    decisions: [
      {
        breaks: 'What is issued is learnt',
        stands: '    learnIssued(answer, options.learn);\n',
        becomes: '',
      },
      {
        breaks: 'The password in what is issued is learnt',
        stands: "learn(Buffer.from(answer.authorizationToken, 'base64').toString('utf8').replace(/^AWS:/, ''));",
        becomes: '',
      },
      {
        breaks: 'A token that is no text is none',
        stands: "authorizationToken: typeof authorizationToken === 'string' ? authorizationToken : undefined,",
        becomes: 'authorizationToken: authorizationToken as string,',
      },
      {
        breaks: 'A call goes to the region of its registries',
        stands: '...(region === undefined ? {} : { region }),',
        becomes: "region: 'us-east-1',",
      },
    ],
  },
  {
    file: 'adapters/aws/error.ts',
    seenBy: tokenSource,
    decisions: [
      {
        breaks: "Node's word for a broken connection is told beside the SDK's",
        stands: 'const causeCode = codeOf(error);',
        becomes: 'const causeCode = undefined as string | undefined;',
      },
      {
        breaks: 'The id under which AWS logged a refusal is told',
        stands: '...(requestId === undefined ? {} : { requestId }),\n    service',
        becomes: 'service',
      },
    ],
  },
];

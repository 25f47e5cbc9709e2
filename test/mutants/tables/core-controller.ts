import type { Mutated } from '../mutant.ts';

export const coreController: readonly Mutated[] = [
  {
    file: 'core/controller/token-renewal.ts',
    seenBy: ['core/controller/token-renewal'],
    decisions: [
      {
        breaks: 'A token that has expired is not written beside one that lives',
        stands: 'return live.length > 0 ? live : held;',
        becomes: 'return held;',
      },
      {
        breaks: 'A token is renewed at half of its life',
        stands: '(0.45 + 0.1 * chance)',
        becomes: '(0.95 + 0.1 * chance)',
      },
      {
        breaks: 'Clusters that started together do not ask ECR in step',
        stands: '(0.45 + 0.1 * chance)',
        becomes: '0.5',
      },
      {
        breaks: 'A token is renewed by whichever clock says so first',
        stands: 'Math.max(now.wallMs - life.issuedAtMs, now.steadyMs - gotAt.steadyMs)',
        becomes: 'now.wallMs - life.issuedAtMs',
      },
      {
        breaks: 'A token that expires no later than the one in use is no news',
        stands: 'if (!isComparable || expiresAtMs > held.life.expiresAtMs) return',
        becomes: 'if (!isComparable || expiresAtMs > 0) return',
      },
      {
        breaks: 'A token that was issued by a clock that was set back since is taken',
        stands: 'held !== undefined && issuedAtMs >= held.life.issuedAtMs',
        becomes: 'held !== undefined',
      },
      {
        breaks: 'The time between calls to an ECR that fails grows, up to five minutes',
        stands: 'Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(failures - 1, 20))',
        becomes: 'firstRetryMs',
      },
      {
        breaks: 'There is an alarm before the tokens expire',
        stands: 'return leftMs <= lifeMs / 4 ? 1 : 0;',
        becomes: 'return 0;',
      },
      {
        breaks: 'The alarm is raised anew in the last eighth of the life',
        stands: 'if (leftMs <= lifeMs / 8) return 2;',
        becomes: '',
      },
    ],
  },
  {
    file: 'core/controller/backoff.ts',
    seenBy: ['core/controller/streak'],
    decisions: [
      {
        breaks: 'A namespace that cannot be served waits longer each time',
        stands: 'firstBackoffMs * 2 ** Math.min(failures - 1, 20)',
        becomes: 'firstBackoffMs',
      },
      {
        breaks: 'A namespace that cannot be served is tried again within five minutes',
        stands: 'Math.min(longestBackoffMs, firstBackoffMs',
        becomes: 'Math.max(0, firstBackoffMs',
      },
      {
        breaks: 'Namespaces that failed together do not come back in step',
        stands: '(0.5 + 0.5 * chance)',
        becomes: '1',
      },
    ],
  },
  {
    file: 'core/controller/streak.ts',
    seenBy: ['core/controller/streak'],
    decisions: [
      {
        breaks: 'What was calm for a while begins anew',
        stands: 'before === undefined || isCalm(before, patience, nowMs)',
        becomes: 'before === undefined',
      },
      {
        breaks: 'A few times are an accident',
        stands: 'streak.times > tolerated',
        becomes: 'streak.times > 0',
      },
      {
        breaks: 'Who goes on without end waits longer each time',
        stands: 'firstDelayMs * 2 ** Math.min(streak.times - tolerated - 1, 20)',
        becomes: 'firstDelayMs',
      },
      {
        breaks: 'The wait does not grow beyond its bound',
        stands: 'Math.min(longestDelayMs, firstDelayMs',
        becomes: 'Math.max(0, firstDelayMs',
      },
      {
        breaks: 'A streak is not forgotten while its own wait lasts',
        stands: 'Math.max(10 * 60_000, 3 * delayMs(streak, patience))',
        becomes: '10 * 60_000',
      },
    ],
  },
  {
    file: 'core/controller/announcement.ts',
    seenBy: ['core/controller/announcement'],
    decisions: [
      {
        breaks: 'What was said is not said again',
        stands: 'isHeard && said.code === problem && said.isLost !== true',
        becomes: 'false',
      },
      {
        breaks: 'A namespace is spoken of once in ten minutes at most',
        stands: 'nowMs - said.atMs < quietMs',
        becomes: 'nowMs - said.atMs < 0',
      },
      {
        breaks: 'A refusal soon after a recovery is said, though later',
        stands: "return ['later', said.atMs + quietMs];",
        becomes: "return ['nothing'];",
      },
      {
        breaks: 'That a secret is valid again is said at once',
        stands: "if (problem === undefined && said?.isLost !== true) return ['recovered'];",
        becomes: '',
      },
      {
        breaks: 'What the API server could not take for a moment is no news',
        stands: "if (problem === 'NamespaceUnserved' && failures < toleratedFailures) return ['nothing'];",
        becomes: '',
      },
      {
        breaks: 'What nobody may have heard is said again',
        stands: 'said.code === problem && said.isLost !== true',
        becomes: 'said.code === problem',
      },
      {
        breaks: 'Another namespace of the same name is told itself',
        stands: 'said !== undefined && said.isOfAnother !== true',
        becomes: 'said !== undefined',
      },
      {
        breaks: 'An Event that is sent twice is there once',
        stands: 'Math.max(0, wallMs).toString(16)',
        becomes: 'Math.random().toString(16)',
      },
      {
        breaks: 'An Event is no longer than the API server takes',
        stands: 'if (bytes.length <= 1024) return note;',
        becomes: 'if (bytes.length <= 1e9) return note;',
      },
      {
        breaks: 'What was said of a namespace is remembered as long as it has to be quiet',
        stands: 'return quietUntilMs ?? countsUntilMs;',
        becomes: 'return countsUntilMs;',
      },
      {
        breaks: 'No secret stands in an Event',
        stands: 'note: cut(sink.text(note))',
        becomes: 'note: cut(note)',
      },
    ],
  },
  {
    file: 'core/controller/controller-status.ts',
    seenBy: ['core/controller/controller-status'],
    decisions: [
      {
        breaks: 'A namespace without the label or on its way out is in no count',
        stands: 'if (state.labelled && !state.terminating)',
        becomes: 'if (state.labelled || state.terminating)',
      },
      {
        breaks: 'Nobody is ready before all has been listed',
        stands: "if (!isSynced) return 'namespaces and secrets are not in sync yet';",
        becomes: '',
      },
      {
        breaks: 'Nobody is ready who cannot see what happens',
        stands: "if (isCut) return 'the API server does not let namespaces, secrets or the Lease be seen';",
        becomes: '',
      },
      {
        breaks: 'A standby in sync is ready',
        stands: 'if (!isLeading) return undefined;',
        becomes: "if (!isLeading) return 'it does not lead';",
      },
      {
        breaks: 'A leader without a token is not ready',
        stands: "if (!hasToken) return 'ECR has given no token yet';",
        becomes: '',
      },
      {
        breaks: 'A leader with work left from the start is not ready',
        stands: "return hasCaughtUp ? undefined : 'not every namespace has been served yet';",
        becomes: 'return undefined;',
      },
    ],
  },
  {
    file: 'core/controller/horizon.ts',
    seenBy: ['core/controller/horizon'],
    decisions: [
      {
        breaks: 'Data that were put back to a backup are known by an answer that is too old',
        stands: 'if (!isOlder(resourceVersion, since)) {',
        becomes: 'if (since !== undefined) {',
      },
      {
        breaks: 'What comes late says nothing of how far the data are',
        stands: "if (newest === '' || isOlder(newest, resourceVersion)) newest = resourceVersion;",
        becomes: 'newest = resourceVersion;',
      },
      {
        breaks: 'Who has to know hears of data that were put back',
        stands: 'for (const tell of listeners) tell();',
        becomes: '',
      },
    ],
  },
  {
    file: 'core/controller/shared-settings.ts',
    seenBy: ['core/controller/shared-settings'],
    decisions: [
      {
        breaks: 'A setting that another version does not note is not known to differ',
        stands: 'Object.hasOwn(theirs, name) && theirs[name] !== ours[name]',
        becomes: 'theirs[name] !== ours[name]',
      },
      {
        breaks: 'What others may write is bounded before it is parsed',
        stands: '|| other.length > mostNoteCharacters) return [];',
        becomes: ') return [];',
      },
    ],
  },
  {
    file: 'core/controller/lease.ts',
    seenBy: ['core/controller/lease'],
    decisions: [
      {
        breaks: 'A Lease that another holds is not taken',
        stands: "runsOutAtMs(observed, me) > nowMs ? ['wait', 'LeaseHeld'] :",
        becomes: "nowMs < 0 ? ['wait', 'LeaseHeld'] :",
      },
      {
        breaks: 'A Lease that was given back is taken at once',
        stands: "if (lastHolder === undefined && record.holder === '') return",
        becomes: "if (lastHolder === 'nobody' && record.holder === '') return",
      },
      {
        breaks: 'A Lease that a backup calls ours is not believed to be',
        stands: 'if (lastHolder === undefined && record.holder === me.identity) return',
        becomes: 'if (record.holder === me.identity) return',
      },
      {
        breaks: 'A Lease that is renewed counts from then on',
        stands: 'if (!isOlder(record.resourceVersion, before.record.resourceVersion)) return { record, atMs: nowMs };',
        becomes:
          'if (!isOlder(record.resourceVersion, before.record.resourceVersion)) return { record, atMs: before.atMs };',
      },
      {
        breaks: 'A Lease that nobody renews runs out, however often it is looked at',
        stands: 'if (before.record.resourceVersion === record.resourceVersion) return before;',
        becomes: '',
      },
      {
        breaks: 'What was seen before a restore counts from the restore',
        stands: 'return { record: before.record, atMs: restoredAtMs, lastHolder:',
        becomes: 'return { record: before.record, atMs: before.atMs, lastHolder:',
      },
      {
        breaks: 'What was seen before the server was away counts anew',
        stands: 'isAnothers ? { ...before, atMs: nowMs } : before',
        becomes: 'before',
      },
      {
        breaks: 'Changes of leaders are counted',
        stands: 'before.transitions + (keeps ? 0 : 1)',
        becomes: 'before.transitions',
      },
      {
        breaks: 'A Lease is written on the condition that it is the one that was read',
        stands: 'leaseBody(place, before?.resourceVersion, spec, annotations)',
        becomes: 'leaseBody(place, undefined, spec, annotations)',
      },
      {
        breaks: 'A Lease is given back on the condition that it is still ours',
        stands: 'leaseBody(place, before.resourceVersion, {',
        becomes: 'leaseBody(place, undefined, {',
      },
      {
        breaks: 'A Lease has the settings of its holder',
        stands: "const annotations = settings === '' ? {} : { [settingsAnnotation]: settings };",
        becomes: 'const annotations = {};',
      },
      {
        breaks: 'Replicas do not ask for the Lease in step',
        stands: 'retryMs * (1 + 0.2 * chance)',
        becomes: 'retryMs',
      },
    ],
  },
  {
    file: 'core/controller/namespace-state.ts',
    seenBy: ['core/controller/namespace-state', 'controller/namespaces'],
    decisions: [
      {
        breaks: 'A namespace without the label is not served',
        stands:
          "if (!state.labelled) return prune && isLeftover(state) ? ['prune', 'LabelLost'] : ['nothing', 'NotLabelled'];",
        becomes: '',
      },
      {
        breaks: 'Nothing is pruned unless that is asked for',
        stands: 'return prune && isLeftover(state) ?',
        becomes: 'return isLeftover(state) ?',
      },
      {
        breaks: 'A secret is pruned only where this process saw the label',
        stands: 'return wasLabelled && !terminating &&',
        becomes: 'return !terminating &&',
      },
      {
        breaks: 'A namespace that is being deleted is left alone',
        stands: "if (state.terminating) return ['nothing', 'NamespaceTerminating'];",
        becomes: '',
      },
      {
        breaks: 'An expired token is not applied, and is looked at again soon',
        stands:
          "if (wanted.expiresAtMs <= now.wallMs) return ['wait', 'TokenExpired', now.steadyMs + clockPatienceMs];",
        becomes: '',
      },
      {
        breaks: 'What others do is no reason to let a token run out',
        stands: "if (reason === 'TokenRenewed') return ['apply', reason];",
        becomes: '',
      },
      {
        breaks: 'A fight with another party is not fought at full speed',
        stands: "if (repairMs > now.steadyMs) return ['wait', 'SecretContended', repairMs];",
        becomes: '',
      },
      {
        breaks: 'A namespace that is touched without end is not served without end',
        stands: "touchMs > now.steadyMs ? ['wait', 'TouchedTooOften', touchMs] : ['apply', reason]",
        becomes: "['apply', reason]",
      },
      {
        breaks: 'A refused secret is left until it changes',
        stands: "if (isOther && refusedAt === secret.resourceVersion) return 'SecretRefused';",
        becomes: '',
      },
      {
        breaks: 'What only seems newer is looked at',
        stands: "newerAt === secret.resourceVersion ? 'SecretIsNewer' : 'SecretSeemsNewer'",
        becomes: "'SecretIsNewer'",
      },
      {
        breaks: 'A secret that this process did not write is proven',
        stands: "return secret === undefined ? 'SecretMissing' : 'SecretUnproven';",
        becomes: "return secret === undefined ? 'SecretMissing' : 'SecretUpToDate';",
      },
      {
        breaks: 'A new token is written everywhere',
        stands: "if (written.expiresAtMs !== wanted.expiresAtMs) return 'TokenRenewed';",
        becomes: '',
      },
      {
        breaks: 'Our own write is not taken for a deed of others while the watch is on its way to it',
        stands: 'secret === undefined || isOlder(secret.resourceVersion, written.resourceVersion)',
        becomes: 'secret === undefined',
      },
      {
        breaks: 'What others changed is put right',
        stands: "? 'SecretUpToDate' : 'SecretAltered'",
        becomes: "? 'SecretUpToDate' : 'SecretUpToDate'",
      },
      {
        breaks: 'An event that is older than what was seen says nothing',
        stands: 'if (!isListed && last !== undefined && isOlder(resourceVersion, last)) return;',
        becomes: '',
      },
      {
        breaks: 'A list is believed though it is older, since the data may be from a backup',
        stands: 'if (!isListed && last !== undefined &&',
        becomes: 'if (last !== undefined &&',
      },
      {
        breaks: 'A deletion is weighed against what our write was answered with',
        stands: 'if (state.written !== undefined && isOlder(resourceVersion, state.written.resourceVersion)) {',
        becomes: 'if (state.written === null) {',
      },
      {
        breaks: 'A secret that was deleted while the answer to our write was on its way is missing',
        stands: 'state.written = isGone ? undefined : written;',
        becomes: 'state.written = written;',
      },
      {
        breaks: 'What a fresh list does not have is not there, whatever we wrote',
        stands: '  if (isLater) state.secret = undefined;\n  else lost(state);',
        becomes: '  if (isLater) state.secret = undefined;',
      },
      {
        breaks: 'A write after a list is not in it',
        stands: '  if (isLater) state.secret = undefined;\n  else lost(state);',
        becomes: '  lost(state);',
      },
      {
        breaks: 'What a list has in an older revision than our write is not what we wrote',
        stands: 'if (isOther && !isLater) state.written = undefined;',
        becomes: '',
      },
      {
        breaks: 'A new term proves everything anew',
        stands: 'export function doubted(state: NamespaceState): void {\n  state.written = undefined;',
        becomes: 'export function doubted(state: NamespaceState): void {',
      },
      {
        breaks: 'What was noted before a restore means nothing',
        stands:
          "export function restored(state: NamespaceState): void {\n  state.written = undefined;\n  forget(state, 'goneAt', 'refusedAt', 'newerAt');",
        becomes: 'export function restored(state: NamespaceState): void {',
      },
      {
        breaks: 'A namespace that lost its label is found to be refused anew should it come back',
        stands: "forget(state, 'undone', 'failures', 'problem', 'problemSinceMs', 'refusedAt', 'newerAt');",
        becomes: "forget(state, 'undone', 'failures', 'problem', 'problemSinceMs');",
      },
      {
        breaks: 'A fight is not over because of one more write',
        stands: "if (state.problem?.code !== 'SecretContended' || !isContended(state)) forget(state, 'problem');",
        becomes: "forget(state, 'problem');",
      },
      {
        breaks: 'A secret whose token has expired is not called valid',
        stands: "if (expiresAtMs <= nowMs) return 'expired';",
        becomes: '',
      },
      {
        breaks: 'A refusal is the worst that is true of a secret',
        stands: "if (state.refusedAt !== undefined) return 'refused';",
        becomes: '',
      },
    ],
  },
  {
    file: 'core/controller/pruning.ts',
    seenBy: ['core/controller/pruning'],
    decisions: [
      {
        breaks: 'The label is looked for once more before anything is deleted',
        stands: "return ['ask', { kind: 'labelled', place }, { place, still: detail }];",
        becomes:
          "return ['ask', { kind: 'delete', place, still: detail }, { place, still: detail, isUnlabelled: true }];",
      },
      {
        breaks: 'A namespace that has its label again keeps its secret',
        stands:
          "if (page.items.some(({ name }) => name === place.namespace)) return ['end', ['NamespaceLabelled'], job];",
        becomes: '',
      },
      {
        breaks: 'What cannot be told to be without the label is left',
        stands: "if (page === undefined) return ['end', ['Retry', pruneFailure(reply, place)], job];",
        becomes:
          "if (page === undefined) return ['ask', { kind: 'delete', place, still }, { ...job, isUnlabelled: true }];",
      },
      {
        breaks: 'A secret that is gone by then is gone',
        stands: "if (reply.kind === 'answer' && reply.status === 404) return ['SecretGone'];",
        becomes: '',
      },
      {
        breaks: 'A deletion that was not carried out is tried again',
        stands: "return isDone(reply) ? ['SecretPruned'] :",
        becomes: "return reply.kind === 'answer' ? ['SecretPruned'] :",
      },
    ],
  },
  {
    file: 'core/controller/refusals.ts',
    seenBy: ['core/controller/refusals'],
    decisions: [
      {
        breaks: 'A watch that is forbidden names the permission',
        stands: "if (message.includes('cannot watch')) {",
        becomes: "if (message === 'cannot watch') {",
      },
      {
        breaks: 'A list that is forbidden is told from a watch that is',
        stands:
          "return topic.kind === 'secrets' ? secretsFailure(reply, server, topic.secretName) : listFailure(reply, server);",
        becomes: "return failure('ApiWatchForbidden', { ...facts, why: message, resource: topic.kind });",
      },
      {
        breaks: 'A Lease that is forbidden names the permission',
        stands: "status === 403 ? 'LeaseForbidden' : 'LeaseFailed'",
        becomes: "status === 999 ? 'LeaseForbidden' : 'LeaseFailed'",
      },
      {
        breaks: 'An Event that is forbidden names the permission',
        stands: "isForbidden ? 'EventForbidden' : 'EventFailed'",
        becomes: "'EventFailed'",
      },
      {
        breaks: 'What somebody has to mend is known for it',
        stands: 'return lasting.has(code);',
        becomes: 'return false;',
      },
    ],
  },
  {
    file: 'core/controller/watch-events.ts',
    seenBy: ['core/controller/watch-events'],
    decisions: [
      {
        breaks: 'A revision that is too old has all listed anew',
        stands: "object['code'] === 410 ? ['relist', 'RevisionTooOld'] :",
        becomes: "object['code'] === 0 ? ['relist', 'RevisionTooOld'] :",
      },
      {
        breaks: 'A streamed list is whole only when the server says so',
        stands: "notes['k8s.io/initial-events-end'] === 'true'",
        becomes: 'notes !== undefined',
      },
      {
        breaks: 'A deletion is no change',
        stands: "type === 'ADDED' || type === 'MODIFIED'",
        becomes: "type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED'",
      },
      {
        breaks: 'An event of a kind that nobody knows changes nothing',
        stands: "return type === 'DELETED' ? ['gone', facts] :",
        becomes: "return type !== 'ADDED' ? ['gone', facts] :",
      },
      {
        breaks: 'A server that cannot stream lists is asked for pages',
        stands: "    return 'cannotStream';",
        becomes: "    return 'retry';",
      },
      {
        breaks: 'A refusal for another reason is no sign of an old server',
        stands: '/sendInitialEvents|resourceVersionMatch/.test(apiStatus(reply.body).message)',
        becomes: "apiStatus(reply.body).message !== 'no'",
      },
      {
        breaks: 'A namespace that is being deleted is seen to be',
        stands: "terminating: metadata['deletionTimestamp'] !== undefined",
        becomes: 'terminating: false',
      },
    ],
  },
  {
    file: 'core/controller/job.ts',
    seenBy: ['core/controller/job'],
    decisions: [
      {
        breaks: 'What goes wrong with a prune is a failure of that namespace alone',
        stands: "({ place }, bug) => ['Retry', placed('NamespaceBug', place, { why: String(bug) })] as const,",
        becomes: '(_, bug) => { throw bug; },',
      },
    ],
  },
  {
    file: 'core/queue/work-queue.ts',
    seenBy: ['core/queue/work-queue'],
    decisions: [
      {
        breaks: 'What is urgent goes before renewals',
        stands: "(['urgent', 'urgent', 'routine', 'urgent', 'resumed'] as const)",
        becomes: "(['routine', 'routine', 'urgent', 'routine', 'resumed'] as const)",
      },
      {
        breaks: 'Renewals get their share however much is urgent',
        stands: "(['urgent', 'urgent', 'routine', 'urgent', 'resumed'] as const)",
        becomes: "(['urgent', 'urgent', 'urgent', 'urgent', 'resumed'] as const)",
      },
      {
        breaks: 'What had to wait gets its share however much is new',
        stands: "(['urgent', 'urgent', 'routine', 'urgent', 'resumed'] as const)",
        becomes: "(['urgent', 'urgent', 'routine', 'urgent', 'urgent'] as const)",
      },
      {
        breaks: 'A key is in work once at a time',
        stands: '  if (working !== undefined) {',
        becomes: '  if (working === null) {',
      },
      {
        breaks: 'A key that is wanted while it is in work is done once more',
        stands: 'working.again = { lane, sinceMs };',
        becomes: '{ void lane; }',
      },
      {
        breaks: 'A key keeps its place when it is wanted again',
        stands: 'const sinceMs = lanes.routine.get(key) ?? nowMs;',
        becomes: 'const sinceMs = nowMs;',
      },
      {
        breaks: 'An earlier time is not put off',
        stands: 'if ((later.at(key) ?? Number.POSITIVE_INFINITY) > dueMs) later.set(key, dueMs);',
        becomes: 'later.set(key, dueMs);',
      },
      {
        breaks: 'What is forgotten is not done',
        stands: 'for (const waiting of [lanes.urgent, lanes.routine, later]) waiting.delete(key);\n      delete inWork',
        becomes: 'delete inWork',
      },
    ],
  },
  {
    file: 'core/queue/due-times.ts',
    seenBy: ['core/queue/work-queue'],
    decisions: [
      {
        breaks: 'What is due first comes first',
        stands: 'if (parent === undefined || parent.dueMs <= entry.dueMs) break;',
        becomes: 'break;',
      },
      {
        breaks: 'Nothing comes before its time',
        stands: 'if (first === undefined || first.dueMs > nowMs) return undefined;',
        becomes: 'if (first === undefined) return undefined;',
      },
      {
        breaks: 'A time that was replaced does not come',
        stands: 'first !== undefined && current.get(first.key) !== first',
        becomes: 'first !== undefined && !current.has(first.key)',
      },
    ],
  },
];

import type { Mutated } from '../mutant.ts';

export const serving: readonly Mutated[] = [
  {
    file: 'serving/engine.ts',
    seenBy: ['serving/engine'],
    decisions: [
      {
        breaks: 'An overloaded server is asked for half as much at a time',
        stands: 'if (isOverload(reply)) this.#allowed = Math.max(1, Math.floor(this.#allowed / 2));',
        becomes: 'if (isOverload(reply)) this.#allowed += 0;',
      },
      {
        breaks: 'However overloaded a server is, one request is made at a time',
        stands: 'Math.max(1, Math.floor(this.#allowed / 2))',
        becomes: 'Math.floor(this.#allowed / 2)',
        seenBy: ['serving/engine', 'regressions/ended-for-good'],
      },
      {
        breaks: 'It begins with one request, not with all',
        stands: '#allowed = 1;',
        becomes: '#allowed = 1000;',
      },
      {
        breaks: 'More requests are made at a time where all go well',
        stands: 'Math.min(this.#settings.concurrency, this.#allowed + 1)',
        becomes: 'this.#allowed',
      },
      {
        breaks: 'Requests that hang do not keep the others',
        stands: 'const patienceMs = 1000;',
        becomes: 'const patienceMs = 1e9;',
      },
      {
        breaks: 'However many hang time after time, the others have half',
        stands: 'resumed: this.#resumed < Math.max(1, concurrency / 2)',
        becomes: 'resumed: true',
      },
      {
        breaks: 'No more jobs wait in the middle of their work than memory has room for',
        stands: 'fresh: this.#queue.paused < mostPaused',
        becomes: 'fresh: true',
      },
      {
        breaks: 'No more requests are made at a time than are allowed',
        stands: '!isOpen() || this.#inFlight.size >= concurrency || this.#isFull(steadyMs)',
        becomes: '!isOpen() || this.#isFull(steadyMs)',
      },
      {
        breaks: 'Nothing is begun while no work may be done',
        stands: 'if (!isOpen() || this.#inFlight.size',
        becomes: 'if (this.#inFlight.size',
      },
      {
        breaks: 'What waits holds nothing, and goes on in its time',
        stands: 'else this.#queue.pause(key, detail);',
        becomes: 'else void key;',
      },
      {
        breaks: 'What was begun makes its requests after a stop',
        stands: "if (work.isDropped || (kind === 'wait' && isStopped)) return this.#leave(key, now);",
        becomes: 'if (work.isDropped || isStopped) return this.#leave(key, now);',
      },
      {
        breaks: 'Nothing waits after a stop',
        stands: "(kind === 'wait' && isStopped)",
        becomes: '(kind === null && isStopped)',
      },
      {
        breaks: 'What is forgotten makes no further request',
        stands: 'if (work.isDropped || (kind',
        becomes: 'if ((kind',
      },
      {
        breaks: 'What is left at a stop is told to be',
        stands: 'for (const key of waiting) this.#hands.left(key);',
        becomes: '',
      },
      {
        breaks: 'A bug of the hands ends the engine',
        stands: '.then(take).catch(this.#over.reject);',
        becomes: '.then(take).catch(() => undefined);',
      },
      {
        breaks: 'What becomes due while the clock is read is not slept through',
        stands: 'this.#alarm.set(this.#wakeAtMs(now.steadyMs), now.steadyMs);',
        becomes: 'this.#alarm.set(this.#wakeAtMs(this.#now().steadyMs), now.steadyMs);',
      },
      {
        breaks: 'The engine does not end while there is work',
        stands: "if (this.#works.size > 0 || this.#feed === 'open') return false;",
        becomes: "if (this.#feed === 'open') return false;",
      },
      {
        breaks: 'Without a feed the engine ends only when it is told',
        stands: "(this.#feed === 'ended' && isEmpty)",
        becomes: 'isEmpty',
      },
      {
        breaks: 'An engine that should have taken up work is known to be stuck',
        stands: 'return this.#queue.readySinceMs() ?? this.#queue.nextDueMs();',
        becomes: 'return undefined;',
      },
    ],
  },
  {
    file: 'serving/alarm.ts',
    seenBy: ['serving/engine', 'regressions/hanging-namespaces'],
    decisions: [
      {
        breaks: 'An alarm that rang can be set again',
        stands: '    if (signal.aborted) return;\n    setMs = Number.POSITIVE_INFINITY;',
        becomes: '    if (signal.aborted) return;',
      },
      {
        breaks: 'An alarm rings at the earliest time that was set',
        stands: 'if (atMs >= setMs) return;',
        becomes: 'if (setMs !== Number.POSITIVE_INFINITY) return;',
      },
    ],
  },
  {
    file: 'serving/deadline.ts',
    seenBy: ['serving/deadline'],
    decisions: [
      {
        breaks: 'The deadline ends what runs',
        stands: 'if (!over.signal.aborted) deadline.abort(reason);',
        becomes: '',
      },
      {
        breaks: 'A signal ends what runs before its deadline',
        stands: 'stop === undefined ? deadline.signal : AbortSignal.any([stop, deadline.signal])',
        becomes: 'deadline.signal',
      },
      {
        breaks: 'What is done does not wait for its deadline',
        stands: "over.abort('Over');",
        becomes: '',
      },
    ],
  },
  {
    file: 'serving/drive.ts',
    seenBy: ['serving/pages'],
    decisions: [
      {
        breaks: 'What waits is not waited for after a stop',
        stands: "if (stop.aborted && happened[0] === 'answered') return { stopped: true, reply: happened[1], job };",
        becomes: '',
        seenBy: ['serving/deadline'],
      },
      {
        breaks: 'A request that was given up is told to be',
        stands: "if (stop.aborted && reply.kind === 'broken' && reply.cause === 'Aborted') return",
        becomes: "if (stop.aborted && reply.kind === 'broken' && reply.message === '') return",
      },
      {
        breaks: 'A wait is as long as the machine wants it',
        stands: 'await clock.sleep(step[1] - clock.steadyMs(), stop);',
        becomes: 'await clock.sleep(0, stop);',
        seenBy: ['serving/deadline'],
      },
    ],
  },
  {
    file: 'serving/pages.ts',
    seenBy: ['serving/pages'],
    decisions: [
      {
        breaks: 'The next page is asked for while one is being used',
        stands: 'const next = continueToken === undefined ? undefined : read(continueToken);\n    yield page.value;',
        becomes: 'yield page.value;\n    const next = continueToken === undefined ? undefined : read(continueToken);',
      },
      {
        breaks: 'What ended a list early is told',
        stands: 'if (!page.ok) return ended(page.failure);',
        becomes: 'if (!page.ok) return;',
      },
      {
        breaks: 'So many objects as went together once are asked for from then on',
        stands: '({ limit } = driven.end);',
        becomes: '',
      },
      {
        breaks: 'A list without an end is given up',
        stands: 'if (why === undefined) return result;',
        becomes: 'if (why !== null) return result;',
      },
      {
        breaks: 'Empty pages count only in a row',
        stands: 'result.value.items.length === 0 ? progress.emptyInARow + 1 : 0',
        becomes: 'progress.emptyInARow + (result.value.items.length === 0 ? 1 : 0)',
      },
    ],
  },
  {
    file: 'serving/pulse.ts',
    seenBy: ['serving/pulse'],
    decisions: [
      {
        breaks: 'A part that should have gone on long ago is known to be late',
        stands: 'until + patienceMs < nowMs',
        becomes: 'until + 1e12 < nowMs',
      },
      {
        breaks: 'A busy machine may be late',
        stands: 'until + patienceMs < nowMs',
        becomes: 'until < nowMs',
      },
    ],
  },
  {
    file: 'serving/rounds.ts',
    seenBy: ['serving/pulse', 'controller/watch', 'controller/tokens'],
    decisions: [
      {
        breaks: 'A part at work has limits of its own',
        stands: '        beat?.(Number.POSITIVE_INFINITY);\n        const',
        becomes: '        const',
      },
      {
        breaks: 'Who is told to end begins no further round',
        stands: 'while (!stop.aborted) {',
        becomes: 'for (;;) {',
        seenBy: ['controller/term'],
      },
    ],
  },
  {
    file: 'serving/stopping.ts',
    seenBy: ['pass/pass'],
    decisions: [
      {
        breaks: 'The deadline gives up what is under way',
        stands: "if (stop.reason === 'DeadlinePassed') controller.abort('DeadlinePassed');",
        becomes: '',
      },
      {
        breaks: 'A signal lets what is under way finish',
        stands: "if (stop.reason === 'DeadlinePassed') controller.abort('DeadlinePassed');",
        becomes: "controller.abort('DeadlinePassed');",
      },
      {
        breaks: 'A deadline that passed is told from a signal',
        stands: "const code = signal.reason === 'DeadlinePassed' ? 'DeadlinePassed' : 'Interrupted';",
        becomes: "const code = 'Interrupted' as 'DeadlinePassed' | 'Interrupted';",
      },
    ],
  },
  {
    file: 'serving/tokens.ts',
    seenBy: ['serving/tokens'],
    decisions: [
      {
        breaks: 'What one region refuses keeps nobody from the others',
        stands: 'issued: results.flatMap(({ result }) => (result.ok ? [result.value] : [])),',
        becomes:
          'issued: results.every(({ result }) => result.ok) ? results.flatMap(({ result }) => (result.ok ? [result.value] : [])) : [],',
      },
      {
        breaks: 'Who had not answered when time was up is named',
        stands: 'if (signal.aborted) {',
        becomes: 'if (reply === null) {',
      },
    ],
  },
  {
    file: 'serving/report.ts',
    seenBy: ['pass/pass'],
    decisions: [
      {
        breaks: 'A namespace that was not served is an error in the log',
        stands: "log('error', failureTable[reason.code].what, { failure: reason });",
        becomes: "log('debug', failureTable[reason.code].what, { failure: reason });",
      },
      {
        breaks: 'A plain refresh, of which there are thousands, is no line of the log',
        stands: "SecretRefreshed: 'debug',",
        becomes: "SecretRefreshed: 'info',",
        seenBy: ['pass/pass', 'controller/reconcile'],
      },
    ],
  },
  {
    file: 'serving/secret-requests.ts',
    seenBy: ['serving/secret-requests', 'regressions/noted-but-empty'],
    decisions: [
      {
        breaks: 'A secret is read only as far as memory has room for',
        stands: 'cluster.readSecret(namespace, secretName, signal, request.mostBytes)',
        becomes: 'cluster.readSecret(namespace, secretName, signal)',
      },
      {
        breaks: 'A takeover is forced',
        stands: 'cluster.applySecret({ namespace, secretName, body, force, dryRun, fieldManager }, signal)',
        becomes: 'cluster.applySecret({ namespace, secretName, body, force: false, dryRun, fieldManager }, signal)',
      },
    ],
  },
];

export const pass: readonly Mutated[] = [
  {
    file: 'pass/pass.ts',
    seenBy: ['pass/pass'],
    decisions: [
      {
        breaks: 'Nothing is touched before the tokens are here',
        stands: 'if (!hasTokens || !first.ok) return summary;',
        becomes: 'if (!first.ok) return summary;',
      },
      {
        breaks: 'What AWS refused and what the API server refused are both named',
        stands: 'if (!first.ok) summary.failures.push(first.failure);',
        becomes: 'if (!first.ok && tokens.ok) summary.failures.push(first.failure);',
      },
      {
        breaks: 'A cluster without a labelled namespace is warned of',
        stands: 'if (namespacesOf(summary) === 0 && summary.failures.length === 0) {',
        becomes: 'if (namespacesOf(summary) < 0) {',
      },
      {
        breaks: 'A list that could not be read to its end is no success',
        stands: "summary.failures.push(failure('ListIncomplete',",
        becomes: "void (failure('ListIncomplete',",
      },
      {
        breaks: 'A namespace that is being deleted costs no request',
        stands: 'yield page.items.filter(({ terminating }) => !terminating).map(({ name }) => name);',
        becomes: 'yield page.items.map(({ name }) => name);',
      },
      {
        breaks: 'What a stopped pass did not do is named',
        stands: 'if (stop.aborted && (rest > 0 || known.more)) {',
        becomes: 'if (stop.aborted && rest < 0) {',
      },
      {
        breaks: 'What is left at a stop is counted as not done',
        stands: "left: (namespace) => settle(namespace, ['notDone', isLate(stop) ? 'DeadlinePassed' : 'Interrupted']),",
        becomes: 'left: () => {},',
      },
      {
        breaks: 'A pass that was stopped names a bounded number of namespaces',
        stands: 'notDone.length < maxNamed) notDone',
        becomes: 'notDone.length < 1e9) notDone',
      },
    ],
  },
];

export const controller: readonly Mutated[] = [
  {
    file: 'controller/backlog.ts',
    seenBy: ['controller/backlog'],
    decisions: [
      {
        breaks: 'What has just changed goes before what is looked at because all is',
        stands: "for (const namespace of namespaces) lookAt(namespace, 'urgent');",
        becomes: "for (const namespace of namespaces) lookAt(namespace, 'routine');",
      },
      {
        breaks: 'Nothing is queued for who needs nothing',
        stands: "if (what === 'nothing' && !isUnsaid(state)) return;",
        becomes: '',
      },
      {
        breaks: 'A term begins with an empty queue',
        stands: '      engine.clear();\n',
        becomes: '',
      },
      {
        breaks: 'A term proves all that was written before',
        stands: '      table.doubt();\n',
        becomes: '',
      },
      {
        breaks: 'Who lost the label while it was being served is looked at once more',
        stands: "if (state?.labelled === false && state.failures === undefined) lookAt(namespace, 'urgent');",
        becomes: '',
      },
      {
        breaks: 'Nobody has caught up who may not write',
        stands: 'caughtUp || (isReady() && engine.depth === 0)',
        becomes: 'caughtUp || engine.depth === 0',
      },
      {
        breaks: 'A namespace of which nothing is left is let go',
        stands: 'if (table.dropped(namespace, clock.steadyMs())) return true;',
        becomes: '',
      },
    ],
  },
  {
    file: 'controller/reconcile.ts',
    seenBy: ['controller/reconcile'],
    decisions: [
      {
        breaks: 'A namespace that is gone is forgotten, whatever the watch has shown',
        stands: 'if (!isGone) return later(known);',
        becomes: 'if (page !== null) return later(known);',
      },
      {
        breaks: 'A namespace that is there all the same is tried again',
        stands: 'if (!isGone) return later(known);',
        becomes: 'if (page === null) return later(known);',
      },
      {
        breaks: 'A refusal is booked on the revision that was judged',
        stands: "if (outcome[0] === 'refused') state.refusedAt = served.judged;",
        becomes: "if (outcome[0] === 'refused') state.refusedAt = state.secret?.resourceVersion;",
        seenBy: ['regressions/refusal-on-its-way'],
      },
      {
        breaks: 'A write rests on the newest revision that is known',
        stands: '? written.resourceVersion : secret.resourceVersion;',
        becomes: '? secret.resourceVersion : secret.resourceVersion;',
      },
      {
        breaks: 'A term that ended is no failure of a namespace',
        stands: "if (outcome[0] === 'failed' && !board.isLeading()) return undefined;",
        becomes: '',
      },
      {
        breaks: 'A namespace that failed is tried again',
        stands: '  state.problemSinceMs ??= deps.clock.steadyMs();\n  later(known);',
        becomes: '  state.problemSinceMs ??= deps.clock.steadyMs();',
      },
      {
        breaks: 'A namespace that goes on failing waits longer each time',
        stands: 'state.failures = (state.failures ?? 0) + 1;',
        becomes: 'state.failures = 1;',
      },
      {
        breaks: 'That a secret was found to be newer is remembered',
        stands: 'state.newerAt = served.judged;',
        becomes: '',
      },
      {
        breaks: 'That another run of this program writes the same secrets is said',
        stands: 'board.onNewer(namespace);',
        becomes: '',
      },
      {
        breaks: 'A fight is known for one',
        stands: 'return wasUndone ? noteUndone(known) : undefined;',
        becomes: 'return undefined;',
      },
      {
        breaks: 'A fight is said once',
        stands: 'if (was) return undefined;',
        becomes: '',
      },
      {
        breaks: 'A fight that is over is told to be',
        stands: "if (state.problem?.code === 'SecretContended') tellOver(known);",
        becomes: '',
      },
      {
        breaks: 'What others touch without end is counted',
        stands: 'state.touched = onceMore(state.touched, ofTouching, deps.clock.steadyMs());',
        becomes: '',
        seenBy: ['regressions/touched-without-end'],
      },
      {
        breaks: 'A renewal is no touch of others',
        stands: "if (job.reason === 'TokenRenewed' || (isUnserved",
        becomes: 'if ((isUnserved',
        seenBy: ['controller/reconcile'],
      },
      {
        breaks: 'A prune that failed is tried again, and said once',
        stands: "deps.log(state.failures === undefined ? level : 'debug', 'Pull secret could not be removed",
        becomes: "deps.log(level, 'Pull secret could not be removed",
      },
      {
        breaks: 'A label that came while the secret was being removed is not forgotten',
        stands: 'state.wasLabelled = state.labelled;',
        becomes: 'state.wasLabelled = false;',
        seenBy: ['regressions/label-back-during-prune'],
      },
      {
        breaks: 'What is remembered of a refusal is short',
        stands: 'state.problem = remembered(failure);',
        becomes: 'state.problem = failure;',
        seenBy: ['controller/reconcile'],
      },
      {
        breaks: 'A write shows how far the data of the server are',
        stands: 'board.horizon.answered(served.written, job.seen);',
        becomes: '{ void job; }',
        seenBy: ['controller/reconcile'],
      },
    ],
  },
  {
    file: 'controller/telling.ts',
    seenBy: ['controller/reconcile'],
    decisions: [
      {
        breaks: 'What may not be said yet is said later',
        stands: "if (what === 'later') board.later(namespace, dueMs);",
        becomes: '',
      },
      {
        breaks: 'An Event that is there already was heard',
        stands: 'const isAccepted = isDone(reply) || isThere;',
        becomes: 'const isAccepted = isDone(reply);',
      },
      {
        breaks: 'An Event that was not taken is not taken for one that was heard',
        stands: 'state.said = { ...state.said, isLost: true };',
        becomes: '',
      },
      {
        breaks: 'What was put right is said',
        stands: "deps.log('info', 'Pull secret was put right',",
        becomes: "deps.log('debug', 'Pull secret was put right',",
      },
      {
        breaks: 'A fight is not over because of one more repair',
        stands: "if (state.problem?.code === 'SecretContended' && isContended(state)) return;",
        becomes: '',
      },
      {
        breaks: 'Nothing is said of a namespace that lost its label',
        stands: 'if (!board.isLeading() || !state.labelled) return undefined;',
        becomes: 'if (!board.isLeading()) return undefined;',
      },
    ],
  },
  {
    file: 'controller/term.ts',
    seenBy: ['controller/term'],
    decisions: [
      {
        breaks: 'A term ends by itself where nothing renews it',
        stands: 'if (leftMs <= 0) term.end();',
        becomes: '',
      },
      {
        breaks: 'Nothing is begun when the term should be over, though nobody has ended it yet',
        stands: '!over.signal.aborted && clock.steadyMs() < term.sentMs + timings.renewDeadlineMs',
        becomes: '!over.signal.aborted',
        seenBy: ['controller/term'],
      },
      {
        breaks: 'What is under way is given up before another may lead',
        stands: 'const marginMs = Math.min(fenceMarginMs, (timings.durationMs - timings.renewDeadlineMs) / 2);',
        becomes: 'const marginMs = -1000;',
      },
      {
        breaks: 'Nothing is begun after the grace',
        stands: 'isOpen: () => term.isOpen() && !abandon.aborted,',
        becomes: 'isOpen: () => term.isOpen(),',
      },
      {
        breaks: 'What is under way when the grace is over is given up',
        stands: 'fence: AbortSignal.any([term.fence, abandon]),',
        becomes: 'fence: term.fence,',
      },
    ],
  },
  {
    file: 'controller/requests.ts',
    seenBy: ['controller/term'],
    decisions: [
      {
        breaks: 'No request is made by who does not lead',
        stands: 'if (term?.isOpen() !== true) return Promise.resolve(notLeading);',
        becomes: 'if (term === undefined) return Promise.resolve(notLeading);',
      },
    ],
  },
  {
    file: 'controller/grace.ts',
    seenBy: ['controller/grace'],
    decisions: [
      {
        breaks: 'What is in flight when the grace is over is given up',
        stands: "abandon.abort('GraceOver');",
        becomes: '',
      },
      {
        breaks: 'What is drained is not waited for',
        stands: 'await clock.sleep(graceMs, drained);',
        becomes: 'await clock.sleep(graceMs);',
      },
    ],
  },
  {
    file: 'controller/until-told.ts',
    seenBy: ['controller/until-told'],
    decisions: [
      {
        breaks: 'A part that ends without being told is a crash',
        stands: 'if (!stop.aborted) throw',
        becomes: 'if (stop.aborted) throw',
      },
    ],
  },
  {
    file: 'controller/disagreement.ts',
    seenBy: ['controller/disagreement'],
    decisions: [
      {
        breaks: 'A rollout has replicas of two kinds for a while',
        stands: 'clock.steadyMs() - sinceMs < patienceMs ||',
        becomes: '',
      },
      {
        breaks: 'Different settings are told once',
        stands: 'told === differing) return;',
        becomes: 'differing === "") return;',
      },
    ],
  },
  {
    file: 'controller/watch-handlers.ts',
    seenBy: ['controller/watch-handlers'],
    decisions: [
      {
        breaks: 'A namespace that is deleted has not lost its label',
        stands: 'if (!facts.terminating) onGone(',
        becomes: 'if (facts.name !== "") onGone(',
      },
      {
        breaks: 'What a list does not show any more has lost its label',
        stands: 'if (!present.has(namespace)) onGone(namespace);',
        becomes: 'if (namespace === "") onGone(namespace);',
      },
      {
        breaks: 'A label that comes and goes does not fill the log',
        stands: 'if (agoMs < remindMs) return;',
        becomes: '',
      },
      {
        breaks: 'Who does not lead, or removes the secret, does not say that it stays',
        stands: '|| !isKept()) return;',
        becomes: ') return;',
      },
      {
        breaks: 'The secret of others is not said to be kept',
        stands: 'written !== undefined : secret.managedByUs;',
        becomes: 'written !== undefined : true;',
      },
    ],
  },
  {
    file: 'controller/trouble.ts',
    seenBy: ['controller/trouble'],
    decisions: [
      {
        breaks: 'Trouble is told once for each reason, and every hour while it lasts',
        stands: 'told.has(code) ? remindMs : quietMs',
        becomes: 'quietMs',
      },
      {
        breaks: 'Trouble that comes and goes is told once in ten minutes',
        stands: 'remindMs : quietMs);',
        becomes: 'remindMs : 0);',
      },
      {
        breaks: 'What somebody has to mend is an error',
        stands: "const level = isLasting(code) ? 'error' : 'warn';",
        becomes: "const level = 'warn';",
      },
      {
        breaks: 'That trouble is over is told where it was told that it began',
        stands: "log(told.size > 0 ? 'info' : 'debug', ended,",
        becomes: "log('debug', ended,",
      },
    ],
  },
  {
    file: 'controller/tokens.ts',
    seenBy: ['controller/tokens'],
    decisions: [
      {
        breaks: 'The region that refuses is asked alone',
        stands: 'const due = regions.filter((each) => isDue(each, clock));',
        becomes: 'const due = regions.some((each) => isDue(each, clock)) ? regions : [];',
      },
      {
        breaks: 'What came together is renewed together',
        stands: 'renew(each, chance, deps, stop)',
        becomes: 'renew(each, each.hosts.length === 0 ? chance : Math.random(), deps, stop)',
      },
      {
        breaks: 'The last good tokens stay in use while ECR fails',
        stands: '  if (state.failures === 0) state.failingSinceMs',
        becomes: '  state.held = undefined;\n  if (state.failures === 0) state.failingSinceMs',
      },
      {
        breaks: 'A wall clock that was set is noticed within five minutes',
        stands: 'return Math.min(longestSleepMs, ...regions',
        becomes: 'return Math.min(1e12, ...regions',
      },
      {
        breaks: 'Tokens are asked for only when they are due',
        stands: 'const due = regions.filter((each) => isDue(each, clock));',
        becomes: 'const due = regions;',
      },
      {
        breaks: 'An ECR that goes on failing for one reason is complained of once an hour',
        stands: 'failure.code === state.failure?.code && nowMs - state.toldMs < remindMs',
        becomes: 'failure.code === undefined',
      },
      {
        breaks: 'An ECR that goes on failing is complained of again and again',
        stands: '&& nowMs - state.toldMs < remindMs',
        becomes: '',
      },
      {
        breaks: 'The alarm is raised once for each step',
        stands: 'if (level <= state.alarmed) return;',
        becomes: 'if (level <= 0) return;',
      },
      {
        breaks: 'That ECR answers again is told',
        stands: 'if (state.failures > 0) {',
        becomes: 'if (state.failures < 0) {',
      },
      {
        breaks: 'Tokens that are older than those in use are not taken',
        stands: 'const fresh = result.ok ? judgeFreshness(result.value, state.held) : result;',
        becomes: 'const fresh = result;',
      },
    ],
  },
  {
    file: 'controller/watch.ts',
    seenBy: ['controller/watch'],
    decisions: [
      {
        breaks: 'A revision that is too old has all listed anew',
        stands: "  if (step === 'relist') {\n    position.resourceVersion = undefined;",
        becomes: "  if (step === 'relist') {",
      },
      {
        breaks: 'What makes no sense three times in a row has all listed anew',
        stands: 'if (position.odd >= toleratedOdd) position.resourceVersion = undefined;',
        becomes: '',
      },
      {
        breaks: 'A server that could not stream lists is asked for pages',
        stands: 'clock.steadyMs() < position.listsUntilMs ? listPages : watchOnce',
        becomes: 'watchOnce',
      },
      {
        breaks: 'A server that could not stream lists is asked again after a day',
        stands: 'const streamAgainMs = 24 * 60 * 60_000;',
        becomes: 'const streamAgainMs = 240 * 60 * 60_000;',
      },
      {
        breaks: 'A watch that ends at once, time after time, is not asked for in a loop',
        stands: "const isSound = end.kind === 'ended' && session.lastedMs() >= longMs;",
        becomes: "const isSound = end.kind === 'ended';",
        seenBy: ['controller/watch', 'hostile/watch'],
      },
      {
        breaks: 'A list that is read in pages is of one moment',
        stands: '    ofOneMoment: true,\n',
        becomes: '',
      },
      {
        breaks: 'Data that were put back to a backup are listed anew',
        stands: '    position.resourceVersion = undefined;\n    watching.session',
        becomes: '    watching.session',
        seenBy: ['regressions/restored-etcd'],
      },
      {
        breaks: 'Who is alone looks whether the data were put back, where a watch broke off',
        stands: 'return position.isDoubtful && isAlone ? askRevision : watchOnce;',
        becomes: 'return watchOnce;',
        seenBy: ['controller/watch'],
      },
    ],
  },
  {
    file: 'controller/watch-session.ts',
    seenBy: ['controller/watch-session'],
    decisions: [
      {
        breaks: 'A watch that falls silent is replaced',
        stands: "if (silentAtMs <= nowMs) state.endFor('Silent');",
        becomes: "if (silentAtMs <= 0) state.endFor('Silent');",
      },
      {
        breaks: 'All is listed anew from time to time, in case an event was lost',
        stands: 'else if (relistAtMs <= nowMs) {',
        becomes: 'else if (relistAtMs <= 0) {',
      },
      {
        breaks: 'What a streamed list has not shown is not there',
        stands: 'handler.listed(present, step[1].resourceVersion);',
        becomes: '',
      },
      {
        breaks: 'A watch goes on from what it has shown last',
        stands: '  position.resourceVersion = step[1].resourceVersion;\n  horizon.saw',
        becomes: '  horizon.saw',
      },
      {
        breaks: 'A list that is not whole is no place to go on from',
        stands: 'if (state.present !== undefined) return;',
        becomes: '',
      },
    ],
  },
  {
    file: 'controller/lease-attempt.ts',
    seenBy: ['controller/leader'],
    decisions: [
      {
        breaks: 'A Lease that another holds is not written over',
        stands: "if (step === 'wait' || isSecond) return { result: 'other', observed };",
        becomes: '',
      },
      {
        breaks: 'A Lease that somebody deleted is left to its holder as long as it lasts',
        stands: "if (isAnothers && !isLeading) return { result: 'other', observed: last };",
        becomes: '',
      },
      {
        breaks: 'A Lease that another wrote meanwhile is lost',
        stands: 'if (wrote.status === 409 || wrote.status === 404) return lookThenWrite(trial, last, true);',
        becomes: 'if (wrote.status === 409 || wrote.status === 404) return failed(trial, wrote, last);',
      },
      {
        breaks: 'What nobody answered proves nothing of who leads',
        stands: 'status === 0 ? observedAway(last, identity, clock.steadyMs()) : last',
        becomes: 'last',
      },
    ],
  },
  {
    file: 'controller/leader.ts',
    seenBy: ['controller/leader'],
    decisions: [
      {
        breaks: 'Who is not the leader any more gives up what is under way',
        stands: '    this.#term?.abandon();\n',
        becomes: '',
      },
      {
        breaks: 'A Lease that is ours is given back at the end',
        stands: 'if (term?.isOpen() === true && this.#observed !== undefined) {',
        becomes: 'if (term === null && this.#observed !== undefined) {',
      },
      {
        breaks: 'A term counts from before its renewal was sent',
        stands: 'this.#term.sentMs = sentMs;',
        becomes: 'this.#term.sentMs = clock.steadyMs();',
      },
      {
        breaks: 'A Lease that another holds and that is seen is not looked at',
        stands: 'if (heldForMs !== undefined) {',
        becomes: 'if (heldForMs === null) {',
      },
      {
        breaks: 'A Lease that was given back is taken at once',
        stands: 'if (record.holder !== settings.identity && this.#heldForMs() === undefined) this.#rounds.wake();',
        becomes: '',
      },
      {
        breaks: 'A Lease that was written is not written once more for being seen',
        stands: 'if (record.holder !== settings.identity && this.#heldForMs() === undefined) this.#rounds.wake();',
        becomes: 'if (this.#heldForMs() === undefined) this.#rounds.wake();',
      },
      {
        breaks: 'A Lease that cannot be written is trouble that is told',
        stands: 'if (failure !== undefined) this.#deps.trouble.met(failure);',
        becomes: 'if (failure !== undefined) void failure;',
      },
    ],
  },
  {
    file: 'controller/lease-watch.ts',
    seenBy: ['controller/leader'],
    decisions: [
      {
        breaks: 'A watch of the Lease that could not be opened is not asked for in a loop',
        stands: 'if (session !== undefined || clock.steadyMs() < notBeforeMs) return;',
        becomes: 'if (session !== undefined) return;',
      },
      {
        breaks: 'A watch of the Lease that ended is not taken for one that shows what comes',
        stands: '    if (signal.aborted) return;\n    session = undefined;',
        becomes: '    if (signal.aborted) return;',
      },
    ],
  },
  {
    file: 'controller/controller.ts',
    seenBy: ['controller/replica'],
    decisions: [
      {
        breaks: 'The end of the work on a namespace looks at it again',
        stands: 'done: (namespace) => backlog.done(namespace),',
        becomes: 'done: () => {},',
        seenBy: ['regressions/label-lost-during-create'],
      },
      {
        breaks: 'Nothing is written before both topics have been listed',
        stands: 'const isReady = () => isLeading() && table.isSynced() && keeper.secret() !== undefined;',
        becomes: 'const isReady = () => isLeading() && keeper.secret() !== undefined;',
        seenBy: ['controller/health'],
      },
      {
        breaks: 'Who cannot see what happens is neither ready nor in sync',
        stands: 'some(({ lastsMs }) => (lastsMs() ?? 0) > momentMs)',
        becomes: 'some(({ lastsMs }) => (lastsMs() ?? 0) > 1e12)',
        seenBy: ['controller/health'],
      },
      {
        breaks: 'A part that is stuck is told to whoever asks for the health',
        stands: 'return pulse.late(nowMs);',
        becomes: 'return undefined;',
        seenBy: ['controller/health'],
      },
      {
        breaks: 'New tokens are written everywhere',
        stands: '{ ...deps, pulse }, () => backlog.lookAtAll());',
        becomes: '{ ...deps, pulse }, () => {});',
        seenBy: ['controller/health', 'regressions/two-installations'],
      },
    ],
  },
];

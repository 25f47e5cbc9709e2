import type { Mutated } from '../mutant.ts';

export const commands: readonly Mutated[] = [
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
      {
        breaks: 'A secret that somebody pasted into a setting does not stand in the Lease',
        stands: 'const note = sink.text(settingsNote(settings), mostNoteCharacters);',
        becomes: 'const note = settingsNote(settings);',
        seenBy: ['controller/replica: a secret that somebody pasted'],
      },
      {
        breaks: 'What is wrong with a part is told with what to do about it',
        stands: 'sink.text(failureLine(trouble))',
        becomes: 'sink.text(trouble.code)',
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
        breaks: 'A failure is no success',
        stands: "if (result !== 'failed' && result !== 'refused')",
        becomes: "if (result !== 'refused')",
      },
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
        breaks: 'JSON is written in a pod, for what collects its output',
        stands: "(format === 'auto' && !isCollected(stream, env))",
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

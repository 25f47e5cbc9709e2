import type { Settings } from '../config/settings.ts';
import { exitCodeOfSummary, summaryDocument, summaryLines, type Summary } from '../core/summary.ts';
import type { ExitCode } from '../core/errors.ts';
import type { Clock } from '../ports.ts';
import { pass, type PassDeps } from '../passes/pass.ts';

export type RefreshDeps = PassDeps & {
  /** Where the result goes. */
  readonly print: (line: string) => void;
  isTerminal: boolean;
};

/**
 * One pass, then the summary: lines on a terminal or one JSON document with `--output json` on standard output, and a
 * line of the log otherwise.
 * @param stop aborts with the name of a process signal.
 * @returns the exit code.
 */
export async function refresh(settings: Settings, deps: RefreshDeps, stop: AbortSignal): Promise<ExitCode> {
  const { clock } = deps;
  const startedMs = clock.nowMs();
  const over = new AbortController();
  const deadline = new AbortController();
  const either = AbortSignal.any([stop, deadline.signal]);
  const watching = endAfter(settings.deadlineMs, deadline, clock, over.signal);
  const summary = await pass(settings, deps, either);
  over.abort('Over');
  await watching;
  tell(summary, clock.nowMs() - startedMs, settings, deps);
  return exitCodeOfSummary(summary);
}

async function endAfter(delayMs: number, deadline: AbortController, clock: Clock, over: AbortSignal): Promise<void> {
  await clock.sleep(delayMs, over);
  if (!over.aborted) deadline.abort('DeadlinePassed');
}

function tell(summary: Summary, durationMs: number, settings: Settings, { log, print, isTerminal }: RefreshDeps): void {
  for (const failure of summary.failures) log('error', failure.what, { failure });
  if (settings.output === 'json') {
    print(JSON.stringify(summaryDocument(summary, durationMs)));
    return;
  }
  if (isTerminal) {
    for (const line of summaryLines(summary, durationMs)) print(line);
    return;
  }
  const { exitCode, namespaces, counts, tokens, dryRun } = summaryDocument(summary, durationMs);
  const told = {
    exitCode,
    namespaces,
    ...counts,
    durationMs: Math.round(durationMs),
    ...(dryRun ? { dryRun } : {}),
    tokens,
  };
  log(exitCode === 0 ? 'info' : 'error', 'Pass finished', told);
}

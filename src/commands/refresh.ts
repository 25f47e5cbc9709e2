import type { Settings } from '../config/settings.ts';
import { exitCodeOfSummary, summaryDocument, summaryLines, type Summary } from '../core/summary.ts';
import type { ExitCode } from '../core/failures/errors.ts';
import type { SafeText, Sink } from '../core/text/sink.ts';
import { withDeadline } from '../serving/deadline.ts';
import { pass, type PassDeps } from '../pass/pass.ts';

export type RefreshDeps = PassDeps & {
  sink: Sink;
  /** Where the result goes; resolves when there is room for more. */
  readonly write: (text: SafeText) => Promise<void>;
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
  const summary = await withDeadline(settings.deadlineMs, clock, stop, (either) => pass(settings, deps, either));
  tell(summary, clock.nowMs() - startedMs, settings, deps);
  return exitCodeOfSummary(summary);
}

/** Waits for no reader: the process has its deadline. */
function tell(summary: Summary, durationMs: number, settings: Settings, deps: RefreshDeps): void {
  const { log, sink, write, isTerminal } = deps;
  for (const failure of summary.failures) log('error', failure.what, { failure });
  if (settings.output === 'json') {
    void write(sink.jsonLine(summaryDocument(summary, durationMs)));
    return;
  }
  if (isTerminal) {
    void write(sink.lines(summaryLines(summary, durationMs), false));
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

import type { Settings } from '../config/settings.ts';
import { exitCodeOfSummary, summaryDocument, summaryLines, type Summary } from '../core/summary.ts';
import type { ExitCode } from '../core/failures/errors.ts';
import type { SafeText, Sink } from '../core/text/sink.ts';
import { wrappedLines, type Screen } from '../core/text/table.ts';
import { withDeadline } from '../serving/deadline.ts';
import { pass, type PassDeps } from '../pass/pass.ts';

export type RefreshDeps = PassDeps & {
  sink: Sink;
  /** Where the result goes; resolves when there is room for more. */
  readonly write: (text: SafeText) => Promise<void>;
  screen: Screen;
  /** Whether its output goes to what collects that of pods, and so the summary into the log. */
  isCollected: boolean;
};

/**
 * One pass, then the summary on standard output, as lines or, with `--output json`, as one JSON document; in a pod a line of
 * the log.
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
  const { log, sink, write, isCollected, screen } = deps;
  for (const failure of summary.failures) log('error', failure.what, { failure });
  if (settings.output === 'json') {
    void write(sink.jsonLine(summaryDocument(summary, durationMs)));
    return;
  }
  if (!isCollected) {
    const lines = summaryLines(summary, durationMs).flatMap((line) => wrappedLines(line, screen));
    void write(sink.lines(lines, false));
    return;
  }
  const { exitCode, namespaces, counts, created, tokens, dryRun } = summaryDocument(summary, durationMs);
  const told = {
    exitCode,
    namespaces,
    ...counts,
    created,
    durationMs: Math.round(durationMs),
    ...(dryRun ? { dryRun } : {}),
    tokens,
  };
  log(exitCode === 0 ? 'info' : 'error', 'Pass finished', told);
}

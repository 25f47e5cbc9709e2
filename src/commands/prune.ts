import type { Settings } from '../config/settings.ts';
import { failure, type ExitCode, type Failure } from '../core/failures/errors.ts';
import type { Place } from '../core/secret/outcome.ts';
import {
  exitCodeOfPrune,
  pruneClosing,
  pruneDocument,
  pruneLine,
  type PruneCounts,
  type PruneOutcome,
} from '../core/inventory/prune.ts';
import { jsonRows, type SafeText, type Sink } from '../core/text/sink.ts';
import { wrappedLines, type Screen } from '../core/text/table.ts';
import { sweep, type SweepDeps } from '../inventory/prune.ts';
import type { Log } from '../ports.ts';
import { withDeadline } from '../serving/deadline.ts';

export type PruneSettings = Pick<
  Settings,
  | 'secretName'
  | 'labelName'
  | 'labelValue'
  | 'namespace'
  | 'output'
  | 'all'
  | 'yes'
  | 'dryRun'
  | 'concurrency'
  | 'deadlineMs'
>;

export type PruneDeps = SweepDeps & {
  log: Log;
  /** Where the result goes; resolves when there is room for more. */
  readonly write: (text: SafeText) => Promise<void>;
  sink: Sink;
  readonly screen: () => Screen;
  isTerminal: boolean;
};

/**
 * Removes the pull secrets that this program made where they are not wanted any more. On a terminal it only shows them
 * unless told otherwise; elsewhere it wants to be told.
 * @param stop aborts with the name of a process signal.
 * @returns the exit code.
 */
export async function prune(settings: PruneSettings, deps: PruneDeps, stop: AbortSignal): Promise<ExitCode> {
  const { secretName, labelName, labelValue, namespace, all, yes, concurrency } = settings;
  const { log, isTerminal } = deps;
  const dryRun = settings.dryRun || !yes;
  if (!settings.dryRun && !yes && !isTerminal) {
    const missing = failure('ConfirmationMissing', { where: 'prune', why: 'standard output is no terminal' });
    log('error', missing.what, { failure: missing });
    return 2;
  }
  const labelSelector = `${labelName}=${labelValue}`;
  const view =
    settings.output === 'json'
      ? jsonView({ secretName, label: labelSelector, all, dryRun }, deps)
      : textView(all, dryRun, deps);
  const tell = async (place: Place, outcome: PruneOutcome): Promise<void> => {
    if (outcome[0] === 'failed') log('error', outcome[1].what, { failure: outcome[1] });
    await view.row(place, outcome);
  };
  const scope = { labelSelector, secretName, namespace };
  const wish = { labelSelector, all, dryRun, concurrency };
  const { counts, ended } = await withDeadline(settings.deadlineMs, deps.clock, stop, (either) =>
    sweep(scope, wish, deps, tell, either),
  );
  await view.end(counts, ended);
  if (ended !== undefined) log('error', ended.what, { failure: ended });
  return exitCodeOfPrune(counts, ended);
}

type PruneView = {
  row(place: Place, outcome: PruneOutcome): Promise<void>;
  end(counts: PruneCounts, ended: Failure | undefined): Promise<void>;
};

function textView(all: boolean, dryRun: boolean, { sink, write, screen }: PruneDeps): PruneView {
  const say = (line: string) => write(sink.lines(wrappedLines(sink.clean(line), screen()), false));
  return {
    row: (place, outcome) => say(pruneLine(place, outcome, dryRun)),
    async end(counts, ended) {
      const isNothing = Object.values(counts).every((count) => count === 0);
      if (isNothing && ended !== undefined) return;
      for (const line of pruneClosing(counts, dryRun, all)) await say(line);
    },
  };
}

/** One document, written as the namespaces are done: a line for each. */
function jsonView(head: Readonly<Record<string, unknown>>, { sink, write }: PruneDeps): PruneView {
  const document = jsonRows(sink, head, 'namespaces');
  return {
    row: (place, outcome) => write(document.row(pruneDocument(place, outcome))),
    end(counts, ended) {
      const tail = { counts, complete: ended === undefined, exitCode: exitCodeOfPrune(counts, ended) };
      return write(document.end(ended === undefined ? tail : { ...tail, failure: ended }));
    },
  };
}

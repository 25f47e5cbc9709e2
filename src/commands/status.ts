import type { Settings } from '../config/settings.ts';
import { exitCodeOf, failureLine, type ExitCode, type Failure } from '../core/failures/errors.ts';
import {
  countsLine,
  exitCodeOfCounts,
  judgeStatus,
  noCounts,
  statusTable,
  type NamespaceStatus,
  type StatusCounts,
} from '../core/inventory/status.ts';
import { timestamp } from '../core/secret/pull-secret.ts';
import { clearScreen, frame, lineEnd, type Line, type SafeText, type Sink } from '../core/text/sink.ts';
import type { Screen } from '../core/text/table.ts';
import { warning } from '../core/failures/warnings.ts';
import { inventory, type InventoryDeps } from '../inventory/inventory.ts';
import type { Clock, Log } from '../ports.ts';
import { withDeadline } from '../serving/deadline.ts';
import { createRounds } from '../serving/rounds.ts';
import { jsonView, mostUrgent, tableView, urgentLines, type StatusView } from './status-views.ts';

export type StatusSettings = Pick<
  Settings,
  'secretName' | 'labelName' | 'labelValue' | 'namespace' | 'output' | 'watch' | 'problems' | 'deadlineMs'
>;

export type StatusDeps = InventoryDeps & {
  log: Log;
  /** Where the result goes; resolves when there is room for more. */
  readonly write: (text: SafeText) => Promise<void>;
  sink: Sink;
  coloured: boolean;
  /** As it is now: a terminal can change its size. */
  readonly screen: () => Screen;
  isTerminal: boolean;
  /** Aborts when nobody reads any more what is written. */
  unread: AbortSignal;
};

/**
 * Shows the pull secret of every namespace, from metadata alone.
 * @param stop aborts with the name of a process signal.
 * @returns 0 where nothing is to be done, 5 where something is, 4 where it could not look.
 */
export async function status(settings: StatusSettings, deps: StatusDeps, stop: AbortSignal): Promise<ExitCode> {
  const either = AbortSignal.any([stop, deps.unread]);
  if (settings.watch) return watched(settings, deps, either);
  const look = await shown(settings, deps, either);
  return deps.unread.aborted ? 0 : tell(look, settings, deps);
}

type Look = { counts: StatusCounts; failure: Failure | undefined };

async function shown(settings: StatusSettings, deps: StatusDeps, stop: AbortSignal): Promise<Look> {
  const nowMs = deps.clock.nowMs();
  const view =
    settings.output === 'json' ? jsonView(settings, nowMs, deps) : tableView(settings, nowMs, deps.screen(), deps);
  return looked(settings, deps, nowMs, view, stop);
}

async function looked(
  settings: StatusSettings,
  deps: StatusDeps,
  nowMs: number,
  view: StatusView,
  stop: AbortSignal,
): Promise<Look> {
  const { secretName, namespace, deadlineMs, problems } = settings;
  const counts = noCounts();
  const reader = readingTime(deps.clock);
  const limit = { limitMs: deadlineMs, excusedMs: reader.spentMs };
  const failure = await withDeadline(limit, deps.clock, stop, async (either) => {
    const list = inventory({ labelSelector: labelOf(settings), secretName, namespace }, deps, either);
    for await (const entry of list.entries) {
      const found = judgeStatus(entry, nowMs);
      if (found === undefined) continue;
      counts[found.code] += 1;
      if (problems && !statusTable[found.code].amiss) continue;
      await reader.waitsFor(view.row(found));
    }
    return list.failure();
  });
  await view.end(counts, failure);
  return { counts, failure };
}

/** How long has been waited for whoever reads: a pager takes as long as its reader does. */
function readingTime({ steadyMs }: Clock) {
  let spentMs = 0;
  let sinceMs: number | undefined;
  return {
    spentMs: () => spentMs + (sinceMs === undefined ? 0 : steadyMs() - sinceMs),
    async waitsFor(written: Promise<void>): Promise<void> {
      const beganMs = steadyMs();
      sinceMs = beganMs;
      await written;
      sinceMs = undefined;
      spentMs += steadyMs() - beganMs;
    },
  };
}

function tell({ counts, failure }: Look, settings: StatusSettings, { log }: StatusDeps): ExitCode {
  if (failure !== undefined) {
    log('error', failure.what, { failure });
    return exitCodeOf(failure.code);
  }
  if (Object.values(counts).every((count) => count === 0)) {
    const label = labelOf(settings);
    const noted = warning('NoNamespaces', { where: label, why: 'the list is empty', label });
    log('warn', noted.what, { warning: noted });
  }
  return exitCodeOfCounts(counts);
}

function labelOf({ labelName, labelValue }: StatusSettings): string {
  return `${labelName}=${labelValue}`;
}

const watchEveryMs = 5000;
/** A look at a large cluster is never more than a fifth of what the API server is asked. */
const restPerLook = 4;

async function watched(settings: StatusSettings, deps: StatusDeps, stop: AbortSignal): Promise<ExitCode> {
  const { clock, isTerminal } = deps;
  const live = isTerminal && settings.output !== 'json';
  let exitCode: ExitCode = 0;
  if (live) await deps.write(clearScreen);
  const rounds = createRounds(clock, async () => {
    const startedMs = clock.steadyMs();
    const look = live ? await drawn(settings, deps, stop) : await shown(settings, deps, stop);
    if (stop.aborted) return 0;
    exitCode =
      live && look.failure !== undefined ? exitCodeOf(look.failure.code) : watchedCode(look, settings, deps, live);
    return Math.max(watchEveryMs, restPerLook * (clock.steadyMs() - startedMs));
  });
  await rounds.run(stop);
  if (live) await deps.write(lineEnd);
  return exitCode;
}

function watchedCode(look: Look, settings: StatusSettings, deps: StatusDeps, live: boolean): ExitCode {
  return live ? exitCodeOfCounts(look.counts) : tell(look, settings, deps);
}

/** A frame: as many of the most urgent namespaces as the screen has room for, in place of the last frame. */
async function drawn(settings: StatusSettings, deps: StatusDeps, stop: AbortSignal): Promise<Look> {
  const screen = deps.screen();
  const nowMs = deps.clock.nowMs();
  const around = 4;
  const urgent = mostUrgent(Math.max(1, (screen.rows ?? 24) - around));
  const view: StatusView = {
    row: async (found: NamespaceStatus) => urgent.add(found),
    end: async () => undefined,
  };
  const look = await looked(settings, deps, nowMs, view, stop);
  if (stop.aborted) return look;
  const { failure, counts } = look;
  const last = failure === undefined ? countsLine(counts) : deps.sink.clean(failureLine(failure));
  const head = `${settings.secretName} in ${labelOf(settings)} at ${timestamp(nowMs)}; Ctrl-C ends`;
  const lines: Line[] = [head, ...urgentLines(urgent, settings, nowMs, screen, deps.sink), last];
  await deps.write(frame(deps.sink.lines(fitting(lines, screen), deps.coloured)));
  return look;
}

/** Rows of the table fit by themselves. */
function fitting(lines: readonly Line[], { columns }: Screen): Line[] {
  return lines.map((line) => (typeof line === 'string' && columns !== undefined ? line.slice(0, columns) : line));
}

import type { Settings } from '../config/settings.ts';
import { exitCodeOf, type Failure } from '../core/failures/errors.ts';
import { timestamp } from '../core/secret/pull-secret.ts';
import {
  countsLine,
  exitCodeOfCounts,
  remedyLines,
  statusCodes,
  statusDocument,
  type NamespaceStatus,
  type StatusCounts,
} from '../core/inventory/status.ts';
import { jsonRows, type Line, type SafeText, type Sink } from '../core/text/sink.ts';
import { statusCells, statusColumns, type Detail } from '../core/inventory/status-table.ts';
import { columnWidths, rowLine, titleLine, wrappedLines, type Screen, type Widths } from '../core/text/table.ts';

/** Takes the namespaces one by one, and keeps no more of them than it needs to lay them out. */
export type StatusView = {
  row(found: NamespaceStatus): Promise<void>;
  end(counts: StatusCounts, failure: Failure | undefined): Promise<void>;
};

type Shown = Pick<Settings, 'secretName' | 'labelName' | 'labelValue' | 'output'>;
type Out = { sink: Sink; coloured: boolean; readonly write: (text: SafeText) => Promise<void> };

/** Rows by which the columns' widths are chosen. */
const sampleRows = 100;

/** A table that is written as the namespaces come, and what is to be done below it. */
export function tableView({ secretName, output }: Shown, nowMs: number, screen: Screen, out: Out): StatusView {
  const detail: Detail = output === 'wide' ? 'wide' : 'short';
  // Who asks for everything gets whole lines, however long.
  const bounds: Screen = detail === 'wide' ? {} : screen;
  const say = (lines: readonly Line[]) => out.write(out.sink.lines(lines, out.coloured));
  const sample: NamespaceStatus[] = [];
  let widths: Widths | undefined;
  const cells = (found: NamespaceStatus) => statusCells(out.sink.clean(found), secretName, nowMs, detail);
  const line = (found: NamespaceStatus, fitted: Widths) => say([rowLine(statusColumns, cells(found), fitted, bounds)]);

  const begin = async (): Promise<Widths> => {
    const fitted = columnWidths(statusColumns, sample.map(cells), bounds);
    if (sample.length > 0) await say([titleLine(statusColumns, fitted, bounds)]);
    for (const found of sample.splice(0)) await line(found, fitted);
    return fitted;
  };

  return {
    async row(found) {
      if (widths !== undefined) return line(found, widths);
      sample.push(found);
      if (sample.length === sampleRows) widths = await begin();
    },
    async end(counts, failure) {
      if (failure !== undefined && widths === undefined && sample.length === 0) return;
      widths ??= await begin();
      const cut = failure === undefined ? '' : ' (as far as the lists were read)';
      const closing = [`${countsLine(counts)}${cut}`, ...remedyLines(counts)];
      await say(closing.flatMap((text) => wrappedLines(text, screen)));
    },
  };
}

/** One JSON document, written as the namespaces come: a line for each. */
export function jsonView(
  { secretName, labelName, labelValue }: Shown,
  nowMs: number,
  { sink, write }: Out,
): StatusView {
  const head = { secretName, label: `${labelName}=${labelValue}`, observedAt: timestamp(nowMs) };
  const document = jsonRows(sink, head, 'namespaces');
  return {
    row: (found) => write(document.row(statusDocument(found, secretName, nowMs))),
    end(counts, failure) {
      const told = failure === undefined ? {} : { failure };
      const exitCode = failure === undefined ? exitCodeOfCounts(counts) : exitCodeOf(failure.code);
      return write(document.end({ counts, complete: failure === undefined, exitCode, ...told }));
    },
  };
}

/** The namespaces that need somebody first: by gravity, then by what is left to them. */
export type MostUrgent = { add(found: NamespaceStatus): void; found(): readonly NamespaceStatus[]; omitted(): number };

/** Keeps no more than `most`. */
export function mostUrgent(most: number): MostUrgent {
  const kept: NamespaceStatus[] = [];
  let omitted = 0;
  return {
    add(found) {
      const at = kept.findIndex((other) => isMoreUrgent(found, other));
      kept.splice(at === -1 ? kept.length : at, 0, found);
      if (kept.length <= most) return;
      kept.pop();
      omitted += 1;
    },
    found: () => kept,
    omitted: () => omitted,
  };
}

function isMoreUrgent(one: NamespaceStatus, other: NamespaceStatus): boolean {
  const gravity = statusCodes.indexOf(one.code) - statusCodes.indexOf(other.code);
  if (gravity !== 0) return gravity < 0;
  return leftMs(one) < leftMs(other);
}

function leftMs({ secret }: NamespaceStatus): number {
  return secret?.expiresAtMs ?? 0;
}

/** The table of the most urgent, and how many there are beside. */
export function urgentLines(
  urgent: MostUrgent,
  { secretName, output }: Shown,
  nowMs: number,
  screen: Screen,
  sink: Sink,
): Line[] {
  const detail: Detail = output === 'wide' ? 'wide' : 'short';
  const rows = urgent.found().map((found) => statusCells(sink.clean(found), secretName, nowMs, detail));
  const widths = columnWidths(statusColumns, rows, screen);
  const more = urgent.omitted() === 0 ? [] : [`and ${urgent.omitted()} more that are no more urgent`];
  return [
    titleLine(statusColumns, widths, screen),
    ...rows.map((cells) => rowLine(statusColumns, cells, widths, screen)),
    ...more,
  ];
}

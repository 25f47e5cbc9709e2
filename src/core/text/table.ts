import type { Colour, Line } from './sink.ts';

/** What lines are written to. */
export type Screen = {
  /** Absent: lines may be as long as they are. */
  columns?: number;
  rows?: number;
};

export type Column = {
  title: string;
  /** Never narrower, and wide enough for what usually stands there. */
  least: number;
  /** Where a screen is too narrow, columns with a lower number shrink first; absent: it does not. */
  shrinks?: number;
  /** Where shrinking is not enough, columns with a lower number are left out first; absent: it stays. */
  yields?: number;
  /** Which end of a text too long is cut off; the right one where absent. */
  cut?: 'left';
};

export type Cell = { text: string; colour?: Colour };

/** The width of each column; 0 where it is left out. */
export type Widths = readonly number[];

const gap = 2;

/**
 * Widths for these columns, wide enough for the sample if the screen bears it. Columns that may be dropped without loss
 * have `yields: 0` and go before any shrinks.
 */
export function columnWidths(columns: readonly Column[], sample: readonly (readonly Cell[])[], screen: Screen): Widths {
  const widths = columns.map(({ title, least }, index) =>
    Math.max(title.length, least, ...sample.map((cells) => cells[index]?.text.length ?? 0)),
  );
  const most = screen.columns ?? Number.POSITIVE_INFINITY;
  yieldColumns(columns, widths, most, ({ yields }) => yields === 0);
  for (const index of ordered(columns, ({ shrinks }) => shrinks)) {
    const column = columns[index];
    const width = widths[index] ?? 0;
    if (column === undefined || width === 0) continue;
    widths[index] = Math.max(column.least, column.title.length, width - Math.max(0, total(widths) - most));
  }
  yieldColumns(columns, widths, most, () => true);
  return widths;
}

function yieldColumns(
  columns: readonly Column[],
  widths: number[],
  most: number,
  which: (column: Column) => boolean,
): void {
  for (const index of ordered(columns, ({ yields }) => yields)) {
    const column = columns[index];
    if (total(widths) > most && column !== undefined && which(column)) widths[index] = 0;
  }
}

function ordered(columns: readonly Column[], rank: (column: Column) => number | undefined): number[] {
  const ranked = columns.flatMap((column, index) => {
    const at = rank(column);
    return at === undefined ? [] : [{ at, index }];
  });
  return ranked.sort((a, b) => a.at - b.at).map(({ index }) => index);
}

function total(widths: Widths): number {
  const shown = widths.filter((width) => width > 0);
  return shown.reduce((sum, width) => sum + width, 0) + gap * Math.max(0, shown.length - 1);
}

/** The titles as a line. */
export function titleLine(columns: readonly Column[], widths: Widths, screen: Screen): Line {
  const titles = columns.map(({ title }) => ({ text: title, colour: 'grey' as const }));
  return rowLine(columns, titles, widths, screen);
}

/** A row as a line: no longer than the screen is wide, where that is known, and without space at its end. */
export function rowLine(columns: readonly Column[], cells: readonly Cell[], widths: Widths, screen: Screen): Line {
  const bounded = screen.columns !== undefined;
  const shown = cells.flatMap((cell, index) => {
    const width = widths[index] ?? 0;
    const text = bounded ? cutTo(cell.text, width, columns[index]?.cut) : cell.text;
    return width === 0 ? [] : [{ text, colour: cell.colour, width }];
  });
  const last = shown.findLastIndex(({ text }) => text !== '');
  let left = screen.columns ?? Number.POSITIVE_INFINITY;
  return shown.slice(0, last + 1).flatMap(({ text, colour, width }, index) => {
    const padding = index === last ? '' : ' '.repeat(Math.max(0, width - text.length) + gap);
    const fits = cutTo(text, left);
    left -= fits.length + padding.length;
    return [{ text: fits, colour }, left > 0 ? padding : ''];
  });
}

function cutTo(text: string, width: number, side?: 'left'): string {
  if (text.length <= width) return text;
  if (width < 2) return text.slice(0, Math.max(0, width));
  return side === 'left' ? `…${text.slice(text.length - width + 1)}` : `${text.slice(0, width - 1)}…`;
}

/** A text in lines no longer than the screen is wide; what follows the first one is set in. */
export function wrappedLines(text: string, { columns }: Screen): string[] {
  if (columns === undefined) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const next = line === '' ? word : `${line} ${word}`;
    if (next.length <= columns || line.trim() === '') line = next;
    else {
      lines.push(line);
      line = `  ${word}`;
    }
  }
  return [...lines, line];
}

/** A text of others as a cell shows it: one column a character, and nothing that moves a cursor. */
export function plainText(text: string): string {
  return text.replaceAll(/[^\u0020-\u007E]/g, '?');
}

const units = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
] as const;

/** A length of time in its two largest units, as kubectl writes ages: `11h59m`, `45m`, `0s`. */
export function shortDuration(lengthMs: number): string {
  let rest = Math.floor(Math.abs(lengthMs) / 1000);
  const first = units.findIndex(([, size]) => rest >= size);
  if (first === -1) return '0s';
  const parts = units.slice(first, first + 2).map(([unit, size]) => {
    const amount = Math.floor(rest / size);
    rest -= amount * size;
    return amount === 0 ? '' : `${amount}${unit}`;
  });
  return parts.join('');
}

/** A bar of so many cells, full at 1 and empty at 0. */
export function bar(share: number, cells: number): string {
  const full = Math.min(cells, Math.max(0, Math.ceil(share * cells)));
  return '='.repeat(full) + '.'.repeat(cells - full);
}

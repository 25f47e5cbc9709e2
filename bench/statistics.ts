/** What rounds came to: the middle, and the least and the most. */
export type Spread = { median: number; low: number; high: number };

/** What a part measured, for people and for machines. */
export type Part = { markdown: string; figures: Figures };
export type Figures = { [name: string]: Spread | number | string | Figures };

export function spread(values: readonly number[]): Spread {
  return { median: median(values), low: Math.min(...values), high: Math.max(...values) };
}

/** Each value against the one that was measured beside it: what the machine did meanwhile met both. */
export function ratios(values: readonly number[], floors: readonly number[]): Spread {
  return spread(values.map((value, round) => value / (floors[round] ?? Number.NaN)));
}

/** The middle of the values; of an even number, the lower one of the two. */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** The value that `percent` of the values do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const index = Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1);
  return sorted[index] ?? Number.NaN;
}

/** `3.10× (2.98–3.40)`. */
export function times({ median, low, high }: Spread): string {
  return `${median.toFixed(2)}× (${low.toFixed(2)}–${high.toFixed(2)})`;
}

export function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MiB`;
}

export function milliseconds(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

/** A Markdown table; the first row is its head. */
export function table(rows: readonly (readonly string[])[]): string {
  const [head = [], ...rest] = rows;
  return [head, head.map(() => '---'), ...rest].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

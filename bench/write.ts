import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Figures } from './statistics.ts';

const docs = join(import.meta.dirname, '../docs');
const file = join(docs, 'performance.md');

/** Puts a part's figures into docs/performance.md, between its two marks. @throws Error where the marks are missing. */
export async function writeFigures(part: string, markdown: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  const [begin, end] = [`<!-- ${part} -->\n`, `<!-- /${part} -->`];
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from === -1 || to < from) throw new Error(`docs/performance.md has no ${begin.trim()} … ${end}`);
  await writeFile(file, `${text.slice(0, from + begin.length)}\n${markdown}\n\n${text.slice(to)}`);
}

/** Puts a part's figures, as JSON, beside docs/performance.md, and leaves the other parts' as they are. */
export async function writeJson(part: string, machine: Figures, figures: Figures): Promise<void> {
  const path = join(docs, 'performance.json');
  const before: Record<string, unknown> = JSON.parse(await readFile(path, 'utf8').catch(() => '{}'));
  await writeFile(path, `${JSON.stringify({ ...before, [part]: { machine, ...rounded(figures) } }, undefined, 2)}\n`);
}

/** Nobody reads more than three digits behind the point. */
function rounded(figures: Figures): Figures {
  const round = (value: Figures[string]): Figures[string] => {
    if (typeof value === 'number') return Number(value.toFixed(3));
    if (typeof value === 'string') return value;
    return rounded(value);
  };
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, round(value)]));
}

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const file = join(import.meta.dirname, '../docs/performance.md');

/** Puts a part's figures into docs/performance.md, between its two marks. @throws Error where the marks are missing. */
export async function writeFigures(part: string, markdown: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  const [begin, end] = [`<!-- ${part} -->\n`, `<!-- /${part} -->`];
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from === -1 || to < from) throw new Error(`docs/performance.md has no ${begin.trim()} … ${end}`);
  await writeFile(file, `${text.slice(0, from + begin.length)}\n${markdown}\n\n${text.slice(to)}`);
}

import { globSync, readFileSync, statSync } from 'node:fs';

const root = new URL('../', import.meta.url);

/** What people read here, by its path. */
const pages = globSync(['*.md', '.github/**/*.md', 'docs/**/*.md', 'emulators/**/*.md'], { cwd: root.pathname });

/** The links in all pages that lead to no file, or to no heading of one, as `page: link`. Addresses on the internet are not asked. */
export function brokenLinks(): string[] {
  return pages.flatMap((path) =>
    linksOf(readFileSync(new URL(path, root), 'utf8'))
      .filter((link) => !leadsSomewhere(path, link))
      .map((link) => `${path}: ${link}`),
  );
}

/** Links to what is not on the internet, in Markdown. */
export function linksOf(page: string): string[] {
  return [...page.matchAll(/\]\(((?!https?:)[^)\s]+)\)/g)].map(([, link = '']) => link);
}

function leadsSomewhere(path: string, link: string): boolean {
  const [file = '', anchor] = link.split('#');
  const page = new URL(path, root);
  const at = file === '' ? page : new URL(file, page);
  const found = statSync(at, { throwIfNoEntry: false });
  if (found === undefined || anchor === undefined) return found !== undefined;
  return found.isFile() && anchorsOf(readFileSync(at, 'utf8')).includes(anchor);
}

/** As GitHub makes them of headings. */
function anchorsOf(page: string): string[] {
  return [...page.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

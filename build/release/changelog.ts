/**
 * What CHANGELOG.md says of a version, without its heading.
 * @returns undefined where it says nothing of it, or that it is not released.
 */
export function changesOf(changelog: string, version: string): string | undefined {
  const sections = changelog.split(/^## /m).slice(1);
  const found = sections.find((section) => section.startsWith(`${version} `));
  if (found === undefined) return undefined;
  const [heading = '', ...lines] = found.split('\n');
  return /^\S+ \(\d{4}-\d\d-\d\d\)$/.test(heading) ? `${lines.join('\n').trim()}\n` : undefined;
}

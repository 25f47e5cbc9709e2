/**
 * What CHANGELOG.md says of a version, without its heading.
 * @returns undefined where it says nothing of it, or that it is not released.
 */
export function changesOf(changelog: string, version: string): string | undefined {
  const [heading = '', ...lines] = sectionOf(changelog, version)?.split('\n') ?? [];
  return /^\S+ \(\d{4}-\d\d-\d\d\)$/.test(heading) ? `${lines.join('\n').trim()}\n` : undefined;
}

/** The changes of a version one by one, released or not, each with its kind: `added`, `changed`, `removed`, `fixed`. */
export function entriesOf(changelog: string, version: string): { kind: string; description: string }[] {
  const parts = (sectionOf(changelog, version) ?? '').split(/^### /m).slice(1);
  return parts.flatMap((part) => {
    const [title = '', ...lines] = part.split('\n');
    const items = lines.join('\n').split(/^- /m).slice(1);
    return items.map((item) => ({ kind: title.toLowerCase(), description: item.trim().replaceAll(/\s+/g, ' ') }));
  });
}

function sectionOf(changelog: string, version: string): string | undefined {
  const sections = changelog.split(/^## /m).slice(1);
  return sections.find((section) => section.startsWith(`${version} `));
}

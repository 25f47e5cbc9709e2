/** A section's settings by name; those of a subsection as `ecr.endpoint_url`. */
export type Section = Readonly<Record<string, string>>;

/**
 * Reads an AWS configuration or credentials file as the AWS SDK does (`parseIni` of `@smithy/core`). The SDK's own cannot be
 * had without the SDK, which costs many times what a start does; a test holds this one to it.
 * @returns sections by the SDK's names for them: `default`, `profile.dev`, `sso-session.corp`, `services.local`.
 */
export function parseIni(text: string): ReadonlyMap<string, Section> {
  const sections = new Map<string, Record<string, string>>();
  let section: string | undefined;
  let subsection: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    const trimmed = (line.split(/(?:^|\s)[;#]/)[0] ?? '').trim();
    if (trimmed.startsWith('[') && trimmed.endsWith(']')) {
      section = sectionName(trimmed.slice(1, -1));
      subsection = undefined;
      continue;
    }
    const at = trimmed.indexOf('=');
    if (section === undefined || at < 1) continue;
    const [name, value] = [trimmed.slice(0, at).trim(), trimmed.slice(at + 1).trim()];
    if (value === '') {
      subsection = name;
      continue;
    }
    if (line.trimStart() === line) subsection = undefined;
    const settings = sections.get(section) ?? Object.create(null);
    settings[subsection === undefined ? name : `${subsection}.${name}`] = value;
    sections.set(section, settings);
  }
  return sections;
}

/** One that is no kind of section, with a name, is passed over with all that stands in it. */
function sectionName(text: string): string | undefined {
  const match = /^([\w-]+)\s(["'])?([\w\-@+.%:/]+)\2$/.exec(text);
  if (match === null) return text;
  const [, kind = '', , name = ''] = match;
  return ['profile', 'sso-session', 'services'].includes(kind) ? `${kind}.${name}` : undefined;
}

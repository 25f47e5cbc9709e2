const MOST_CHARACTERS = 4096;

/**
 * A text of others cut to about so many characters, between words alone: half of a credential is not known for what it is
 * when what leaves the program is redacted. Where there is no space it stays as long as anything may be.
 */
export function shortened(text: string, mostCharacters: number): string {
  if (text.length <= mostCharacters) return text;
  const end = text.lastIndexOf(' ', mostCharacters);
  return `${text.slice(0, end > 0 ? end : MOST_CHARACTERS)}…`;
}

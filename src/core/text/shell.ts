const plain = /^[\w@%+=:,./-]+$/;

/**
 * A word as a POSIX shell takes it whole: in single quotes, unless it needs none. For every name that nobody holds to a form: of
 * what is referred to, of owners, of roles.
 */
export function shellWord(text: string): string {
  return plainWord(text) ?? `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** A word that needs no quotes, in a shell or before what is to be typed; undefined for any other, which could be taken for a command. */
export function plainWord(text: string): string | undefined {
  return plain.test(text) ? text : undefined;
}
